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
}

export function proofFindings(document: YamlText, phases: readonly ReadPhase[], catalogue: Catalogue): readonly Finding[] {
  const at = (path: Path, message: string, hint: string): Finding =>
    findingAt(document.file, document.text, document.valueSpan(path), message, hint);
  const impactOf = (step: Step): ChangeImpact => ('change' in step ? (catalogue.changes.get(step.change)?.impact ?? 'none') : 'none');
  const findings: Finding[] = [];
  /** The last change that a user may notice and nothing asked about yet. */
  let unasked: Path | null = null;
  let uncommitted = false;
  for (const [index, { steps, commit, onFailure }] of phases.entries()) {
    const path = ['phases', index] as const;
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

function unproven(at: (path: Path, message: string, hint: string) => Finding, path: Path): Finding {
  return at(path, 'nothing asks whether the router works after this change', 'add a check after it, before the phase that commits ends');
}
