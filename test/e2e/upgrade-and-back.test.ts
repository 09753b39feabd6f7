// One deployment through a week of upgrades, in order, under traffic: a good version, a bad one that goes back by itself, the bad
// one again with a reason, and a good one taken back by a person. Each test looks at what the step before it left.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { practicePackage } from '../lab/lab.js';
import { deskWith, missingTool, type Recipe, recipes, seenBy } from './desk-of-a-third-party.js';
import { type Operator, operator, type Said, sh, sha256, underTraffic } from './operator.js';

interface Report {
  readonly planHash: string;
  readonly release: { readonly from: string; readonly to: string };
  readonly result: { readonly verdictLine: string; readonly next: string; readonly exitCode: number };
  readonly availability: {
    readonly requests: number;
    readonly failures: number;
    readonly downtimeMs: number;
    readonly longestGapMs: number;
  };
  readonly overrides: readonly { readonly rule: string; readonly reason: string; readonly by: string }[];
  readonly journal: { readonly head: string; readonly entries: number };
  readonly previousReport: { readonly runId: string; readonly sha256: string } | null;
}

const headings = ['Can it be run?', 'Can it be observed?', 'Can it be updated?', 'Can it be rolled back predictably?'];
const questions = (text: string): string[] => headings.filter((heading) => text.includes(heading));
let me: Operator;
let first = '';
let back = '';
let again = '';
let outside = '';

const reportFolder = (runId: string, name = 'report'): string => join(me.runFolder(runId), name);
const reportOf = (runId: string, name?: string): Report =>
  JSON.parse(readFileSync(join(reportFolder(runId, name), 'report.json'), 'utf8')) as Report;
const predicateOf = (folder: string): { readonly journal: Report['journal']; readonly previousReport: Report['previousReport'] } => {
  const bundle = JSON.parse(readFileSync(join(folder, 'report.sigstore.json'), 'utf8')) as { dsseEnvelope: { payload: string } };
  const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()) as {
    predicate: ReturnType<typeof predicateOf>;
  };
  return statement.predicate;
};
const verify = (folder: string): Promise<Said> =>
  me.routerctl('report', 'verify', folder, '--allowed-signers', me.lab.paths.allowedSigners, '--identity', 'operator@lab');

function usageRows(): readonly unknown[] {
  const database = new Database(me.lab.paths.database, { readonly: true });
  try {
    return database.prepare('select * from request_usage order by rowid').all();
  } finally {
    database.close();
  }
}

/** Left by earlier upgrades, and a link that leads out of the temporary root. */
function litterTemporaryRoot(): void {
  const { temporary, backups } = me.lab.paths;
  outside = join(me.desk, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious.txt'), 'keep me\n');
  mkdirSync(join(temporary, 'unpack-0.9.0', 'bin'), { recursive: true });
  writeFileSync(join(temporary, 'unpack-0.9.0', 'bin', 'reference-router'), 'old\n');
  mkdirSync(join(temporary, 'unpack-0.9.1'));
  symlinkSync(outside, join(temporary, 'unpack-0.9.1', 'shared'));
  mkdirSync(join(backups, 'by-hand'));
  writeFileSync(join(backups, 'by-hand', 'usage.sqlite'), 'an older backup\n');
}

beforeAll(async () => {
  me = await operator();
  litterTemporaryRoot();
});
afterAll(async () => me.leave());

test('an upgrade under traffic ends with 0, serves the new version and says what users noticed', async () => {
  const to = await practicePackage({ version: '1.1.0' });
  const { code, out, err, traffic } = await underTraffic(me.lab, () => me.routerctl('upgrade', '--to', to, '-y'));
  first = me.newestRun();

  expect(code, out + err).toBe(0);
  expect(await me.version()).toBe('1.1.0');
  expect(traffic.cut).toBe(0);
  expect(traffic.ok).toBeGreaterThan(0);
  expect(out).toMatch(/UPGRADED, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 0/);
  const { availability, planHash } = reportOf(first);
  expect(out).toContain(`${(availability.downtimeMs / 1000).toFixed(1)} s down`);
  expect(out).toContain(`${availability.failures} of ${availability.requests} probes failed`);
  expect(readFileSync(join(reportFolder(first), 'journal.jsonl'), 'utf8')).toContain(planHash);
  expect(out).toContain(`${reportFolder(first)}, signed`);
});

test('the two lines that the last screen offers to a third party work as they stand', async () => {
  const attached = await me.routerctl('run', 'attach', first);
  const lines = attached.out
    .split('\n')
    .map((each) => each.replace(/^ (verify)? +/, ''))
    .filter((each) => each.startsWith('cd '));

  expect(lines).toHaveLength(2);
  for (const each of lines) expect(await sh(each, me.desk)).toMatchObject({ ok: true });
});

test('its report answers the four questions and agrees with itself everywhere', async () => {
  const folder = reportFolder(first);
  const report = reportOf(first);
  const lines = readFileSync(join(folder, 'journal.jsonl'), 'utf8').trimEnd().split('\n');
  const [markdown, html] = ['report.md', 'report.html'].map((name) => readFileSync(join(folder, name), 'utf8'));

  expect(questions(markdown ?? '')).toEqual(headings);
  expect(questions(html ?? '')).toEqual(headings);
  for (const text of [markdown ?? '', html ?? '']) {
    expect(text).toContain(report.planHash);
    expect(text).toContain(report.journal.head);
    expect(text).toContain(report.result.verdictLine);
  }
  expect(report.result.verdictLine).toMatch(/^UPGRADED, VERIFIED: lab @ \S+ serves 1\.1\.0$/);
  expect(report.release).toMatchObject({ from: '1.0.0', to: '1.1.0' });
  expect(predicateOf(folder).journal).toEqual(report.journal);
  expect(report.journal.entries).toBe(lines.length);
  expect((await sh(`tail -n 1 journal.jsonl | tr -d '\\n' | sha256sum | cut -d' ' -f1`, folder)).out.trim()).toBe(report.journal.head);
  expect(report.previousReport).toBeNull();
});

for (const name of Object.keys(recipes) as Recipe[]) {
  const missing = await missingTool(name);
  test.skipIf(missing !== null)(
    missing === null
      ? `${name} accept the report, and reject it after one changed byte in any file`
      : `skipped: ${missing} missing, bin/provision installs it`,
    async () => {
      const folder = reportFolder(first);
      const good = await sh(recipes[name], await deskWith(folder, me.lab, me.desk));
      expect(good, good.out).toMatchObject({ ok: true });
      for (const file of readdirSync(folder).filter(seenBy[name])) {
        const bad = await sh(recipes[name], await deskWith(folder, me.lab, join(me.desk, 'damaged'), file));
        expect(bad.ok, `${file}: ${bad.out}`).toBe(false);
      }
    },
  );
}

test('its cleanup took old unpack directories away, followed no link and touched no backup', () => {
  const { temporary, backups } = me.lab.paths;

  expect(readdirSync(temporary)).toEqual([]);
  expect(readFileSync(join(outside, 'precious.txt'), 'utf8')).toBe('keep me\n');
  expect(readFileSync(join(backups, 'by-hand', 'usage.sqlite'), 'utf8')).toBe('an older backup\n');
  expect(readdirSync(backups).filter((name) => name.endsWith('-router'))).toHaveLength(1);
});

test("the upgrade's backup verifies, and restores with the operator's own identity, also with age alone", async () => {
  const { backupIdentity, backups, config, environment } = me.lab.paths;
  const [id = ''] = readdirSync(backups).filter((name) => name.endsWith('-router'));
  const listed = await me.routerctl('backup', 'list');
  const verified = await me.routerctl('backup', 'verify', id, '--identity', backupIdentity);
  const into = join(me.desk, 'restored');
  const restored = await me.routerctl('backup', 'restore', id, '--identity', backupIdentity, '--into', into);

  expect(listed.out).toContain(id);
  expect(verified, verified.out + verified.err).toMatchObject({ code: 0 });
  expect(restored, restored.out + restored.err).toMatchObject({ code: 0 });
  const database = join(into, 'database-usage', 'usage.sqlite');
  expect(readFileSync(join(into, 'config', 'config.yaml'))).toEqual(readFileSync(config));
  const savedEnvironment = readFileSync(join(into, 'provider-environment', 'service.env'), 'utf8');
  expect(savedEnvironment.replace('VERSION=1.0.0', 'VERSION=1.1.0')).toBe(readFileSync(environment, 'utf8'));
  const saved = new Database(database, { readonly: true });
  const rows = saved.prepare('select * from request_usage order by rowid').all();
  saved.close();
  expect(rows.length).toBeGreaterThan(0);
  expect(rows).toEqual(usageRows().slice(0, rows.length));
  if ((await sh('command -v age', '.')).ok) {
    const plain = await sh(`age -d -i ${backupIdentity} ${join(backups, id)}/database-usage.age | cmp - ${database}`, me.desk);
    expect(plain, plain.out).toMatchObject({ ok: true });
  }
});

test('a version that cuts streams goes back by itself with 4 and everything is as it was', async () => {
  const { config, environment } = me.lab.paths;
  const before = { config: sha256(config), environment: sha256(environment), rows: usageRows() };
  const to = await practicePackage({ version: '1.2.0', defects: ['cut-streams', 'no-stream-usage'] });
  const { code, out, err } = await underTraffic(me.lab, () => me.routerctl('upgrade', '--to', to, '-y'));
  back = me.newestRun();

  expect(code, out + err).toBe(4);
  expect(await me.version()).toBe('1.1.0');
  expect({ config: sha256(config), environment: sha256(environment) }).toEqual({ config: before.config, environment: before.environment });
  expect(usageRows().slice(0, before.rows.length)).toEqual(before.rows);
  expect(out).toMatch(/ROLLED BACK, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 4/);
  expect(out).toContain(`lift with: routerctl upgrade -t lab --to ${to} --despite-bad "reason"`);
  expect(reportOf(back).result.next).toContain('1.2.0 is marked bad here');
  expect((await verify(reportFolder(back))).code).toBe(0);
});

test('the same version is refused from then on, and nothing begins', async () => {
  const to = await practicePackage({ version: '1.2.0', defects: ['cut-streams', 'no-stream-usage'] });
  const runs = me.runs();
  const { code, err } = await me.routerctl('upgrade', '--to', to, '-y');

  expect(code).toBe(6);
  expect(err).toMatch(/error: 1\.2\.0 was rolled back here on \d{4}-\d\d-\d\d \(run \S+\): readiness\/chat_stream: /);
  expect(err).toContain('hint: try another version, or say why this one again: --despite-bad "reason"');
  expect(me.runs()).toEqual(runs);
});

test('with a reason it may be tried again, and the reason stands in the report', async () => {
  const to = await practicePackage({ version: '1.2.0', defects: ['cut-streams', 'no-stream-usage'] });
  const { code, out, err } = await me.routerctl('upgrade', '--to', to, '-y', '--despite-bad', 'rebuilt by its provider');
  again = me.newestRun();

  expect(code, out + err).toBe(4);
  expect(again).not.toBe(back);
  expect(reportOf(again).overrides).toEqual([{ rule: 'bad-version', reason: 'rebuilt by its provider', by: expect.any(String) as string }]);
  expect(readFileSync(join(reportFolder(again), 'report.md'), 'utf8')).toContain('rebuilt by its provider');
});

test('a rollback that could not end well is refused before anything is touched, and says what is in its way', async () => {
  const { environment } = me.lab.paths;
  const old = join(me.lab.home, 'versions', '1.0.0');
  const pid = me.lab.routerPid();
  const written = readFileSync(environment);
  appendFileSync(environment, 'ADDED_BY_HAND=1\n');
  const edited = await me.routerctl('rollback', '-y');
  writeFileSync(environment, written);
  renameSync(old, `${old}.aside`);
  const gone = await me.routerctl('rollback', '-y');
  renameSync(`${old}.aside`, old);

  expect([edited.code, gone.code], edited.err + gone.err).toEqual([6, 6]);
  expect(edited.err).toMatch(/error: run \S+ cannot be taken back; nothing was touched\n.*pin: \S+service\.env was edited by someone else/);
  expect(edited.err).toMatch(/hint: .*; then type this again/);
  expect(gone.err).toMatch(/install: .*versions\/1\.0\.0 is gone/);
  expect(me.lab.routerPid()).toBe(pid);
  expect(await me.version()).toBe('1.1.0');
});

test('the upgrade that ended well is taken back on request, with 0 and a second report', async () => {
  const { code, out, err } = await me.routerctl('rollback', '-y');

  expect(code, out + err).toBe(0);
  expect(await me.version()).toBe('1.0.0');
  expect(out).toMatch(/ROLLED BACK, VERIFIED: lab @ \S+ serves 1\.0\.0 +exit 0/);
  expect(out).toContain('NEXT      nothing.');
  // What the rollback did to users, then what upgrade and rollback did together.
  expect(out).toMatch(/users +[\d.]+ s down[^;]*;\s+with\s+what\s+came\s+before:\s+[\d.]+ s\s+down/);
  expect(reportOf(first).result).toMatchObject({ exitCode: 0, verdictLine: expect.stringContaining('UPGRADED') as string });
  const second = reportOf(first, 'report-2').result;
  expect(second).toMatchObject({ exitCode: 0, verdictLine: expect.stringContaining('ROLLED BACK, VERIFIED') as string });
  expect(second.next).not.toContain('marked bad');
  for (const name of ['report', 'report-2']) expect((await verify(reportFolder(first, name))).code, name).toBe(0);
});

test('a second rollback is refused and says that nothing is left to take back', async () => {
  const { code, out, err } = await me.routerctl('rollback', '-y');

  expect(code, out + err).toBe(6);
  expect(err).toMatch(/^error: no run keeps rollback data for this target\n {2}hint: /);
  expect(await me.version()).toBe('1.0.0');
});

test('each report names the one before it by digest, back to the first', () => {
  const order = [first, back, again, first];
  const chain = [reportFolder(first), reportFolder(back), reportFolder(again), reportFolder(first, 'report-2')];

  for (const [index, folder] of chain.entries()) {
    const before = chain[index - 1];
    const expected = before === undefined ? null : { runId: order[index - 1], sha256: sha256(join(before, 'report.json')) };
    expect(predicateOf(folder).previousReport, folder).toEqual(expected);
  }
});

test('runs are listed newest first, and shown as their reports tell', async () => {
  const listed = JSON.parse((await me.routerctl('run', 'list', '--json')).out) as { runId: string; state: string; exitCode: number }[];
  const shown = await me.routerctl('run', 'show', back.slice(-4));
  const report = await me.routerctl('report', 'show', back);

  expect(listed.map(({ state, exitCode }) => [state, exitCode])).toEqual([
    ['rolled-back', 4],
    ['rolled-back', 4],
    ['rolled-back', 0],
  ]);
  expect(shown.code).toBe(0);
  expect(questions(shown.out)).toEqual(headings);
  expect(report.out).toBe(shown.out);
  expect(shown.out).toContain('signed; to verify it: routerctl report verify');
});

test('the report of a run that lost its result is built from the journal, equal and signed', async () => {
  const folder = me.runFolder(back);
  cpSync(join(folder, 'report'), join(me.desk, 'report-before'), { recursive: true });
  for (const name of ['result.json', 'report']) rmSync(join(folder, name), { recursive: true });
  const { code, out, err } = await me.routerctl('report', 'build', back);

  expect(code, out + err).toBe(0);
  expect(out).toContain('ROLLED BACK, VERIFIED');
  expect(existsSync(join(folder, 'report', 'SHA256SUMS.sig'))).toBe(true);
  expect(readFileSync(join(folder, 'report', 'report.json'), 'utf8')).toBe(
    readFileSync(join(me.desk, 'report-before', 'report.json'), 'utf8'),
  );
  expect((await verify(join(folder, 'report'))).code).toBe(0);
});

test('a signature that is missing is made later', async () => {
  const folder = reportFolder(first);
  for (const name of ['SHA256SUMS', 'SHA256SUMS.sig', 'report.sigstore.json', 'readiness.sigstore.json']) rmSync(join(folder, name));
  const unsigned = await verify(folder);
  const signed = await me.routerctl('report', 'sign', folder);

  expect(unsigned.code).toBe(3);
  expect(signed, signed.out + signed.err).toMatchObject({ code: 0 });
  expect((await verify(folder)).code).toBe(0);
});
