// Nothing secret leaves: one object knows the secrets of this process and the shapes of secrets in general, and every sink asks it.

import type { Json } from './json.js';
import { isSecretMember, secretMembers } from './secret-keys.js';
import { contextRanges, type SecretRange, secretShapes } from './secret-patterns.js';
import { secretVariants, shortestSecret } from './secret-variants.js';
import { createTextSearch, type TextHit } from './text-search.js';
import { addedByBreaks, unwrappedBase64 } from './wrapped-base64.js';

export interface Redactor {
  /** Registers a value that must never leave; every line of a multi-line value apart, short ones refused with a warning. */
  register(value: string, label: string): void;
  /** The text with every registered value (in its usual encodings) and every secret-shaped pattern replaced. */
  mask(text: string): string;
  /** Labels of registered values or pattern names that the text holds; empty means clean. */
  scan(text: string): readonly string[];
  /** Every stretch that `mask` would replace, merged and in order: more than `scan` names, since where a text stands counts too. */
  ranges(text: string): readonly SecretRange[];
}

/** What the masker itself offers besides: needed by streams and by the report. */
export interface Masker extends Redactor {
  /** Length of the longest registered spelling, line breaks in it included; 0 when nothing is registered. */
  longest(): number;
  /** How often each rule has replaced something so far. */
  counts(): Readonly<Record<string, number>>;
}

export function createRedactor(options: { readonly onWarning?: (message: string) => void } = {}): Masker {
  const known = new Map<string, string>();
  const counted: Record<string, number> = {};
  let search: ((text: string) => readonly TextHit[]) | null = null;
  let needles: readonly string[] = [];

  const knownRanges = (text: string): SecretRange[] => {
    if (search === null) {
      needles = [...known.keys()];
      search = createTextSearch(needles);
    }
    const find = search;
    const inLines = unwrappedBase64(text).flatMap((whole) =>
      find(whole.text).map((hit) => ({ ...hit, start: whole.place(hit.start), end: whole.place(hit.end - 1) + 1 })),
    );
    return [...find(text), ...inLines].map(({ start, end, which }) => ({ start, end, rule: known.get(needles[which] ?? '') ?? 'secret' }));
  };
  const ranges = (text: string): readonly SecretRange[] =>
    merged([...knownRanges(text), ...secretShapes(text), ...secretMembers(text), ...contextRanges(text)]);

  return {
    register(value, label) {
      if (value.trim() === '') return;
      if (value.trim().length < shortestSecret) {
        options.onWarning?.(`${label} has fewer than ${shortestSecret} characters and cannot be masked safely; use a longer secret`);
        return;
      }
      const name = label.replace(/[^\w.:/-]/g, '_').slice(0, 60);
      for (const variant of secretVariants(value)) if (!known.has(variant)) known.set(variant, name);
      search = null;
    },
    mask(text) {
      const found = ranges(text);
      if (found.length === 0) return text;
      for (const { rule } of found) counted[rule] = (counted[rule] ?? 0) + 1;
      return replaced(text, found);
    },
    scan: (text) => [...new Set([...knownRanges(text), ...secretShapes(text)].map(({ rule }) => rule))],
    ranges,
    longest: () => Math.max(0, ...[...known.keys()].map(({ length }) => length + addedByBreaks(length))),
    counts: () => ({ ...counted }),
  };
}

/** Masks every text of a document, and the whole value under a name that promises a secret. Keys, numbers and shape stay. */
export function maskJson(value: Json, redactor: Redactor, name = ''): Json {
  if (typeof value === 'string') return isSecretMember(name, value) ? '***secret-name***' : redactor.mask(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => maskJson(item, redactor, name));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskJson(item, redactor, key)]));
}

/**
 * By which rules `maskJson` would change the document. A digest under the name of a secret is let pass: what an undo compares
 * with is the fingerprint of a value, under the value's own name.
 */
export function secretsInJson(value: Json, redactor: Redactor, name = ''): readonly string[] {
  if (value === null || typeof value !== 'object') {
    if (typeof value !== 'string') return [];
    return isSecretMember(name, value) && !digest.test(value) ? ['secret-name'] : rulesOf(value, redactor);
  }
  const found = isList(value)
    ? value.flatMap((item) => secretsInJson(item, redactor, name))
    : Object.entries(value).flatMap(([key, item]) => [...rulesOf(key, redactor), ...secretsInJson(item, redactor, key)]);
  return [...new Set(found)];
}

const digest = /^[0-9a-f]{64}$/;
const rulesOf = (text: string, redactor: Redactor): readonly string[] => redactor.ranges(text).map(({ rule }) => rule);
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function merged(ranges: SecretRange[]): readonly SecretRange[] {
  if (ranges.length < 2) return ranges;
  ranges.sort((a, b) => a.start - b.start || b.end - a.end);
  const result: SecretRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last === undefined || range.start >= last.end) result.push(range);
    else if (range.end > last.end) result[result.length - 1] = { start: last.start, end: range.end, rule: last.rule };
  }
  return result;
}

export function replaced(text: string, ranges: readonly SecretRange[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, rule, instead } of ranges) {
    parts.push(text.slice(at, start), instead ?? `***${rule}***`);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
