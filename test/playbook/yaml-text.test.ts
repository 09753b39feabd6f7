import { execa } from 'execa';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderFinding } from '../../src/playbook/finding.js';
import { readYaml, yamlLimits } from '../../src/playbook/yaml-text.js';

function messages(source: string): readonly string[] {
  const read = readYaml('a.yaml', source);
  return 'findings' in read ? read.findings.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
}

test('plain values are read as JSON, with the place of every part', () => {
  const read = readYaml('a.yaml', 'name: x\nlist:\n  - { a: 1, b: [true, null, 0.5] }\n');

  expect('document' in read && read.document.value).toEqual({ name: 'x', list: [{ a: 1, b: [true, null, 0.5] }] });
  const place = 'document' in read ? read.document.text.placeOf(read.document.valueSpan(['list', 0, 'b', 2]).start) : null;
  expect(place).toEqual({ line: 3, column: 29 });
});

test('a path that is absent is placed at the nearest parent that is written', () => {
  const read = readYaml('a.yaml', 'name: x\nlist:\n  - { a: 1 }\n');

  expect('document' in read && read.document.text.placeOf(read.document.valueSpan(['list', 0, 'missing', 'deep']).start)).toEqual({
    line: 3,
    column: 5,
  });
});

test('words that were true or false in old YAML are text', () => {
  const read = readYaml('a.yaml', 'a: no\nb: on\nc: 0o17\nd: 1_000\n');

  expect('document' in read && read.document.value).toEqual({ a: 'no', b: 'on', c: 15, d: '1_000' });
});

test.each([
  ['an alias', 'a: &x 1\nb: *x\n', '1:7 anchors (&name) are not allowed'],
  ['a merge of an anchor', 'a: &x { b: 1 }\nc: { <<: *x }\n', '1:7 anchors (&name) are not allowed'],
  ['an unknown tag', 'a: !secret b\n', '1:4 not valid YAML: unresolved tag: !secret'],
  ['a binary tag', 'a: !!binary aGk=\n', '1:4 not valid YAML: unresolved tag: tag:yaml.org,2002:binary'],
  ['a version directive', '%YAML 1.1\n---\na: no\n', '1:1 directives (lines that begin with %) are not allowed'],
  ['a tag directive', '%TAG ! tag:x,2026:\n---\na: 1\n', '1:1 directives (lines that begin with %) are not allowed'],
  ['a key written twice', 'a: 1\nb: 2\na: 3\n', '3:1 the key "a" is written twice'],
  ['a key written twice in flow style', '{ a: 1, "a": 2 }\n', '1:9 the key "a" is written twice'],
  ['a second document', 'a: 1\n---\nb: 1\n', '2:1 a second document begins here'],
  ['the key __proto__', 'a:\n  __proto__: { b: 1 }\n', '2:3 the key __proto__ is not allowed'],
  ['a number that cannot be exact', 'a: 12345678901234567890\n', '1:4 too large for an exact number'],
  ['not a number', 'a: .nan\n', '1:4 not a finite number'],
  ['a control character', 'a: b\u0007\n', '1:5 a control character is not allowed'],
])('%s is an error with its place', (_name, source, expected) => {
  expect(messages(source)[0]).toBe(expected);
});

test('every error of a text is found at once', () => {
  expect(messages('a: &x 1\na: 2\nb: .inf\n')).toEqual([
    '1:7 anchors (&name) are not allowed',
    '2:1 the key "a" is written twice',
    '3:4 not a finite number',
  ]);
});

test.each([
  ['flow lists', '['],
  ['flow mappings', '{'],
  ['compact lists', '- '],
  ['compact keys', '? '],
  ['mixed', '[{'],
  ['values', 'a: '],
])('%s nested a million times are one error', (_name, unit) => {
  const source = unit.repeat(Math.floor(yamlLimits.bytes / unit.length));

  expect(messages(source)).toHaveLength(1);
});

test('block mappings nested below the limit are read, above it refused', () => {
  const nested = (depth: number): string => Array.from({ length: depth }, (_, index) => `${' '.repeat(index)}a:`).join('\n');

  expect(messages(nested(30))).toEqual([]);
  expect(messages(nested(200))[0]).toMatch(/nested deeper than 64 levels$/);
});

test('a text over the limit is refused without being parsed', () => {
  expect(messages(`a: ${'b'.repeat(yamlLimits.bytes)}`)).toEqual([
    `1:1 the file is ${yamlLimits.bytes + 3} bytes; at most ${yamlLimits.bytes} are read`,
  ]);
});

test('a process survives hostile nesting at every depth near the end of its stack, many rounds', async () => {
  const module = new URL('../../dist/src/playbook/yaml-text.js', import.meta.url).href;
  const script = `
    const { readYaml } = await import(${JSON.stringify(module)});
    let refused = 0;
    const units = ['[', '{', '- ', '? ', '[{', 'a: ', '- ? '];
    const attempt = (depth) => {
      try { return depth > 0 ? attempt(depth - 1) : 0; } catch { return 0; }
    };
    for (let round = 0; round < 210; round += 1) {
      const unit = units[round % units.length];
      const size = round < 14 ? 1048576 : 400 + round * 97;
      attempt(round * 40);
      const read = readYaml('a.yaml', unit.repeat(Math.floor(size / unit.length)));
      if ('findings' in read) refused += 1;
    }
    console.log('refused ' + refused);
  `;
  const { stdout, exitCode } = await execa('node', ['--input-type=module', '--eval', script]);

  expect({ stdout, exitCode }).toEqual({ stdout: 'refused 210', exitCode: 0 });
});

test('control characters and direction marks of a file never reach the terminal', () => {
  const read = readYaml('a.yaml', 'a: "\u202e\u001b[31m"\n');

  expect('findings' in read ? read.findings.flatMap(renderFinding).join('\n') : '').toBe(
    ['a.yaml:1:6: a control character is not allowed', '1 | a: "··[31m"', '  |      ^'].join('\n'),
  );
});

const pieces = fc.constantFrom(
  'a',
  ': ',
  '\n',
  '  ',
  '- ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  "'",
  '&a ',
  '*a',
  '!t ',
  '#',
  '|',
  '>',
  '? ',
  '---',
  '...',
  '%',
  '\t',
  '0',
  '~',
  '<<',
  '\r\n',
  '\\',
  '__proto__',
  '\ufeff',
  'é',
);

test('no text makes the reader throw, and every finding points into the text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
        fc.string({ unit: 'binary', maxLength: 80 }),
      ),
      (source) => {
        const read = readYaml('a.yaml', source);
        if ('document' in read) {
          JSON.stringify(read.document.value);
          return;
        }
        for (const finding of read.findings) {
          if (finding.line < 1 || finding.line > source.split('\n').length + 1) throw new Error(`line ${finding.line}`);
          renderFinding(finding);
        }
      },
    ),
    { numRuns: 5000 },
  );
});
