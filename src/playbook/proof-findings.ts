// Rules over whole phases: nothing is changed without a question after it, and `rollback-phase` stands where it means something.
import type { Catalogue } from '../core/catalogue.js';
import type { ChangeImpact } from '../core/change.js';
import type { Json } from '../core/json.js';
import { type Finding, findingAt } from './finding.js';
import type { Step } from './language.js';
import type { Path, YamlText } from './yaml-text.js';

/** A phase as it was read: what it says of itself may still have the wrong shape, then these rules say nothing about it. */
export interface ReadPhase {
  readonly steps: readonly Step[];
  readonly commit: Json | undefined;
  readonly onFailure: Json | undefined;
  readonly isolation: Json | undefined;
}

type At = (path: Path, message: string, hint: string) => Finding;

export function proofFindings(
  document: YamlText,
  phases: readonly ReadPhase[],
  criteria: readonly Json[],
  catalogue: Catalogue,
): readonly Finding[] {
  const at: At = (path, message, hint) => findingAt(document.file, document.text, document.valueSpan(path), message, hint);
  return [...changeFindings(at, phases, catalogue), ...isolationFindings(at, phases, criteria)];
}

function changeFindings(at: At, phases: readonly ReadPhase[], catalogue: Catalogue): readonly Finding[] {
  const impactOf = (step: Step): ChangeImpact => ('change' in step ? (catalogue.changes.get(step.change)?.impact ?? 'none') : 'none');
  const findings: Finding[] = [];
  /** The last change that a user may notice and nothing asked about yet. */
  let unasked: Path | null = null;
  let uncommitted = false;
  for (const [index, { steps, commit, onFailure, isolation }] of phases.entries()) {
    const path = ['phases', index] as const;
    if (isolation === true && unasked !== null) findings.push(unproven(at, unasked));
    if (isolation === true) unasked = null;
    if (onFailure === 'rollback-phase') {
      if (!steps.some((step) => impactOf(step) !== 'none'))
        findings.push(at([...path, 'onFailure'], 'this phase has no change of its own to take back', 'use rollback'));
      else if (uncommitted)
        findings.push(
          at(
            [...path, 'onFailure'],
            'the changes of earlier phases would stay, not committed',
            'commit the earlier phase, or use rollback',
          ),
        );
    }
    for (const [position, step] of steps.entries()) {
      if (impactOf(step) === 'live') unasked = [...path, 'steps', position, 'change'];
      else if (!('change' in step)) unasked = null;
      uncommitted ||= impactOf(step) !== 'none';
    }
    if (commit === true && unasked !== null) findings.push(unproven(at, unasked));
    if (commit === true) [unasked, uncommitted] = [null, false];
  }
  if (unasked !== null) findings.push(unproven(at, unasked));
  return findings;
}

function isolationFindings(at: At, phases: readonly ReadPhase[], criteria: readonly Json[]): readonly Finding[] {
  const findings: Finding[] = [];
  const wants: Path[] = [
    ...phases.flatMap(({ onFailure }, index) => (onFailure === 'isolate' ? [['phases', index, 'onFailure']] : [])),
    ...criteria.flatMap((criterion, index) =>
      isObject(criterion) && criterion['then'] === 'isolate' ? [['criteria', index, 'then']] : [],
    ),
  ];
  const indexes = phases.flatMap(({ isolation }, index) => (isolation === true ? [index] : []));
  for (const index of indexes) {
    const path = ['phases', index] as const;
    const { steps, commit, onFailure } = phases[index] ?? { steps: [], commit: undefined, onFailure: undefined };
    if (index !== phases.length - 1)
      findings.push(at([...path, 'isolation'], 'only the last phase can be the isolation', 'move it to the end; there is at most one'));
    if (commit !== undefined) findings.push(at([...path, 'commit'], 'an isolation is not committed', 'remove the line'));
    if (onFailure !== undefined && onFailure !== 'rollback')
      findings.push(at([...path, 'onFailure'], 'an isolation that fails goes back', 'remove the line'));
    if (!steps.some((step) => 'change' in step))
      findings.push(at([...path, 'isolation'], 'an isolation without a change isolates nothing', 'add the change that does it'));
    if (wants.length === 0)
      findings.push(
        at([...path, 'isolation'], 'nothing orders this isolation', 'onFailure: isolate in a phase, or then: isolate in a criterion'),
      );
  }
  if (indexes.length === 0)
    for (const path of wants)
      findings.push(at(path, 'there is no isolation to do', 'add a last phase with isolation: true, or use rollback'));
  return findings;
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function unproven(at: At, path: Path): Finding {
  return at(path, 'nothing asks whether the router works after this change', 'add a check after it, before the phase that commits ends');
}
