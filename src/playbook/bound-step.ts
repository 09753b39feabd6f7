// One check or change with everything known: defaults applied, durations in milliseconds, its subject found in the target,
// `with` held against the spec of its kind once more, now with real values.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import type { PlannedChange, PlannedCheck, Until } from '../core/plan.js';
import type { Target } from '../core/target.js';
import type { z } from '../core/zod.js';
import { type Finding, findingAt } from './finding.js';
import { type ChangeStep, type CheckStep, durationMs, type Step, type untilSpec } from './language.js';
import { shapeFindings } from './shape-findings.js';
import { stepReferences } from './steps-findings.js';
import { subjectName } from './subject-name.js';
import { hasLate, isLate } from './template.js';
import type { Path, YamlText } from './yaml-text.js';

export type BoundStep = PlannedCheck | Omit<PlannedChange, 'diff' | 'effects'>;

/** When a step says nothing else. */
export const stepDefaults = { timeoutMs: 60_000, consecutive: 1 } as const;

export interface StepPlace {
  readonly document: YamlText;
  readonly path: Path;
  /** The suite step that this one belongs to. */
  readonly suite: Step | null;
}

export interface StepParts {
  readonly id: string;
  readonly title: string | undefined;
  readonly when: string | undefined;
  readonly on: string | undefined;
  readonly with: Readonly<Record<string, Json>>;
  readonly needs: readonly string[];
  readonly after: readonly string[];
  /** Written ids as full ids. */
  references(ids: readonly string[]): readonly string[];
}

export interface StepBound {
  readonly step?: BoundStep;
  readonly findings: readonly Finding[];
  /** Why the step is not in the plan. */
  readonly leftOut?: string;
}

export function boundStep(
  step: CheckStep | ChangeStep,
  parts: StepParts,
  place: StepPlace,
  known: { readonly target: Target; readonly catalogue: Catalogue },
): StepBound {
  const definition = 'check' in step ? known.catalogue.checks.get(step.check) : known.catalogue.changes.get(step.change);
  if (definition === undefined) return { findings: [] };
  const { document, path } = place;
  const subject = subjectName(parts.on, definition.subject, known.target);
  if ('problem' in subject)
    return { findings: [findingAt(document.file, document.text, document.valueSpan([...path, 'on']), subject.problem, subject.hint)] };
  const named = 'check' in step ? boundReferences(parts) : { with: parts.with, after: [] };
  if ('leftOut' in named) return { findings: [], leftOut: named.leftOut };
  const findings = shapeFindings(document, [...path, 'with'], named.with, definition.spec, (at) =>
    isLateAt(named.with, at.slice(path.length + 1)),
  );
  if (findings.length > 0) return { findings };
  const base = {
    ...commonParts(step, parts, place),
    kind: definition.kind,
    on: subject.on,
    title: parts.title ?? definition.title,
    with: named.with,
    needs: [...new Set(parts.needs)],
    after: [...new Set([...parts.after, ...named.after])],
  };
  if ('check' in step && 'effects' in definition)
    return { findings, step: { type: 'check', ...base, ...checkParts(step), effects: definition.effects } };
  if ('role' in definition)
    return { findings, step: { type: 'change', ...base, role: definition.role, impact: definition.impact, reversal: definition.reversal } };
  return { findings };
}

function commonParts(
  step: Step,
  parts: StepParts,
  { suite }: StepPlace,
): Pick<PlannedCheck, 'id' | 'severity' | 'timeoutMs' | 'tags' | 'always' | 'when'> {
  const until = 'check' in step ? step.until : undefined;
  const timeout = step.timeout ?? suite?.timeout;
  const fallbackMs = Math.max(stepDefaults.timeoutMs, until === undefined ? 0 : durationMs(until.timeout));
  return {
    id: parts.id,
    severity: suite?.severity === 'warn' ? 'warn' : (step.severity ?? 'required'),
    timeoutMs: timeout === undefined ? fallbackMs : durationMs(timeout),
    tags: [...new Set([...(suite?.tags ?? []), ...(step.tags ?? [])])],
    always: step.always ?? suite?.always ?? false,
    ...(parts.when === undefined ? {} : { when: parts.when }),
  };
}

function checkParts(step: CheckStep): Pick<PlannedCheck, 'baseline' | 'until' | 'waive'> {
  const { until, waive } = step;
  return {
    baseline: step.baseline ?? false,
    ...(until === undefined ? {} : { until: boundUntil(until) }),
    ...(waive === undefined ? {} : { waive: { ...waive, expires: endOfDay(waive.expires) } }),
  };
}

/** A waiver ends with its day, everywhere at the same moment. */
const endOfDay = (date: string): string => `${date}T23:59:59.999Z`;

function boundUntil(until: z.infer<typeof untilSpec>): Until {
  const { interval, timeout, consecutive = stepDefaults.consecutive, backoff, abortIf } = until;
  return {
    intervalMs: durationMs(interval),
    timeoutMs: durationMs(timeout),
    consecutive,
    ...(backoff === undefined ? {} : { backoff }),
    ...(abortIf === undefined ? {} : { abortIf }),
  };
}

/** Step ids inside `with` in full; a step that asks about nothing but left-out steps is left out itself. */
function boundReferences(
  parts: StepParts,
): { readonly with: Readonly<Record<string, Json>>; readonly after: readonly string[] } | { readonly leftOut: string } {
  let given = parts.with;
  const after: string[] = [];
  for (const key of stepReferences) {
    const list = given[key];
    if (!Array.isArray(list)) continue;
    const ids = parts.references(list.filter((id) => typeof id === 'string'));
    if (ids.length === 0 && list.length > 0) return { leftOut: `every step in ${key} was left out` };
    given = { ...given, [key]: ids };
    after.push(...ids);
  }
  return { with: given, after };
}

/** Whether the path leads to, through or around a late value. */
function isLateAt(value: Json, path: Path): boolean {
  let at: Json | undefined = value;
  for (const part of path) {
    if (at !== undefined && isLate(at)) return true;
    at = typeof at === 'object' && at !== null ? (at as Readonly<Record<string | number, Json>>)[part] : undefined;
  }
  return at !== undefined && hasLate(at);
}
