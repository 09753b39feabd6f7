// Random changes to a JSON document: of its structure, while it is a value, and of its bytes, once it is text.
import fc from 'fast-check';

/** Values that readers trip over, as JSON text, since some cannot be written from a value. */
const oddTexts = [
  ...['null', 'true', 'false', '0', '-1', '1.5', '1e999', '-0', '9007199254740993', '""', '"x"', '[]', '{}', '[null]', '[[]]', '[{}]'],
  ...['{"type":null}', '{"type":"text"}', '{"type":"function"}', '{"__proto__":{"type":"text"}}', '{"constructor":1,"toString":2}'],
  ...['"\\ud800"', '"\\u0000"', '"../../etc/passwd"', '"auto"', '"data:image/png;base64,!"', '{"a":1,"a":{"b":2}}'],
  `${'['.repeat(300)}${']'.repeat(300)}`,
  `"${'long '.repeat(2000)}"`,
];
const words = ['type', 'role', 'content', 'model', 'stream', 'tools', 'messages', 'input', 'id', '__proto__', 'constructor', 'x'];

const structureEdit = fc.record({
  at: fc.nat(10_000),
  from: fc.nat(10_000),
  odd: fc.constantFrom(...oddTexts),
  word: fc.constantFrom(...words),
  act: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'wrap', 'repeat', 'rename', 'add', 'copy'),
});
const byteEdit = fc.record({
  at: fc.nat(10_000),
  length: fc.integer({ min: 1, max: 30 }),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    fc.constantFrom('"', '{', '}', '[', ']', ',', '\\', '0', '\xff', '\0').map((text) => Buffer.from(text, 'latin1')),
  ),
  act: fc.constantFrom('flip', 'insert', 'remove', 'repeat', 'cut'),
});
type StructureEdit = typeof structureEdit extends fc.Arbitrary<infer Edit> ? Edit : never;
type ByteEdit = typeof byteEdit extends fc.Arbitrary<infer Edit> ? Edit : never;

export const mutation = fc.record({
  /** Which valid request. */
  of: fc.nat(10_000),
  structure: fc.array(structureEdit, { maxLength: 3 }),
  bytes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(byteEdit, { minLength: 1, maxLength: 3 }) }),
});
export type Mutation = typeof mutation extends fc.Arbitrary<infer Made> ? Made : never;

export function mutated(body: unknown, { structure, bytes }: Mutation): Buffer {
  let text = JSON.stringify(body);
  for (const edit of structure) text = edited(text, edit);
  return (bytes as readonly ByteEdit[]).reduce<Buffer>(withBytes, Buffer.from(text));
}

/** The document once for each place in it and each type of value there. */
export function withEveryOddValue(body: unknown): readonly string[] {
  const places = placesIn({ it: body }).length;
  const odds = ['null', 'true', '0', '-1.5', '"x"', '""', '[]', '{}', '[null]', '{"type":1}'];
  return Array.from({ length: places }, (_, at) =>
    odds.map((odd) => edited(JSON.stringify(body), { at, from: 0, odd, word: '', act: 'replace' })),
  ).flat();
}

interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function edited(text: string, { at, from, odd, word, act }: StructureEdit): string {
  let root: Record<string, unknown>;
  try {
    root = { it: JSON.parse(text) as unknown };
  } catch {
    return text;
  }
  const places = placesIn(root);
  const { parent, key } = places[at % places.length] ?? { parent: root, key: 'it' };
  const marker = 'an odd value goes here';
  const other = places[from % places.length];
  const value = parent[key];
  if (act === 'replace') parent[key] = marker;
  else if (act === 'wrap') parent[key] = [value];
  else if (act === 'copy') parent[key] = structuredClone(other?.parent[other.key]);
  else if (act === 'remove') remove(parent, key);
  else if (act === 'repeat' && Array.isArray(parent)) parent.splice(Number(key), 0, value);
  else if (act === 'rename' && !Array.isArray(parent) && parent !== root) {
    remove(parent, key);
    Object.defineProperty(parent, word, { value, enumerable: true, configurable: true, writable: true });
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value))
    Object.defineProperty(value, word, { value: marker, enumerable: true, configurable: true, writable: true });
  return (JSON.stringify(root['it']) as string | undefined)?.replace(JSON.stringify(marker), () => odd) ?? 'null';
}

function remove(parent: Record<string, unknown>, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap((key) => [{ parent, key }, ...placesIn(parent[key])]);
}

function withBytes(text: Buffer, { at, length, bytes, act }: ByteEdit): Buffer {
  const start = text.length === 0 ? 0 : at % text.length;
  const before = text.subarray(0, start);
  const after = text.subarray(start);
  if (act === 'cut') return before;
  if (act === 'insert') return Buffer.concat([before, bytes, after]);
  if (act === 'remove') return Buffer.concat([before, after.subarray(length)]);
  if (act === 'repeat') return Buffer.concat([before, after.subarray(0, length), after]);
  return Buffer.concat([before, bytes, after.subarray(bytes.length)]);
}
