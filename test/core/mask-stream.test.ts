import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMaskStream } from '../../src/core/mask-stream.js';
import { createRedactor } from '../../src/core/redaction.js';
import { canaries, encodings, givesAway } from './canaries.js';

test('a secret cut by chunk borders anywhere is still masked, and nothing else is lost', () => {
  const secrets = Object.values(canaries).filter((secret) => secret.length < 200);
  const masker = createRedactor();
  for (const secret of secrets) masker.register(secret, 'canary');
  fc.assert(
    fc.property(
      fc.constantFrom(...secrets),
      fc.constantFrom(...Object.values(encodings)),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }),
      (secret, encode, sizes) => {
        const encoded = encode(secret);
        const text = `line one\n${'x y '.repeat(300)}\n${encoded}\nthe end\n`;
        const stream = createMaskStream(masker);
        let at = 0;
        let out = '';
        for (const size of sizes) {
          out += stream.write(text.slice(at, at + size * 40));
          at += size * 40;
        }
        out += stream.write(text.slice(at)) + stream.end();
        expect(givesAway(out, encoded)).toBe(false);
        expect(out.startsWith('line one\n')).toBe(true);
        expect(out.endsWith('the end\n')).toBe(true);
      },
    ),
  );
});

test('one character at a time gives the same text as all at once', () => {
  const masker = createRedactor();
  masker.register('correct horse battery', 'phrase');
  const text =
    'a: correct horse battery\n-----BEGIN PRIVATE KEY-----\nabc\ndef\n-----END PRIVATE KEY-----\nBearer abcdefgh1234 https://u:p@h/\nlast';
  const stream = createMaskStream(masker);
  const out = [...text].map((character) => stream.write(character)).join('') + stream.end();
  expect(out).toBe(masker.mask(text));
});

test('lines that are safe are not held until the end', () => {
  const stream = createMaskStream(createRedactor());
  expect(stream.write('first\nsecond\nthi')).toBe('first\nsecond\n');
});

test('a secret cut by a chunk border in a line too long to wait for is masked', () => {
  const masker = createRedactor();
  masker.register('correct horse battery', 'phrase');
  for (let cut = 1; cut < 21; cut += 1) {
    const stream = createMaskStream(masker);
    const out =
      stream.write(`${'x y '.repeat(17_000)}${'correct horse battery'.slice(0, cut)}`) +
      stream.write(`${'correct horse battery'.slice(cut)} z`) +
      stream.end();
    expect(out.endsWith('x y ***phrase*** z')).toBe(true);
  }
});
