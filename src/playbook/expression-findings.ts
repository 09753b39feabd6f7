// Looks every name of every expression up before anything runs: an unresolved name is an error with its line, not a surprise at night.
import type { Json } from '../core/json.js';
import { profileSpec } from '../core/profile.js';
import { targetSpec } from '../core/target.js';
import { ExpressionError, type Name, namesIn } from './expression.js';
import { type Finding, findingAt } from './finding.js';
import { isList } from './json-kinds.js';
import { artifactMembers, type InputSpec, type Step } from './language.js';
import { hintFor } from './nearest.js';
import { isTemplate, templateParts } from './template.js';
import type { Span } from './text-position.js';
import type { Path, YamlText } from './yaml-text.js';

export type Root = 'inputs' | 'steps' | 'profile' | 'target' | 'item' | 'observation' | 'gates';

/** What an expression at one place may name. */
export interface Names {
  readonly roots: readonly Root[];
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Steps that have ended when this one starts, by id; the members of a suite below its id. */
  readonly steps: ReadonlyMap<string, { readonly step: Step; readonly members: readonly string[] }>;
  /** Ids that exist but come later, so that the error can say so. */
  readonly later: ReadonlySet<string>;
  /** Filled in: inputs that some expression names. */
  readonly used: Set<string>;
}

const profileMembers = Object.keys(profileSpec.shape);
const targetMembers = ['name', ...Object.keys(targetSpec.shape)];
const checkMembers = ['verdict', 'observation'];

/** Findings of a bare expression: `when`, `abortIf`, a criterion. */
export function bareFindings(document: YamlText, path: Path, text: string, names: Names): readonly Finding[] {
  if (isTemplate(text)) {
    const at = text.indexOf('${{');
    return [pointed(document, path, text, at, 3, '${{ }} is not needed here', 'write the expression alone')];
  }
  return expressionFindings(document, path, text, text, 0, names);
}

/** Findings of every template inside a value: `with`, `on`, `forEach`. */
export function templateFindings(document: YamlText, path: Path, value: Json, names: Names): readonly Finding[] {
  if (typeof value === 'string') return isTemplate(value) ? textFindings(document, path, value, names) : [];
  if (value === null || typeof value !== 'object') return [];
  if (isList(value)) return value.flatMap((item, index) => templateFindings(document, [...path, index], item, names));
  return Object.entries(value).flatMap(([key, member]) => templateFindings(document, [...path, key], member, names));
}

function textFindings(document: YamlText, path: Path, text: string, names: Names): readonly Finding[] {
  try {
    return templateParts(text).flatMap((part) =>
      'text' in part ? [] : expressionFindings(document, path, text, part.expression, part.offset, names),
    );
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [pointed(document, path, text, error.offset, 3, error.message, error.hint)];
  }
}

function expressionFindings(
  document: YamlText,
  path: Path,
  whole: string,
  expression: string,
  offset: number,
  names: Names,
): readonly Finding[] {
  try {
    return namesIn(expression).flatMap((name) => {
      const problem = nameProblem(name, names);
      return problem === null
        ? []
        : [pointed(document, path, whole, offset + problem.start, problem.length, problem.message, problem.hint)];
    });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [pointed(document, path, whole, offset + error.offset, 1, `expression: ${error.message}`, error.hint)];
  }
}

interface Problem {
  readonly start: number;
  readonly length: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

function nameProblem(name: Name, names: Names): Problem | null {
  const [root = '', member] = name.segments;
  if (!(names.roots as readonly string[]).includes(root)) {
    return problemAt(name, 0, `the name ${root} is not known here`, hintFor(root, names.roots));
  }
  if (root === 'item' || root === 'observation' || root === 'gates') return null;
  if (member === undefined) return problemAt(name, 0, `${root} alone is not a value`, `name a member: ${root}.<name>`);
  if (root === 'inputs') return inputProblem(name, member, names);
  if (root === 'steps') return stepProblem(name, member, names);
  const known = root === 'profile' ? profileMembers : targetMembers;
  return known.includes(member) ? null : problemAt(name, 1, `${root}.${member} does not exist`, hintFor(member, known));
}

function inputProblem(name: Name, member: string, names: Names): Problem | null {
  const spec = names.inputs[member];
  if (spec === undefined) return problemAt(name, 1, `the input ${member} is not declared`, hintFor(member, Object.keys(names.inputs)));
  names.used.add(member);
  const third = name.segments[2];
  if (third === undefined) return null;
  if (spec.type !== 'artifact') return problemAt(name, 2, `the input ${member} is a ${spec.type} and has no members`);
  return (artifactMembers as readonly string[]).includes(third)
    ? null
    : problemAt(name, 2, `an artifact has no ${third}`, hintFor(third, artifactMembers));
}

function stepProblem(name: Name, id: string, names: Names): Problem | null {
  const known = names.steps.get(id);
  if (known === undefined) {
    if (names.later.has(id))
      return problemAt(name, 1, `the step ${id} has not ended when this is evaluated`, 'name only steps that come before');
    return problemAt(name, 1, `there is no step ${id}`, hintFor(id, [...names.steps.keys()]));
  }
  const member = name.segments[2];
  if ('suite' in known.step) {
    if (member === undefined) return problemAt(name, 1, `${id} is a suite; name one of its steps`, hintFor('', known.members));
    if (!known.members.includes(member))
      return problemAt(name, 2, `the suite of ${id} has no step ${member}`, hintFor(member, known.members));
    return null;
  }
  if (member === undefined || known.step.forEach !== undefined || !('check' in known.step)) return null;
  return checkMembers.includes(member)
    ? null
    : problemAt(name, 2, `a check leaves ${checkMembers.join(' and ')}, not ${member}`, hintFor(member, checkMembers));
}

function problemAt(name: Name, segment: number, message: string, hint?: string): Problem {
  const end = name.ends[segment] ?? name.start;
  const word = name.segments[segment] ?? '';
  const start = segment === 0 ? name.start : Math.max(name.start, end - word.length);
  return { start, length: Math.max(1, end - start), message, hint };
}

/** A finding inside a text value; the exact column when the text stands in the file as it is, else where the value begins. */
export function pointed(
  document: YamlText,
  path: Path,
  text: string,
  offset: number,
  length: number,
  message: string,
  hint?: string,
): Finding {
  return findingAt(document.file, document.text, spanInside(document, path, text, offset, length), message, hint);
}

function spanInside(document: YamlText, path: Path, text: string, offset: number, length: number): Span {
  const span = document.valueSpan(path);
  const source = document.text.source;
  const quoted = source[span.start] === '"' || source[span.start] === "'" ? 1 : 0;
  const start = span.start + quoted;
  if (!source.startsWith(text.slice(0, offset + length), start)) return span;
  return { start: start + offset, end: start + offset + length };
}
