// A second operator with an account of their own: what the first one keeps beside the deployment is not theirs to see, and every
// command says so, whose it is, and as whom to run it.
import { execFile } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Operator, operator, program, type Said, sh } from '../e2e/operator.js';
import { practicePackage } from '../lab/lab.js';
import { asNobody } from '../lab/nobody.js';

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('skipped: another user’s run must be tried as another user; run the tests as root\n');
const nobody = 65_534;

let me: Operator;
let here = '';
let runId = '';
let to = '';

beforeAll(async () => {
  if (!isRoot) return;
  me = await operator();
  here = mkdtempSync(join(tmpdir(), 'routerctl-other-'));
  chownSync(here, nobody, nobody);
  to = join(here, basename(await practicePackage({ version: '1.1.0' })));
  copyFileSync(await practicePackage({ version: '1.1.0' }), to);
  const saved = await me.routerctl('backup', 'create', '-y', '-q');
  expect(saved.code, saved.err).toBe(0);
  runId = me.newestRun();
  // The deployment itself is open to the second operator; only what routerctl keeps is not.
  await sh("chmod 755 . && find . -path ./.routerctl -prune -o -exec chmod a+rX '{}' +", me.lab.home);
}, 120_000);
afterAll(async () => {
  if (!isRoot) return;
  await me.leave();
  rmSync(here, { recursive: true, force: true });
}, 60_000);

function saidToNobody(state: string, ...args: readonly string[]): Promise<Said> {
  const env = { PATH: process.env['PATH'], HOME: here, ROUTERCTL_STATE: state, NO_COLOR: '1' };
  const [file = '', ...rest] = asNobody(here, [process.execPath, program, ...args]);
  return new Promise((done) => {
    execFile(file, rest, { cwd: here, env }, (error, out, err) => done({ code: error === null ? 0 : Number(error.code), out, err }));
  });
}

test.runIf(isRoot)('every command says whose the run is and as whom to run it', { timeout: 120_000 }, async () => {
  const config = ['--config', me.lab.paths.targetConfig];
  const kept = join(me.lab.home, '.routerctl');
  const run = join(kept, 'runs', runId);
  const state = join(here, 'state');
  const commands = [
    ...['attach', 'show', 'hold', 'continue', 'keep', 'roll-back', 'take-over', 'ticket'].map((verb) => ['run', verb, run]),
    ['resume', run],
    ['rollback', run, '-y'],
    ['rollback', '-y', ...config],
    ['upgrade', '--to', to, '-y', ...config],
    ['plan', 'upgrade', '--to', to, ...config],
    ['backup', 'create', '-y', ...config],
  ];
  for (const args of commands) {
    const { code, out, err } = await saidToNobody(state, ...args);
    const what = `${args.join(' ')}\n${out}${err}`;
    expect(code, what).toBe(6);
    expect(err, what).toBe(
      `error: ${kept} belongs to root (uid 0), and nobody may not use it\n  hint: run the same command as that user: sudo -u root routerctl …; or as root\n`,
    );
  }
});

test.runIf(isRoot)('an index that this user may not see is not taken for an empty one', async () => {
  const state = join(here, 'state-of-root');
  mkdirSync(join(state, 'runs'), { recursive: true });
  chmodSync(join(state, 'runs'), 0o700);
  for (const args of [
    ['run', 'list'],
    ['resume', runId],
    ['run', 'show', runId],
  ]) {
    const { code, err } = await saidToNobody(state, ...args);
    expect(code, err).toBe(6);
    expect(err).toContain(`error: ${join(state, 'runs')} belongs to root (uid 0), and nobody may not use it`);
  }
});

test.runIf(isRoot)('what routerctl keeps is closed to others whichever command came first', async () => {
  expect(statSync(join(me.lab.home, '.routerctl')).mode & 0o777).toBe(0o700);
  expect(statSync(join(me.lab.home, '.routerctl', 'runs')).mode & 0o777).toBe(0o700);
});
