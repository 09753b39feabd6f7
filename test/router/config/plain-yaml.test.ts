import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDocument, stringify } from 'yaml';
import { readPlainYaml } from '../../../src/router/config/plain-yaml.js';

const samples = [
  `product: reference-router
listen: { host: 127.0.0.1, port: 4000 } # where
# a comment
providers:
  primary:
    base_url: http://127.0.0.1:4100/v1
    headers: {}
    pricing_updated_at: 2026-01-01
    models:
      small: { model: echo-1, input_price_per_million_usd: 0.5, input_modalities: [text, image] }
models:
  chat-small:
    strategy: failover
    targets:
      - { provider: primary, model_ref: small }
      - provider: primary
        model_ref: small
callers:
- id: lab-caller
  token_sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  allow: ["*", 'a b', x:y]
  user: somebody with, words
`,
  stringify({ a: { b: [1, 2.5, true, null, 'x', [], {}], c: [{ d: 'e', f: [{ g: 1 }] }] }, h: 'true', i: '1', j: '', k: 'a: b', l: '- x' }),
];

/** What the package makes of a text with the settings of the config; undefined where it finds a mistake. */
function byPackage(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, logLevel: 'silent' });
  return document.errors.length > 0 ? undefined : (document.toJS() as unknown);
}

function agree(text: string): void {
  const plain = readPlainYaml(text);
  if (plain !== null) expect({ text, value: plain.value }).toEqual({ text, value: byPackage(text) });
}

test('an ordinary config is plain, and read as the package reads it', () => {
  expect(readPlainYaml(samples[0] ?? '')?.value).toEqual(byPackage(samples[0] ?? ''));
  expect(readPlainYaml(samples[0] ?? '')?.value).toMatchObject({ listen: { port: 4000 }, callers: [{ allow: ['*', 'a b', 'x:y'] }] });
});

test.each([
  'a: &x 1\nb: *x',
  'a: |\n  text',
  'a: !!str 1',
  'a: "\\u0041"',
  'a: 1\na: 2',
  'a: 0x1f',
  'a: 1e3',
  'a: 010',
  'a: b: c',
  'a:\n - b\n  - c',
  'a: b\n  c',
  'a: [b,\n c]',
  'a: [@b]',
  'a: @b',
  '- a\n  b',
  'a:\n  - b\n    c',
  '---\na: 1',
  'a:\tb',
  'a:\n\u00a0\u00a0b: 1',
  '__proto__: 1',
  'true: 1',
  '[a]',
  '- a',
  '',
])('%j is left to the package', (text) => {
  expect(readPlainYaml(text)).toBeNull();
});

test('whatever it takes for plain, it reads as the package does: values as they are written', () => {
  const key = fc.stringMatching(/^[A-Za-z_][\w./-]{0,8}$/);
  const leaf = fc.oneof(fc.string({ maxLength: 12 }), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null), key);
  const value = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('node'), { maxLength: 4 }), fc.dictionary(key, tie('node'), { maxKeys: 4 })),
  })).node;
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 5 }), (config) => agree(stringify(config))),
    { numRuns: 500 },
  );
});

test('whatever it takes for plain, it reads as the package does: configs with mistakes and oddities in them', () => {
  const piece = fc.constantFrom(
    ...':,-[]{}#&*!|>\'"%@`?~ \n\t0.1xeE+_aé'.split(''),
    ': ',
    ' #',
    '\n  ',
    '- ',
    '\n',
    'null',
    'true',
    '1e5',
    '0o7',
    '...',
    '---',
  );
  const edit = fc.record({ at: fc.nat(), remove: fc.integer({ min: 0, max: 6 }), piece });
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 4 }), (sample, edits) => {
      let text = sample;
      for (const { at, remove, piece: put } of edits) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + put + text.slice(place + remove);
      }
      agree(text);
    }),
    { numRuns: Number(process.env['PLAIN_YAML_RUNS'] ?? 2000) },
  );
}, 120_000);
