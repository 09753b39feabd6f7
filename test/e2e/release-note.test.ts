// What a release asks of its operators, from the plan to the report: read, acknowledged by name and time, refused when it is not.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRelease } from '../../src/router/lab/package-release.js';
import { bundledRouter } from '../lab/compiled-router.js';
import { type Operator, operator, sh } from './operator.js';

let me: Operator;
let packaged = '';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../../fixtures/release-notes', name), 'utf8');
/** The package of this release carries no migration, so its note may not speak of one that cannot be taken back. */
const demanding = fixture('six-sections.md')
  .replace(/The column .*/, 'A column is added.')
  .replaceAll('test-router', 'reference-router');

/** A package of 1.1.0 with this note. */
async function packageWith(name: string, note: string): Promise<string> {
  const programDirectory = await bundledRouter();
  return packageRelease({ version: '1.1.0', outDirectory: join(me.desk, name), programDirectory, releaseNote: note }).file;
}

function noteFile(name: string, text: string): string {
  const path = join(me.desk, name);
  writeFileSync(path, text);
  return path;
}

const hintOf = (err: string): string => /hint: read them, then: (.*)/.exec(err)?.[1] ?? '';

beforeAll(async () => {
  me = await operator();
  packaged = await packageWith('demanding', demanding);
});
afterAll(async () => me.leave());

test('the plan shows what must be acknowledged, who runs which smoke, and the way back, with places', async () => {
  const { code, out, err } = await me.routerctl('plan', 'upgrade', '--to', packaged);
  expect(code, err).toBe(0);
  expect(out).toContain('operator impact; to acknowledge: --acknowledge operator');
  expect(out).toContain('RELEASE_NOTES.md:7: Raise the memory limit of the service to 2 GiB.');
  expect(out).toContain('by this plan (RELEASE_NOTES.md:25): `GET /readyz` answers 200');
  expect(out).toContain('by hand: model-group, api-skin (RELEASE_NOTES.md:26)');
  expect(out).toContain('way back  RELEASE_NOTES.md:31: Put the package of before back in place');
});

test('a note without our sections, or of another release, stops before anything is touched', async () => {
  const bare = await packageWith('bare', fixture('no-sections.md'));
  const unread = await me.routerctl('upgrade', '--to', bare, '-y');
  expect(unread).toMatchObject({ code: 6, err: expect.stringContaining('note: silent on operator impact') });
  expect(hintOf(unread.err)).toBe(`routerctl upgrade --to ${bare} -y --acknowledge note`);

  const old = noteFile('old.md', '# reference-router 1.0.9\n\n## Rollback\n\nNone.\n');
  const wrong = await me.routerctl('upgrade', '--to', packaged, '--notes', old, '-y');
  expect(wrong.code, wrong.err).toBe(3);
  expect(wrong.out).toContain('old.md tells of 1.0.9, and not of 1.1.0');

  const first = noteFile('first.md', `# 1.1.0\n\nUpgrade to 1.0.5 first.\n${demanding.replace(/^# .*/, '')}`);
  const skipped = await me.routerctl('upgrade', '--to', packaged, '--notes', first, '-y', ...acknowledged);
  expect(skipped.code, skipped.err).toBe(3);
  expect(skipped.out).toContain('first.md:3 wants 1.0.5 first; 1.0.0 is running');
  expect(await me.version()).toBe('1.0.0');
});

const acknowledged = ['operator', 'database', 'caller'].flatMap((id) => ['--acknowledge', id]);

test('a note that was exchanged after the plan was made is drift', async () => {
  const note = noteFile('tonight.md', demanding);
  const plan = join(me.desk, 'tonight.plan');
  expect((await me.routerctl('plan', 'upgrade', '--to', packaged, '--notes', note, '--out', plan)).code).toBe(0);
  writeFileSync(note, demanding.replace('to 2 GiB', 'to 8 GiB'));
  const { code, err } = await me.routerctl('upgrade', plan, '-y', ...acknowledged);
  expect(code, err).toBe(6);
  expect(err).toContain('releaseNote.note');
  expect(err).toContain('8 GiB');
});

test('nothing begins before every impact is acknowledged; the command of the hint does it, and journal and report say who', async () => {
  const runs = me.runs().length;
  const refused = await me.routerctl('upgrade', '--to', packaged, '-y', '--acknowledge', 'database');
  expect(refused.code, refused.err).toBe(6);
  expect(refused.err).toContain('the release note names 2 impacts that nobody has acknowledged');
  expect(refused.err).toContain('RELEASE_NOTES.md:20: Model groups: `fast` answers from another model.');
  expect(me.runs().length).toBe(runs);

  const line = hintOf(refused.err);
  expect(line).toBe(`routerctl upgrade --to ${packaged} -y --acknowledge database --acknowledge operator --acknowledge caller`);
  const { code, out, err } = await me.routerctl(...line.split(' ').slice(1));
  expect(code, out + err).toBe(0);
  expect(await me.version()).toBe('1.1.0');

  const user = (await sh('id -un', me.desk)).out.trim();
  const run = me.newestRun();
  const folder = me.runFolder(run);
  const [created = ''] = readFileSync(join(folder, 'report/journal.jsonl'), 'utf8').split('\n');
  expect((JSON.parse(created) as { data: { acknowledged: unknown } }).data.acknowledged).toEqual(
    ['operator', 'database', 'caller'].map((impact): unknown =>
      expect.objectContaining({ impact, by: expect.stringContaining(user), at: expect.stringMatching(/^\d{4}-.*Z$/) }),
    ),
  );
  const shown = await me.routerctl('report', 'show', join(folder, 'report'));
  expect(shown.out).toContain(`${user} acknowledged operator impact: RELEASE_NOTES.md:7: Raise the memory limit of the service to 2 GiB.`);
  expect(shown.out).toContain('RELEASE_NOTES.md:27: the release note names a smoke that no check asked');
});
