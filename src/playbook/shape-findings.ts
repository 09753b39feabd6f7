// Turns what zod says about a value into findings that point at the line and speak the language of the person who wrote it.
import type { Json } from '../core/json.js';
import { z } from '../core/zod.js';
import { type Finding, findingAt } from './finding.js';
import { hintFor } from './nearest.js';
import type { Path, YamlText } from './yaml-text.js';

type Issue = z.core.$ZodIssue;

/** The findings of a value at `path` of the document against a schema; `ignore` drops issues about parts that are not known yet. */
export function shapeFindings(
  document: YamlText,
  path: Path,
  value: Json | undefined,
  schema: z.ZodType,
  ignore: (path: Path) => boolean = () => false,
): readonly Finding[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) => issueFindings(document, path, value, schema, issue, ignore));
}

function issueFindings(
  document: YamlText,
  base: Path,
  root: Json | undefined,
  schema: z.ZodType,
  issue: Issue,
  ignore: (path: Path) => boolean,
): readonly Finding[] {
  const inner = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  const path = [...base, ...inner];
  const at = valueAt(root, inner);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, inner, root);
    const taken = typeof at === 'object' && at !== null ? Object.keys(at) : [];
    return issue.keys
      .filter((key) => key !== '$late')
      .map((key) =>
        findingAt(
          document.file,
          document.text,
          document.keySpan([...path, key]),
          `unknown key ${JSON.stringify(key)}`,
          hintFor(
            key,
            known.filter((word) => !taken.includes(word)),
          ),
        ),
      );
  }
  if (ignore(path)) return [];
  if (issue.code === 'invalid_union') {
    const branches = issue.errors;
    const [first] = branches.filter((branch) => branch.length > 0).sort((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0));
    if (first?.[0] !== undefined && first[0].path.length > 0) {
      return first.flatMap((nested) =>
        issueFindings(document, base, root, schema, { ...nested, path: [...issue.path, ...nested.path] }, ignore),
      );
    }
  }
  const missing = at === undefined && path.length > 0;
  const span = missing || issue.code === 'invalid_key' ? document.keySpan(path) : document.valueSpan(path);
  const { message, hint } = wordsFor(issue, at, inner, schema);
  return [findingAt(document.file, document.text, span, message, hint)];
}

interface Words {
  readonly message: string;
  readonly hint?: string | undefined;
}

function wordsFor(issue: Issue, at: Json | undefined, inner: Path, schema: z.ZodType): Words {
  const name = lastName(inner);
  if (at === undefined && inner.length > 0) return { message: `${name} is missing`, hint: expectation(issue) };
  switch (issue.code) {
    case 'invalid_type':
      return { message: `${name} must be ${kindWord(issue.expected)}, not ${describe(at)}` };
    case 'invalid_value': {
      const values = issue.values.map(String);
      if (customMessage(issue)) return { message: issue.message };
      return { message: `${name} cannot be ${describe(at)}`, hint: hintFor(String(at), values) };
    }
    case 'invalid_union': {
      const options = discriminatorValues(schema, inner, issue);
      return { message: `${name} cannot be ${describe(at)}`, hint: options.length > 0 ? hintFor(String(at), options) : undefined };
    }
    case 'invalid_key':
      return { message: issue.issues[0]?.message ?? `${name} is not a possible name` };
    case 'too_small':
    case 'too_big':
      return { message: customMessage(issue) ? issue.message : sizeWords(name, issue, at) };
    case 'invalid_format':
    case 'custom':
      return { message: customMessage(issue) ? issue.message : `${name}: ${lower(issue.message)}` };
    default:
      return { message: `${name}: ${lower(issue.message)}` };
  }
}

function sizeWords(name: string, issue: Issue, at: Json | undefined): string {
  const limit = issue.code === 'too_small' ? String(issue.minimum) : issue.code === 'too_big' ? String(issue.maximum) : '';
  const bound = issue.code === 'too_small' ? 'at least' : 'at most';
  if (typeof at === 'number') return `${name} must be ${bound} ${limit}`;
  return limit === '1' && bound === 'at least'
    ? `${name} cannot be empty`
    : `${name} must have ${bound} ${limit} ${typeof at === 'string' ? 'characters' : 'entries'}`;
}

/** Our own messages begin with a small letter; the library's begin with a capital one. */
const customMessage = (issue: Issue): boolean => /^[a-z]/.test(issue.message);
const lower = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1);

function lastName(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  return typeof last === 'number' ? `${lastName(path.slice(0, -1))}[${last}]` : last;
}

function expectation(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type') return `${kindWord(issue.expected)} is needed here`;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  return customMessage(issue) ? issue.message : undefined;
}

function kindWord(kind: string): string {
  const words: Record<string, string> = {
    object: 'a mapping',
    record: 'a mapping',
    array: 'a list',
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
  };
  return words[kind] ?? kind;
}

export function describe(value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number') return `the number ${value}`;
  return typeof value === 'boolean' ? String(value) : JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
}

export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string | number, Json>)[part];
  }
  return at;
}

type Described = {
  readonly properties?: Record<string, Described>;
  readonly additionalProperties?: Described | boolean;
  readonly items?: Described | readonly Described[];
  readonly anyOf?: readonly Described[];
  readonly oneOf?: readonly Described[];
  readonly allOf?: readonly Described[];
  readonly $ref?: string;
  readonly const?: Json;
};

/** Keys that the schema knows at a path; of a choice by a constant member, those of the choice that was made. */
export function knownKeys(schema: z.ZodType, path: Path, root?: Json): readonly string[] {
  return [...new Set(schemasAt(schema, path, root).flatMap((one) => Object.keys(one.properties ?? {})))];
}

function schemasAt(schema: z.ZodType, path: Path, root: Json | undefined): readonly Described[] {
  let level = choices(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described, root);
  path.forEach((part, index) => {
    const at = valueAt(root, path.slice(0, index + 1));
    level = level.flatMap((one) => {
      const items = Array.isArray(one.items) ? undefined : (one.items as Described | undefined);
      const extra = typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined;
      const next = typeof part === 'number' ? items : (one.properties?.[part] ?? extra);
      return next === undefined ? [] : choices(next, at);
    });
  });
  return level;
}

function choices(schema: Described, value: Json | undefined): readonly Described[] {
  const options = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (options.length === 0) return [schema];
  const fitting = options.filter((option) => fits(option, value));
  return (fitting.length > 0 ? fitting : options).flatMap((option) => choices(option, value));
}

function fits(option: Described, value: Json | undefined): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = value as Readonly<Record<string, Json>>;
  const constants = Object.entries(option.properties ?? {}).filter(([, property]) => property.const !== undefined);
  return constants.length > 0 && constants.every(([key, property]) => property.const === members[key]);
}

function discriminatorValues(schema: z.ZodType, inner: Path, issue: Issue): readonly string[] {
  const member = inner.at(-1);
  if (issue.code !== 'invalid_union' || typeof member !== 'string') return [];
  return schemasAt(schema, inner.slice(0, -1), undefined).flatMap((one) => {
    const value = one.properties?.[member]?.const;
    return typeof value === 'string' ? [value] : [];
  });
}
