import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commandsNode } from '../../src/adapters/commands-node.js';
import { procStat } from '../../src/adapters/proc.js';
import { endGroup, membersOf, type ProcessGroup } from '../../src/adapters/process-group.js';
import { createRedactor } from '../../src/core/redaction.js';

const directory = mkdtempSync(join(tmpdir(), 'commands-'));
afterAll(() => rmSync(directory, { recursive: true }));
const redactor = createRedactor();
redactor.register('a-secret-of-the-operator', 'test');
const groups: ProcessGroup[] = [];
const commands = commandsNode({ redactor, onGroup: (group) => Promise.resolve(void groups.push(group)) });
const sh = (script: string, timeoutMs = 60_000) => commands.run(['sh', '-c', script], { timeoutMs, directory });

test('output and exit code come back, output masked', async () => {
  const outcome = await sh('echo a-secret-of-the-operator; echo bad >&2; exit 3');
  expect(outcome).toMatchObject({ exitCode: 3, signal: null, timedOut: false, stderr: 'bad\n' });
  expect(outcome.stdout).not.toContain('secret-of');
});

test('output is capped, and a secret across the cut does not show its beginning', async () => {
  const outcome = await sh(`yes 'x .' | head -c 65530; echo a-secret-of-the-operator; yes 'y .' | head -c 200000`);
  expect(outcome.stdout.length).toBe(65_536);
  expect(outcome.stdout).not.toContain('a-sec');
});

test('the group is on record before the program runs, and a failure to record keeps it from running', async () => {
  const witness = join(directory, 'ran');
  const failing = commandsNode({ redactor, onGroup: () => Promise.reject(new Error('disk full')) });
  await expect(failing.run(['touch', witness], { timeoutMs: 60_000 })).rejects.toThrow('disk full');
  expect(existsSync(witness)).toBe(false);
});

test('at the time limit the whole group is gone, children included', async () => {
  const outcome = await sh(`sleep 600 & echo $! > ${directory}/child; sleep 600`, 300);
  expect(outcome.timedOut).toBe(true);
  expect(procStat(Number(readFileSync(join(directory, 'child'), 'utf8')))).toBeNull();
  expect(membersOf(groups.at(-1) ?? { pgid: 0, startTicks: 0 })).toEqual([]);
});

test('children that outlive the program are ended with it', async () => {
  const outcome = await sh('sleep 600 > /dev/null 2>&1 & exit 0');
  expect(outcome.exitCode).toBe(0);
  expect(membersOf(groups.at(-1) ?? { pgid: 0, startTicks: 0 })).toEqual([]);
});

test('an abort ends the group', async () => {
  const stop = new AbortController();
  const running = commandsNode({ redactor, onGroup: () => Promise.resolve(stop.abort()) }).run(['sleep', '600'], {
    timeoutMs: 600_000,
    signal: stop.signal,
  });
  expect(await running).toMatchObject({ exitCode: null, timedOut: false });
});

test('a group of another start time is left alone', async () => {
  await endGroup({ pgid: process.pid, startTicks: 1 });
  expect(membersOf({ pgid: process.pid, startTicks: 1 })).toEqual([]);
});

test('a program that does not exist is an exit code with the reason, not a bug', async () => {
  const outcome = await commands.run(['/no/such/program'], { timeoutMs: 60_000 });
  expect([outcome.exitCode, outcome.stderr]).toEqual([127, expect.stringContaining('/no/such/program')]);
});

test('only PATH, HOME, LANG and what is given is in its environment', async () => {
  const outcome = await commands.run(['env'], { timeoutMs: 60_000, environment: { GIVEN: '1' } });
  const names = outcome.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('=')[0]);
  expect(names.filter((name) => !['PATH', 'HOME', 'LANG', 'GIVEN', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? ''))).toEqual([]);
  expect(names).toContain('GIVEN');
});

test('a program reads what it is given and no more, whether it reads at all or not, and nothing when nothing is given', async () => {
  const given = await commands.run(['cat'], { timeoutMs: 60_000, input: 'two\nlines' });
  const unread = await commands.run(['true'], { timeoutMs: 60_000, input: 'x'.repeat(1_000_000) });
  const none = await commands.run(['cat'], { timeoutMs: 60_000 });
  expect([given.stdout, unread.exitCode, none.stdout]).toEqual(['two\nlines', 0, '']);
});
