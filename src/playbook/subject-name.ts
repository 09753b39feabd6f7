// `on: router` in YAML, bound to one element of a target: a component, a database or an upstream.
import type { Subject } from '../core/subject.js';
import type { Target } from '../core/target.js';
import { hintFor } from './nearest.js';

type Named = Exclude<Subject['kind'], 'none'>;
export type SubjectFound = { readonly on: string | null } | { readonly problem: string; readonly hint: string | undefined };

/** Nothing written means nothing at all where that is allowed, else the only component, else the only element that fits. */
export function subjectName(written: string | undefined, asked: readonly Subject['kind'][], target: Target): SubjectFound {
  const elements = (['component', 'database', 'upstream'] as const).flatMap((kind) =>
    namesOf(kind, target).map((name) => ({ kind, name })),
  );
  const fitting = elements.filter((element) => asked.includes(element.kind));
  const labels = fitting.map((element) => `${element.kind}:${element.name}`);
  if (written === undefined) {
    if (asked.includes('none')) return { on: null };
    const components = labels.filter((label) => label.startsWith('component:'));
    const [only, second] = components.length > 0 ? components : labels;
    if (only !== undefined && second === undefined) return { on: only };
    const problem =
      labels.length === 0 ? `the target ${target.name} has no ${asked.join(' or ')}` : 'on is missing, and the target has several that fit';
    return { problem, hint: labels.length === 0 ? undefined : `one of ${labels.join(', ')}` };
  }
  if (labels.includes(written)) return { on: written };
  const named = fitting.filter((element) => element.name === written);
  const [first, second] = named;
  if (first !== undefined && second === undefined) return { on: `${first.kind}:${first.name}` };
  if (second !== undefined)
    return {
      problem: `${written} names more than one thing`,
      hint: `write ${named.map((element) => `${element.kind}:${element.name}`).join(' or ')}`,
    };
  const wrongKind = elements.find((element) => element.name === written || `${element.kind}:${element.name}` === written);
  if (wrongKind !== undefined && asked.every((kind) => kind === 'none')) return { on: null };
  if (wrongKind !== undefined)
    return {
      problem: `${written} is the name of ${withArticle(wrongKind.kind)}; this asks about ${asked
        .filter((kind) => kind !== 'none')
        .map(withArticle)
        .join(' or ')}`,
      hint: labels.length > 0 ? `one of ${labels.join(', ')}` : undefined,
    };
  return {
    problem: `the target ${target.name} has no ${written}`,
    hint: hintFor(
      written,
      fitting.map((element) => element.name),
    ),
  };
}

function namesOf(kind: Named, target: Target): readonly string[] {
  const maps = { component: target.components, database: target.databases, upstream: target.upstreams };
  return Object.keys(maps[kind]);
}

const withArticle = (kind: string): string => `${kind === 'upstream' ? 'an' : 'a'} ${kind}`;
