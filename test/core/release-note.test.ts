import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { largestNoteBytes, type NoteReading, type ReleaseNote, readReleaseNote } from '../../src/core/release-note.js';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../../fixtures/release-notes', name));
const read = (content: string | Uint8Array, version: string | null = '1.1.0'): NoteReading =>
  readReleaseNote(content, { file: 'NOTES.md', version });
function noteOf(content: string | Uint8Array, version: string | null = '1.1.0'): ReleaseNote {
  const reading = read(content, version);
  if ('trouble' in reading) throw new Error(reading.trouble);
  return reading.note;
}
const whole = fixture('six-sections.md').toString('utf8');

describe('a note with all six sections', () => {
  const note = noteOf(whole);

  test('tells each item with its line', () => {
    expect(Object.keys(note.sections)).toEqual(['operator', 'database', 'license', 'caller', 'validation', 'rollback']);
    expect(note.sections.operator).toEqual({
      line: 5,
      items: [
        { text: 'Raise the memory limit of the service to 2 GiB.', line: 7 },
        { text: 'Config: `limits.drain_ms` is new; the old default stays.', line: 8 },
      ],
    });
    expect(note.silent).toEqual([]);
  });

  test('has an impact for every section that does not say none', () => {
    expect(note.impacts.map(({ id }) => id)).toEqual(['operator', 'database', 'caller']);
  });

  test('says that the database cannot be taken back, and why it is no docs-only release', () => {
    expect(note.database).toBe('non-reversible');
    expect(note.kind).toBe('behaviour-changing');
    expect(note.why).toMatch(/^it says something of .* \(line \d+\)$/);
  });

  test('names its smokes, and its way back with the command', () => {
    expect(note.smokes.map(({ line, names }) => [line, names])).toEqual([
      [25, ['ready', 'version']],
      [26, ['completion', 'model-group', 'api-skin']],
      [27, ['metrics', 'license']],
    ]);
    expect(note.sections.rollback?.items).toEqual([
      { text: 'Put the package of before back in place, and restore the database of before:', line: 31 },
      { text: 'routerctl rollback', line: 34 },
    ]);
  });

  test('is the same with CRLF, a byte order mark, other heading levels, other spelling and another order', () => {
    expect(noteOf(`\ufeff${whole.replaceAll('\n', '\r\n')}`)).toEqual(note);
    const deeper = noteOf(whole.replaceAll('\n## ', '\n#### ').replace('Caller-visible behavior', 'CALLER-VISIBLE BEHAVIOUR:'));
    expect(deeper).toEqual(note);
    const underlined = whole.replace('## License changes\n', 'Licence changes\n---------------').replace('# test-router', '# Test-Router');
    expect(noteOf(underlined)).toEqual(note);
    const [head = '', ...parts] = whole.split(/(?=^## )/m);
    const turned = noteOf(head + parts.reverse().join('\n'));
    expect(turned.impacts.map(({ id, items }) => [id, items.map(({ text }) => text)])).toEqual(
      note.impacts.map(({ id, items }) => [id, items.map(({ text }) => text)]),
    );
  });

  test('does not take front matter for text', () => {
    const { others, impacts } = noteOf(`---\ntitle: 9.9.9\nstatus: lost\n---\n${whole}`);
    expect([others, impacts.map(({ id }) => id)]).toEqual([[], ['operator', 'database', 'caller']]);
    expect(read('---\nowner: x\n---\n')).toHaveProperty('trouble');
  });

  test('does not take what stands in a fence or a comment for a heading', () => {
    const hidden = `${whole}\n\`\`\`\n## License changes\n\`\`\`\n<!--\n## Database changes\n\nAll rows are lost.\n-->\n`;
    expect(noteOf(hidden).impacts).toEqual(note.impacts);
    expect(noteOf(hidden).database).toBe('non-reversible');
    expect(JSON.stringify(noteOf(hidden))).not.toContain('All rows are lost');
  });
});

describe('a page of several releases', () => {
  const page = fixture('page-of-releases.md');

  test('is read at the entry of the release, with statements behind labels', () => {
    const note = noteOf(page);
    expect(note.impacts.map(({ id, items }) => [id, items.map(({ line }) => line)])).toEqual([
      ['operator', [23, 25, 28]],
      ['caller', [32]],
    ]);
    expect(note.database).toBe('reversible');
    expect(note.sections.operator?.items[0]?.text).toBe('Config: compare the example with your reviewed config. Do not copy it.');
    expect(note.others).toEqual([{ text: 'Known limitations', line: 34 }]);
    expect(note.stops).toEqual([]);
    expect(note.silent).toEqual([]);
  });

  test('names the version that must come first, for the release that asks for it', () => {
    const note = noteOf(page, 'v1.2.0');
    expect(note.stops).toEqual([{ text: 'Upgrade to 1.1.0 first.', line: 11, version: '1.1.0' }]);
    expect(note.database).toBe('non-reversible');
    expect(note.impacts.at(-1)).toMatchObject({ id: 'note', title: expect.stringContaining('validation, rollback') });
  });

  test('without an entry of the release it says which ones there are', () => {
    expect(read(page, '1.3.0')).toMatchObject({ trouble: 'NOTES.md tells of 1.2.0, 1.1.0, and not of 1.3.0' });
  });
});

describe('docs-only', () => {
  const text = fixture('docs-only.md').toString('utf8');

  test('is a note that says of all five that nothing changes', () => {
    expect(noteOf(text)).toMatchObject({ kind: 'docs-only', impacts: [], database: 'none', silent: [] });
  });

  test.each([
    ['one of the five is not stated', text.replace('model-group, ', ''), /model groups stay as they are/],
    ['one of them is stated to change', text.replace('No changes.', 'Errors have another shape.'), /something of the callers’ API/],
    ['a sentence follows the none', text.replace(/None\.\n\n## Licence/, 'None. One column is dropped.\n\n## Licence'), /of the database/],
  ])('is not a note in which %s', (_, changed, why) => {
    expect(noteOf(changed)).toMatchObject({ kind: 'behaviour-changing', why: expect.stringMatching(why) });
  });
});

test.each([
  ['None.', 'none'],
  ['No schema or data migration is required.', 'none'],
  ['No automatic migrations.', 'unstated'],
  ['No non-reversible schema or data migration.', 'unstated'],
  ['This migration is not restore-required.', 'unstated'],
  ['A column is added.', 'unstated'],
  ['A column is added; this is reversible.', 'reversible'],
  ['The migration is irreversible.', 'non-reversible'],
  ['One is `compatible`. One is `restore-required`.', 'non-reversible'],
  ['A non-reversible data migration.', 'non-reversible'],
])('database changes "%s" are %s', (says, database) => {
  expect(noteOf(`## Database changes\n\n${says}\n`).database).toBe(database);
});

test.each([
  ['Upgrade to version v1.4.0 first.', ['1.4.0']],
  ['You can upgrade only from 1.3 or later.', ['1.3']],
  ['Required stop: 1.2.0-rc.1.', ['1.2.0-rc.1']],
  ['Requires Node 20.0.0 or later.', []],
])('"%s" asks for the versions %j before', (says, versions) => {
  expect(noteOf(`## Operator impact\n\n${says}\n`).stops.map(({ version }) => version)).toEqual(versions);
});

test('a note without any of the sections is silent on everything, and a person must read it', () => {
  expect(noteOf(fixture('no-sections.md'))).toMatchObject({
    silent: ['operator', 'database', 'license', 'caller', 'validation', 'rollback'],
    impacts: [{ id: 'note' }],
    kind: 'behaviour-changing',
    database: 'unstated',
  });
});

test('a section without a word in it counts as silent', () => {
  expect(noteOf(whole.replace('None.\n', '\n')).silent).toEqual(['license']);
});

test.each<[string, string | Uint8Array, RegExp]>([
  ['Latin-1', Buffer.from('## Rollback\n\nZurück\n', 'latin1'), /is no UTF-8 text/],
  ['UTF-16', Buffer.from('\ufeff## Rollback\n', 'utf16le'), /is no UTF-8 text/],
  ['bytes that a decoder replaced', '## Rollback\n\nZur\ufffdck\n', /is no UTF-8 text/],
  ['1 MiB', `${'#'.repeat(7)} x\n`.repeat(110_000), /is larger than 256 KiB/],
  ['nothing', '\n \n<!-- to do -->\n', /is empty/],
])('%s is refused in words', (_, content, words) => {
  expect(read(content)).toMatchObject({ trouble: expect.stringMatching(words) });
});

test.each<[string, string]>([
  ['an endless list of labels', '- Database: '.repeat(20_000)],
  ['nested fences', '```\n'.repeat(60_000)],
  ['open comments', '<!--'.repeat(60_000)],
  ['headings without end', `${'# '.repeat(120_000)}`],
  ['a long "no" sentence', `no ${'config or '.repeat(20_000)}changes`],
  ['spaces', `#${' '.repeat(200_000)}x #`],
  ['digits and dots', `upgrade to ${'1.'.repeat(100_000)} first`],
  ['dashes', `- ${'- '.repeat(100_000)}x`],
])('hostile text is read to its end: %s', (_, text) => {
  const content = text.slice(0, largestNoteBytes);
  expect(() => read(content)).not.toThrow();
  expect(() =>
    read(`# 1.1.0\n## Database changes\n${content}\n## Validation\n${content.slice(0, 60_000)}`.slice(0, largestNoteBytes)),
  ).not.toThrow();
});
