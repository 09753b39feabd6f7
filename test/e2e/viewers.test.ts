// The terminal is only a viewer: killed, hung up, detached or doubled, the run goes on, and `run attach` tells its end.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { practicePackage } from '../lab/lab.js';
import { type Operator, operator, program, said, until } from './operator.js';

let me: Operator;

interface Terminal {
  readonly text: () => string;
  readonly type: (keys: string) => void;
  /** The window is closed: its pseudo-terminal goes away under the command. */
  readonly close: () => void;
  readonly ended: Promise<number | null>;
}

function onTerminal(...args: readonly string[]): Terminal {
  const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qfec', `stty cols 100 rows 40; exec ${command}`, '/dev/null'], {
    cwd: me.lab.home,
    env: { ...me.env, TERM: 'xterm', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh' },
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
  });
  return {
    text: () => text,
    type: (keys) => child.stdin.write(keys),
    close: () => child.kill('SIGKILL'),
    ended: new Promise((done) => child.on('close', done)),
  };
}

/** Makes the middle of a run long enough to be watched; the figures of the checks stay within their limits. */
const slowProvider = [{ delayMs: 1500 }];

beforeAll(async () => {
  me = await operator();
});
afterEach(async () => me.lab.setFaults([]));
afterAll(async () => me.leave());

test('a viewer killed in the middle changes nothing; two others see the end and return its code', async () => {
  const viewer = me.start('upgrade', '--to', await practicePackage({ version: '1.1.0' }), '-y');
  await said(viewer, /phase 3\/5 change/);
  await me.lab.setFaults(slowProvider);
  viewer.child.kill('SIGKILL');
  await viewer.ended;
  const run = me.newestRun();
  const seen = await Promise.all([me.routerctl('run', 'attach', run), me.routerctl('run', 'attach', run.slice(-4), '--json')]);

  expect(seen.map(({ code }) => code)).toEqual([0, 0]);
  expect(seen[0].err).toContain('phase 1/5 preflight');
  expect(seen[0].err).toContain('validate committed');
  expect(seen[0].out).toMatch(/UPGRADED, VERIFIED: lab @ \S+ serves 1\.1\.0 +exit 0/);
  expect(JSON.parse(seen[1].out)).toMatchObject({ runId: run, outcome: 'upgraded', exitCode: 0 });
  expect(await me.version()).toBe('1.1.0');
});

test('a terminal that detaches, and one whose window is closed, leave the run alone; attaching shows it again', async () => {
  await me.lab.setFaults(slowProvider);
  const first = onTerminal('upgrade', '--to', await practicePackage({ version: '1.2.0' }), '-y');
  await until('the screen is drawn', () => first.text().includes('YOU NEED TO DO NOTHING NOW'));
  first.type('d');
  const left = await first.ended;
  const run = me.newestRun();
  expect(left).toBe(0);
  expect(first.text()).toContain(`detached; run ${run} goes on`);
  expect(first.text()).toContain(`back in: routerctl run attach ${run}`);

  const second = onTerminal('run', 'attach', run);
  await until('the screen is back', () => second.text().includes('1 preflight'));
  second.close();
  await second.ended;
  const { code, out, err } = await me.routerctl('run', 'attach', run);

  expect(code, out + err).toBe(0);
  expect(out).toMatch(/UPGRADED, VERIFIED: lab @ \S+ serves 1\.2\.0 +exit 0/);
  expect(readFileSync(join(me.runFolder(run), 'report', 'report.md'), 'utf8')).not.toMatch(/signal SIG|asks for/);
});

test('without a terminal a signal to the command makes the state safe first: 4, with the old version serving', async () => {
  const before = await me.version();
  const viewer = me.start('upgrade', '--to', await practicePackage({ version: '1.3.0' }), '-y');
  await said(viewer, /phase 3\/5 change/);
  await me.lab.setFaults(slowProvider);
  await said(viewer, /phase 4\/5 validate/);
  viewer.child.kill('SIGTERM');
  const { code, out, err } = await viewer.ended;

  expect(code, out + err).toBe(4);
  expect(await me.version()).toBe(before);
  expect(err).toContain('SIGTERM');
  expect(out).not.toContain('marked bad');
});

test('before a rollback the question names the run and both versions, and a no changes nothing', async () => {
  const before = await me.version();
  const terminal = onTerminal('rollback');
  await until('it asks', () => terminal.text().includes('[y/N]'));
  terminal.type('n\r');

  expect(await terminal.ended).toBe(6);
  expect(terminal.text()).toMatch(/Roll lab back from 1\.2\.0 to 1\.1\.0, run \S+-\w{4}\? \[y\/N\]/);
  expect(await me.version()).toBe(before);
});
