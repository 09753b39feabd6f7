import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { releaseNotes } from '../../checks/release-notes.js';
import type { StepResult } from '../../src/core/step-result.js';
import { makeTar } from '../contracts/make-tar.js';
import { askCheck, openRoom, profile } from './check-room.js';
import { makePackage, type PackageParts } from './make-package.js';

const room = openRoom();
const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../../fixtures/release-notes', name), 'utf8');
const [sixSections, docsOnly] = [fixture('six-sections.md'), fixture('docs-only.md')];

let made = 0;
function fresh(): string {
  made += 1;
  const directory = join(room.directory, `n${made}`);
  mkdirSync(directory);
  return directory;
}

interface Case {
  readonly note?: string | Uint8Array;
  readonly files?: PackageParts['files'];
  readonly leaveOut?: readonly string[];
  readonly migrations?: string;
  readonly version?: string;
  readonly notes?: string;
  readonly running?: string;
  /** Files of the version in use, with a list of their digests. */
  readonly installed?: PackageParts['files'];
  readonly sums?: boolean;
}

/** A package with this note, beside an installed version, asked as the shipped playbooks ask. */
async function ask(given: Case) {
  const directory = fresh();
  const { name, bytes } = makePackage({
    files: { 'RELEASE_NOTES.md': given.note ?? sixSections, ...given.files },
    leaveOut: given.leaveOut ?? [],
  });
  writeFileSync(join(directory, name), bytes);
  const component = given.installed === undefined ? {} : { artifact: installedVersion(directory, given.installed, given.sums ?? true) };
  const results: Record<string, StepResult> =
    given.running === undefined ? {} : { version: { verdict: null, observation: { version: given.running }, effects: {} } };
  const artifact = { path: join(directory, name), version: given.version ?? '1.1.0', migrations: given.migrations ?? 'restore-required' };
  const target = room.target({}, component);
  return askCheck(releaseNotes, { artifact, notes: given.notes ?? null, of: ['version'] }, room, room.context(target, { results }));
}
const verdictOf = async (given: Case) => (await ask(given)).verdict;

function installedVersion(directory: string, files: NonNullable<PackageParts['files']>, hasSums: boolean) {
  const versions = join(directory, 'versions');
  const version = join(versions, '1.0.0');
  mkdirSync(version, { recursive: true });
  const { bytes: _bytes, sums } = makePackage({ version: '1.0.0', files });
  if (hasSums) writeFileSync(join(version, 'SHA256SUMS'), sums);
  symlinkSync(version, join(directory, 'current'));
  return { kind: 'binary', versions, current: join(directory, 'current'), program: 'test-router' };
}

test('a note that agrees with its package passes, and says what must be acknowledged and where', async () => {
  expect(await verdictOf({})).toMatchObject({
    status: 'pass',
    summary:
      'RELEASE_NOTES.md: behaviour-changing, database changes non-reversible; to acknowledge: operator (line 7), database (line 12), caller (line 20)',
    evidence: { acknowledge: ['operator', 'database', 'caller'] },
  });
});

test('a package without a note fails, until a file is attached', async () => {
  const without = { leaveOut: ['RELEASE_NOTES.md'] };
  expect(await verdictOf(without)).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/test-router-1\.1\.0-linux-amd64\.tar\.gz holds no RELEASE_NOTES\.md$/),
    hint: 'attach the release note: --notes FILE',
  });
  const attached = join(fresh(), 'ours.md');
  writeFileSync(attached, sixSections);
  expect(await verdictOf({ ...without, notes: attached })).toMatchObject({
    status: 'pass',
    summary: expect.stringContaining(`${attached}: `),
  });
});

test('an attached file takes the place of the note in the package', async () => {
  const attached = join(fresh(), 'ours.md');
  writeFileSync(attached, sixSections);
  expect((await verdictOf({ note: fixture('no-sections.md') })).status).toBe('warn');
  expect((await verdictOf({ note: fixture('no-sections.md'), notes: attached })).status).toBe('pass');
});

test.each<[string, string, RegExp]>([
  ['without our sections', fixture('no-sections.md'), /none of the sections that an operator needs; somebody must read it whole/],
  ['that is silent on some', sixSections.replace('## Rollback', '## How to go back'), /^RELEASE_NOTES\.md says nothing of rollback$/],
])('a note %s is a warning', async (_, note, words) => {
  expect(await verdictOf({ note })).toMatchObject({ status: 'warn', summary: expect.stringMatching(words) });
});

test.each<[string, string | Uint8Array, RegExp]>([
  ['no UTF-8', Buffer.from('## Rollback\n\nZurück', 'latin1'), /is no UTF-8 text/],
  ['1 MiB', 'x'.repeat(1024 * 1024), /more than 262144/],
  ['of another release', '# test-router 1.0.9\n\n## Rollback\n\nNo.\n', /tells of 1\.0\.9, and not of 1\.1\.0/],
  ['empty', '\n', /is empty/],
])('a note that is %s fails in words', async (_, note, words) => {
  expect(await verdictOf({ note })).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(words),
    hint: expect.stringContaining('--notes'),
  });
});

describe('a version that must come first', () => {
  const note = sixSections.replace('A release with', 'Upgrade to 1.0.5 first.\n\nA release with');

  test('is missed by an older one that runs', async () => {
    expect(await verdictOf({ note, running: '1.0.4' })).toMatchObject({
      status: 'fail',
      summary: 'RELEASE_NOTES.md:3 wants 1.0.5 first; 1.0.4 is running',
      hint: 'upgrade to 1.0.5 first: routerctl upgrade --to PACKAGE',
    });
  });

  test.each(['1.0.5', '1.0.10'])('is met by %s', async (running) => expect((await verdictOf({ note, running })).status).toBe('pass'));

  test.each([undefined, 'main-build'])('is not proven where %s runs', async (running) =>
    expect(await verdictOf({ note, ...(running === undefined ? {} : { running }) })).toMatchObject({ status: 'inconclusive' }),
  );

  test('of a later release on the same page says nothing about this one', async () => {
    expect((await verdictOf({ note: note.replace('1.0.5 first', '1.1.0 first'), running: '1.0.0' })).status).toBe('pass');
  });
});

describe('the database in note and package', () => {
  const says = (text: string): string => sixSections.replace(/The column .*/, text);
  test.each([
    ['None.', 'none', 'pass'],
    ['None.', 'compatible', 'fail'],
    ['None.', 'restore-required', 'fail'],
    ['A reversible one.', 'compatible', 'pass'],
    ['A reversible one.', 'restore-required', 'fail'],
    ['An irreversible one.', 'none', 'fail'],
    ['An irreversible one.', 'compatible', 'fail'],
    ['A column.', 'none', 'pass'],
    ['A column.', 'compatible', 'warn'],
  ])('"%s" with migrations %s: %s', async (text, migrations, status) => {
    expect((await verdictOf({ note: says(text), migrations })).status).toBe(status);
  });
});

describe('docs-only', () => {
  const same = { note: docsOnly, migrations: 'none' };
  const files = { 'lib/program.js': 'one', 'config.example.yaml': 'a: 1', 'docs/index.html': 'old', 'NOTES.md': 'old' };

  test('is believed when only documentation differs from the version in use', async () => {
    const { verdict } = await ask({ ...same, installed: files, files: { ...files, 'docs/index.html': 'new', 'NOTES.md': 'new' } });
    expect(verdict).toMatchObject({ status: 'pass', summary: expect.stringMatching(/docs-only.*asks nothing of you/) });
  });

  test.each<[string, PackageParts['files'], Case['migrations'], RegExp]>([
    ['the config', { ...files, 'config.example.yaml': 'a: 2' }, 'none', /docs-only, but the config differs: config\.example\.yaml/],
    ['a new migration', { ...files, 'migrations/2.sql': 'x' }, 'none', /docs-only, but migrations differ: migrations\/2\.sql/],
    ['the migrations of the release', files, 'compatible', /none in the note, migrations are compatible in the package/],
  ])('is contradicted by %s', async (_, changed, migrations, words) => {
    expect(
      await verdictOf({ ...same, ...(migrations === undefined ? {} : { migrations }), installed: files, files: changed ?? {} }),
    ).toMatchObject({
      status: 'fail',
      summary: expect.stringMatching(words),
    });
  });

  test('is treated as behaviour-changing when programs differ, since a program may carry the docs', async () => {
    expect(await verdictOf({ ...same, installed: files, files: { ...files, 'lib/program.js': 'two' } })).toMatchObject({
      status: 'warn',
      summary: expect.stringMatching(/says docs-only, but programs differ.*lib\/program\.js/),
    });
  });

  test.each<[string, Case]>([
    ['there is no version in use', {}],
    ['the version in use has no list of digests', { installed: files, sums: false }],
  ])('is not believed where %s', async (_, more) => {
    expect(await verdictOf({ ...same, ...more })).toMatchObject({ status: 'warn', summary: expect.stringContaining('was not compared') });
  });
});

test('the note of an image lies beside the directory of its file', async () => {
  const directory = fresh();
  mkdirSync(join(directory, 'images'));
  const path = join(directory, 'images', 'router.tar');
  writeFileSync(path, makeTar([{ path: 'manifest.json', content: '[]' }]));
  const look = () =>
    askCheck(releaseNotes, { artifact: { path, version: '1.1.0', migrations: 'unknown' } }, room, room.context(room.target()));
  expect((await look()).verdict).toMatchObject({ status: 'fail', summary: `there is no ${directory}/RELEASE_NOTES.md` });
  writeFileSync(join(directory, 'RELEASE_NOTES.md'), sixSections);
  expect((await look()).verdict.status).toBe('pass');
});

test('a product without packages is skipped, unless a note is attached', async () => {
  const { package: _package, ...bare } = profile;
  const context = room.context(room.target(), { profile: bare });
  const skipped = await askCheck(releaseNotes, { notes: null }, room, context);
  expect(skipped.verdict).toMatchObject({ status: 'skip' });
  const attached = join(fresh(), 'ours.md');
  writeFileSync(attached, docsOnly);
  expect((await askCheck(releaseNotes, { notes: attached }, room, context)).verdict.status).not.toBe('skip');
});
