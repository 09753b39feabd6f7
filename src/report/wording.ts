// How figures and states are written, once for all renderers, so that the same fact reads the same in every file.
import type { Json } from '../core/json.js';
import type { TimelineEntry } from './report-document.js';

/** A mark besides the colour and the word: colour alone says nothing to many readers. */
export function markOf(status: TimelineEntry['status']): string {
  switch (status) {
    case 'pass':
    case 'done':
    case 'unchanged':
      return '✓';
    case 'fail':
    case 'failed':
    case 'conflict':
      return '✗';
    case 'warn':
    case 'waived':
      return '!';
    case 'inconclusive':
    case 'unfinished':
      return '?';
    case 'skip':
      return '-';
  }
}

/** `41 ms`, `2.4 s`, `8 min 12 s`. */
export function took(ms: number | null): string {
  if (ms === null) return '';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `02:31:02` of an RFC 3339 time in UTC. */
export const clockTime = (at: string): string => at.slice(11, 19);

export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** One line a member, nested names joined by dots; for evidence whose shape belongs to its check. */
export function flatFacts(value: Json, name = ''): readonly { readonly name: string; readonly value: string }[] {
  if (value === null) return [];
  if (typeof value !== 'object') return [{ name: name === '' ? 'value' : name, value: String(value) }];
  const pairs: readonly (readonly [string, Json])[] = Array.isArray(value)
    ? (value as readonly Json[]).map((item, index) => [String(index + 1), item] as const)
    : Object.entries(value);
  return pairs.flatMap(([key, item]) => flatFacts(item, name === '' ? key : `${name}.${key}`)).slice(0, 40);
}

/** `alice`, or `alice (via sudo)` from whatever is known about a person. */
export function personOf(person: Json): string {
  const facts = flatFacts(person);
  return facts.length === 0
    ? 'not recorded'
    : facts.map((fact) => (facts.length === 1 ? fact.value : `${fact.name} ${fact.value}`)).join(', ');
}

export const acknowledgedWords = ({
  by,
  title,
  says,
}: {
  readonly by: string;
  readonly title: string;
  readonly says: readonly string[];
}): string => `${by} acknowledged ${title}: ${says.join(' ')}`;
