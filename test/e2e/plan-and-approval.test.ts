// Plans on one deployment: made, approved by a second person, refused when the world or the paper is another, and at last run.
import { chmodSync, copyFileSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTraffic } from '../../src/router/lab/steady-traffic.js';
import { practicePackage } from '../lab/lab.js';
import { type Operator, operator, type Said, setPolicy, sh, sha256 } from './operator.js';

let me: Operator;
let to = '';
let tonight = '';
let reviewed = '';

const approve = (plan: string, ...more: readonly string[]): Promise<Said> =>
  me.routerctl('approve', plan, '--key', join(me.desk, 'bob.pem'), '--identity', 'bob@lab', ...more);

/** A key pair on the desk; its line for a file of allowed signers. */
async function keyOf(name: string): Promise<string> {
  const made = await me.routerctl('key', 'generate', '--identity', `${name}@lab`, '--out', join(me.desk, `${name}.pem`), '--no-passphrase');
  expect(made.code, made.out + made.err).toBe(0);
  return made.out.split('\n').find((each) => each.startsWith(`${name}@lab `)) ?? '';
}

async function planned(name: string, ...more: readonly string[]): Promise<string> {
  const path = join(me.desk, name);
  const made = await me.routerctl('plan', 'upgrade', '--to', to, '--out', path, ...more);
  expect(made.code, made.out + made.err).toBe(0);
  return path;
}

/** The way of `text` into the file and back, around a command. */
async function withFile(path: string, text: string, work: () => Promise<Said>): Promise<Said> {
  const before = readFileSync(path);
  writeFileSync(path, text);
  const said = await work();
  writeFileSync(path, before);
  return said;
}

beforeAll(async () => {
  me = await operator();
  to = await practicePackage({ version: '1.1.0' });
  tonight = join(me.desk, 'tonight.plan');
  const bob = await keyOf('bob');
  await keyOf('carol');
  // The run's own signer stands among the approvers, too: that alone must not be enough.
  writeFileSync(join(me.desk, 'approvers'), `${bob}\n${readFileSync(me.lab.paths.allowedSigners, 'utf8')}`);
  setPolicy(me.lab, ['approval: required', `approvers: ${join(me.desk, 'approvers')}`]);
  reviewed = join(me.desk, 'config-1.1.0.yaml');
  const config = readFileSync(me.lab.paths.config, 'utf8');
  const group = '  chat-new:\n    strategy: static\n    targets:\n      - provider: primary\n        model_ref: small\n';
  writeFileSync(
    reviewed,
    config.replace(/^ {2}chat-large:$/m, (found) => group + found).replace(/^( +)- chat-large$/m, '$1- chat-large\n$1- chat-new'),
  );
});
afterAll(async () => me.leave());

test('the same plan has the same hash, also under traffic', async () => {
  const stop = new AbortController();
  const { url, token, models } = me.lab;
  const traffic = runTraffic({ url, token, models, ratePerSecond: 20, durationMs: null, signal: stop.signal });
  const made = await Promise.all([1, 2].map(() => me.routerctl('plan', 'upgrade', '--to', to, '--json')));
  const third = await me.routerctl('plan', 'upgrade', '--to', to, '--out', tonight);
  stop.abort();
  const { ok } = await traffic;

  const hashes = made.map(({ out }) => (JSON.parse(out) as { planHash: string }).planHash);
  expect(ok).toBeGreaterThan(0);
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes[1]).toBe(hashes[0]);
  expect(third.code, third.err).toBe(0);
  expect(third.out).toContain(`plan ${hashes[0]?.slice(0, 8) ?? ''}`);
  expect(third.out).toContain(`wrote     ${tonight}`);
});

test('without the approval that the policy asks for nothing begins, with or without a plan file', async () => {
  for (const args of [[tonight], ['--to', to]]) {
    const { code, err } = await me.routerctl('upgrade', ...args, '-y');
    expect(code, err).toBe(6);
    expect(err).toContain('error: the policy of lab asks for an approval and there is none');
    expect(err).toContain('routerctl approve FILE');
  }
  expect(me.runs()).toEqual([]);
});

test('an approval by somebody who is no approver is refused where it is made', async () => {
  const carol = ['--key', join(me.desk, 'carol.pem'), '--identity', 'carol@lab'];
  const made = await me.routerctl('approve', tonight, ...carol);
  expect(made.code, made.err).toBe(6);
  expect(made.err).toContain('the approval would not be accepted');
  expect(made.err).toContain(join(me.desk, 'approvers'));

  const line = readFileSync(join(me.desk, 'carol.pem.pub'), 'utf8');
  writeFileSync(join(me.desk, 'friends'), `carol@lab ${line}`);
  const smuggled = await me.routerctl('approve', tonight, ...carol, '--allowed-signers', join(me.desk, 'friends'));
  expect(smuggled.code, smuggled.err).toBe(0);
  const { code, err } = await me.routerctl('upgrade', tonight, '-y');
  expect(code, err).toBe(6);
  expect(err).toContain(`the approval of ${tonight} is not valid`);
  expect(me.runs()).toEqual([]);
});

test('an approval with the key that signs the run’s own report does not count, even where the approvers name it', async () => {
  const { signingKey } = me.lab.paths;
  const nobody = await me.routerctl('approve', tonight);
  expect(nobody.code, nobody.err).toBe(2);
  expect(nobody.err).toContain('--key');
  const own = await me.routerctl('approve', tonight, '--key', signingKey, '--identity', 'operator@lab');
  expect(own.code, own.err).toBe(6);
  expect(own.err).toContain('is the key that signs the run’s own report');

  const copy = join(me.desk, 'copy.pem');
  copyFileSync(signingKey, copy);
  chmodSync(copy, 0o600);
  const copied = await me.routerctl('approve', tonight, '--key', copy, '--identity', 'operator@lab');
  expect(copied.code, copied.err).toBe(0);
  const { code, err } = await me.routerctl('upgrade', tonight, '-y');
  expect(code, err).toBe(6);
  expect(err).toContain('is by the key that signs the run’s own report');
  expect(err).toContain('routerctl approve');
  expect(me.runs()).toEqual([]);
});

test('a second person approves, and OpenSSH accepts the approval too', async () => {
  const { code, out, err } = await approve(tonight, '--reference', 'CHG0042');

  expect(code, err).toBe(0);
  expect(out).toContain('approved   by bob@lab, plan ');
  expect(out).toContain(`NEXT       routerctl upgrade ${tonight}`);
  const line = `ssh-keygen -Y verify -f approvers -I bob@lab -n routerctl-plan@v1 -s ${tonight}.approval.sig < ${tonight}.approval`;
  expect(await sh(line, me.desk)).toMatchObject({ ok: true });
  writeFileSync(`${tonight}.other`, readFileSync(`${tonight}.approval`, 'utf8').replace('CHG0042', 'CHG0043'));
  expect(await sh(line.replace(/approval$/, 'other'), me.desk)).toMatchObject({ ok: false });
});

test('before anything ran, the plan gives the text for the change ticket, with who approved it and what is not known yet', async () => {
  const { code, out, err } = await me.routerctl('run', 'ticket', tonight);
  const json = JSON.parse((await me.routerctl('run', 'ticket', tonight, '--json')).out) as { runId: null; fields: unknown[] };
  const late = await me.routerctl('run', 'ticket', tonight, '--at', 'outcome');

  expect(code, err).toBe(0);
  expect(out).toMatch(/^# CHG0042 · planned: .* · lab \(lab\)\n/);
  expect(out).toContain('- run: none yet\n');
  expect(out).toContain('- from: 1.0.0\n- to: 1.1.0\n');
  expect(out).toMatch(/- approval: .*approver bob@lab/);
  expect(out).toContain('- risk: not known\n');
  expect(json.runId).toBeNull();
  expect(json.fields).toContainEqual({ section: 'Change', name: 'risk', value: null });
  expect(late.code).toBe(2);
  expect(late.err).toContain('nothing has run');
  expect(me.runs()).toEqual([]);
});

test('the approval of another plan is refused', async () => {
  const other = join(me.desk, 'other.plan');
  await me.routerctl('plan', 'upgrade', '--to', to, '--new-config', reviewed, '--config-sha256', sha256(reviewed), '--out', other);
  for (const end of ['approval', 'approval.sig']) copyFileSync(`${tonight}.${end}`, `${other}.${end}`);
  const { code, err } = await me.routerctl('upgrade', other);

  expect(code, err).toBe(6);
  expect(err).toMatch(/error: the approval of \S+other\.plan is of another plan \([0-9a-f]{8}\)/);
});

test('a plan that was edited after the approval is refused', async () => {
  const edited = readFileSync(tonight, 'utf8').replace('"drain":12000', '"drain":1');
  const { code, err } = await withFile(tonight, edited, () => me.routerctl('upgrade', tonight));

  expect(code, err).toBe(6);
  expect(err).toContain('is of another plan');
});

test('drift of environment, config or installed version is refused, and each difference is named', async () => {
  const { config, environment, current } = me.lab.paths;
  const onEnvironment = await withFile(environment, `${readFileSync(environment, 'utf8')}HTTPS_PROXY=http://proxy\n`, () =>
    me.routerctl('upgrade', tonight),
  );
  const onConfig = await withFile(config, `${readFileSync(config, 'utf8')}# touched\n`, () => me.routerctl('upgrade', tonight));
  const pointed = readlinkSync(current);
  rmSync(current);
  symlinkSync('versions', current);
  const onVersion = await me.routerctl('upgrade', tonight);
  rmSync(current);
  symlinkSync(pointed, current);

  const refused = { 'router: environment': onEnvironment, 'router: config': onConfig, 'router: installed version': onVersion };
  for (const [what, { code, err }] of Object.entries(refused)) {
    expect(code, err).toBe(6);
    expect(err).toContain('error: the deployment is not what the plan was made for');
    expect(err, what).toContain(what);
  }
  expect(onEnvironment.err).not.toContain('router: config');
  expect(onVersion.err).toContain(`${me.lab.paths.versions}`);
  expect(me.runs()).toEqual([]);
});

test('a window that is not open refuses, and so does a missing one that the policy asks for', async () => {
  const closed = await me.routerctl(
    'upgrade',
    await planned('closed.plan', '--window', '2020-01-01T02:00:00Z/2020-01-01T03:00:00Z'),
    '--override',
    'approval=alone tonight',
  );
  expect(closed.code, closed.err).toBe(6);
  expect(closed.err).toContain('error: the maintenance window 2020-01-01T02:00:00.000Z to 2020-01-01T03:00:00.000Z is not open');
  expect(closed.err).toContain('--override "window=reason"');

  setPolicy(me.lab, ['window: required']);
  const missing = await me.routerctl('upgrade', '--to', to, '-y');
  expect(missing.code, missing.err).toBe(6);
  expect(missing.err).toContain('error: the policy of lab asks for a maintenance window and none is given');
  expect(me.runs()).toEqual([]);
  setPolicy(me.lab, ['approval: required', `approvers: ${join(me.desk, 'approvers')}`]);
});

test('an approval holds for the window that was approved and for no other', async () => {
  const [first, second] = ['2020-01-01T02:00:00Z/2020-01-01T03:00:00Z', '2020-01-02T02:00:00Z/2099-01-02T03:00:00Z'];
  const windowed = await planned('windowed.plan', '--window', first);
  const approved = await approve(windowed);
  expect(approved.code, approved.err).toBe(0);
  const text = JSON.parse(readFileSync(`${windowed}.approval`, 'utf8')) as { window: unknown; at: string };
  expect(text.window).toEqual({ from: '2020-01-01T02:00:00.000Z', to: '2020-01-01T03:00:00.000Z' });
  expect(Date.parse(text.at)).toBeLessThanOrEqual(Date.now());

  const moved = await me.routerctl('upgrade', windowed, '--window', second);
  expect(moved.code, moved.err).toBe(6);
  expect(moved.err).toContain(
    `the approval of ${windowed} is for the window 2020-01-01T02:00:00.000Z to 2020-01-01T03:00:00.000Z, not for the window 2020-01-02T02:00:00.000Z to 2099-01-02T03:00:00.000Z`,
  );
  const given = await me.routerctl('upgrade', tonight, '--window', second);
  expect(given.code, given.err).toBe(6);
  expect(given.err).toContain('is for no window');
  const over = await me.routerctl('upgrade', windowed);
  expect(over.code, over.err).toBe(6);
  expect(over.err).toContain('is not open');
  expect(me.runs()).toEqual([]);
});

test('a policy that asks for approvals and names no approvers is an error of the config', async () => {
  setPolicy(me.lab, ['approval: required']);
  const { code, err } = await me.routerctl('plan', 'upgrade', '--to', to);
  setPolicy(me.lab, ['approval: required', `approvers: ${join(me.desk, 'approvers')}`]);
  expect(code, err).toBe(2);
  expect(err).toContain('approvers');
});

test('a config that is not the one that was reviewed is refused before anything begins', async () => {
  const wrong = await me.routerctl(
    'upgrade',
    '--to',
    to,
    '--new-config',
    reviewed,
    '--config-sha256',
    '0'.repeat(64),
    '-y',
    '--override',
    'approval=alone tonight',
  );

  expect(wrong.code, wrong.err).toBe(6);
  expect(wrong.err).toContain(reviewed);
  expect(wrong.err).toContain(sha256(reviewed).slice(0, 12));
  expect(await me.version()).toBe('1.0.0');
});

test('an approved plan runs without a terminal and without -y, outside the window with a reason, and brings the reviewed config', async () => {
  const night = join(me.desk, 'night.plan');
  const made = await me.routerctl(
    'plan',
    'upgrade',
    '--to',
    to,
    '--new-config',
    reviewed,
    '--config-sha256',
    sha256(reviewed),
    '--window',
    '2020-01-01T02:00:00Z/2020-01-01T03:00:00Z',
    '--out',
    night,
  );
  expect(made.code, made.err).toBe(0);
  expect((await approve(night, '--reference', 'CHG0042')).code).toBe(0);
  const { code, out, err } = await me.routerctl('upgrade', night, '--change', 'CHG0042', '--override', 'window=agreed by phone');

  expect(code, out + err).toBe(0);
  expect(err).toMatch(/validate\/readiness\/models {2}3 models.*added:? chat-new/);
  expect(readFileSync(me.lab.paths.config, 'utf8')).toBe(readFileSync(reviewed, 'utf8'));
  const folder = join(me.runFolder(me.newestRun()), 'report');
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Record<string, unknown> & {
    people: { approval: unknown };
  };
  expect(report['planHash']).toBe((JSON.parse(readFileSync(`${night}.approval`, 'utf8')) as { planHash: string }).planHash);
  expect(report.people.approval).toMatchObject({ approver: 'bob@lab', reference: 'CHG0042' });
  expect(report).toMatchObject({
    changeRef: 'CHG0042',
    window: { from: '2020-01-01T02:00:00.000Z', to: '2020-01-01T03:00:00.000Z' },
    overrides: [{ rule: 'window', reason: 'agreed by phone' }],
  });
  const markdown = readFileSync(join(folder, 'report.md'), 'utf8');
  for (const words of ['agreed by phone', 'bob@lab', 'CHG0042', 'chat-new']) expect(markdown).toContain(words);
});
