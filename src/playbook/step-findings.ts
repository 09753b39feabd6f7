// One step as written: which of check, change or suite it is, whether the kind exists, and whether `with` fits that kind.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import type { z } from '../core/zod.js';
import { type Finding, findingAt } from './finding.js';
import { changeStep, checkStep, type Step, suiteStep } from './language.js';
import { hintFor } from './nearest.js';
import { shapeFindings, valueAt } from './shape-findings.js';
import { isTemplate } from './template.js';
import type { Path, YamlText } from './yaml-text.js';

const stepKinds = ['check', 'change', 'suite'] as const;
export type StepKind = (typeof stepKinds)[number];

export interface StepRead {
  /** null when the step is too broken to be looked at further. */
  readonly step: Step | null;
  readonly findings: readonly Finding[];
}

export function readStep(
  document: YamlText,
  path: Path,
  allowed: readonly StepKind[],
  catalogue: Catalogue,
  suites: readonly string[],
): StepRead {
  const value = valueAt(document.value, path);
  const broken = (at: Path, message: string, hint?: string): StepRead => ({
    step: null,
    findings: [findingAt(document.file, document.text, document.keySpan(at), message, hint)],
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return broken(path, 'a step is a mapping', 'for example { id: ready, check: ready, on: router }');
  const members = value as Readonly<Record<string, Json>>;
  const chosen = stepKinds.filter((kind) => kind in members);
  const [kind, second] = chosen;
  if (kind === undefined) {
    const typo = shapeFindings(document, path, value, checkStep).filter((finding) => finding.message.startsWith('unknown key'));
    return { step: null, findings: [...broken(path, 'a step needs one of check, change or suite').findings, ...typo] };
  }
  if (second !== undefined) return broken([...path, second], `a step is one thing: it has ${chosen.join(' and ')}`, 'write two steps');
  if (!allowed.includes(kind)) return broken([...path, kind], `a ${kind} cannot stand here`, `only ${allowed.join(', ')}`);
  const schema: z.ZodType<Step> = { check: checkStep, change: changeStep, suite: suiteStep }[kind];
  const findings = [...shapeFindings(document, path, value, schema), ...kindFindings(document, path, kind, members, catalogue, suites)];
  return { step: readable(members, schema), findings };
}

/** The step without the members that are wrong, so that its id and its expressions are still looked at. */
function readable(members: Readonly<Record<string, Json>>, schema: z.ZodType<Step>): Step | null {
  const parsed = schema.safeParse(members);
  if (parsed.success) return parsed.data;
  const wrong = new Set(
    parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [String(issue.path[0])],
    ),
  );
  const rest = Object.fromEntries(Object.entries(members).filter(([key]) => !wrong.has(key)));
  return schema.safeParse(rest).data ?? null;
}

function kindFindings(
  document: YamlText,
  path: Path,
  kind: StepKind,
  members: Readonly<Record<string, Json>>,
  catalogue: Catalogue,
  suites: readonly string[],
): readonly Finding[] {
  const word = members[kind];
  if (typeof word !== 'string') return [];
  const known = kind === 'suite' ? suites : [...(kind === 'check' ? catalogue.checks : catalogue.changes).keys()];
  if (!known.includes(word)) {
    const other = kind === 'check' ? catalogue.changes : catalogue.checks;
    const hint = kind !== 'suite' && other.has(word) ? `${word} is a ${kind === 'check' ? 'change' : 'check'}` : hintFor(word, known);
    return [findingAt(document.file, document.text, document.valueSpan([...path, kind]), `there is no ${kind} ${word}`, hint)];
  }
  if (kind === 'suite') return [];
  const definition = kind === 'check' ? catalogue.checks.get(word) : catalogue.changes.get(word);
  return definition === undefined ? [] : withFindings(document, path, members['with'], definition.spec);
}

/** `with` against the kind's own spec. A value that is still a template is trusted until the plan is bound. */
function withFindings(document: YamlText, path: Path, value: Json | undefined, spec: z.ZodType): readonly Finding[] {
  const base = [...path, 'with'];
  const templated = templatePaths(value ?? {}, []);
  const covers = (outer: Path, inner: Path): boolean => outer.length <= inner.length && outer.every((part, index) => part === inner[index]);
  const ignore = (at: Path): boolean => templated.some((one) => covers(at.slice(base.length), one) || covers(one, at.slice(base.length)));
  return shapeFindings(document, base, value ?? {}, spec, (at) => ignore(at));
}

function templatePaths(value: Json, path: Path): readonly Path[] {
  if (typeof value === 'string') return isTemplate(value) ? [path] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) =>
    templatePaths(member as Json, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
