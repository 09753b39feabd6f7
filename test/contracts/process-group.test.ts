// A process group with members of another user: no user without rights can end it, and nobody waits for it without end.
import { execFile, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { procStat } from '../../src/adapters/proc.js';
import { endGroup, membersOf } from '../../src/adapters/process-group.js';
import { asNobody } from '../lab/nobody.js';

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('skipped: groups of another user need another user; run the tests as root\n');
const directory = mkdtempSync(join(tmpdir(), 'routerctl-group-'));
chmodSync(directory, 0o755);
afterAll(() => rmSync(directory, { recursive: true }));

interface Refusal {
  readonly code: string;
  readonly exit: number;
  readonly message: string;
  readonly hint: string;
  readonly group?: number;
}

function saidToNobody(...args: readonly string[]): Promise<Refusal> {
  const program = join(import.meta.dirname, 'foreign-group-program.js');
  const [file = '', ...rest] = asNobody('/', [process.execPath, program, ...args]);
  return new Promise((resolve, reject) => {
    execFile(file, rest, { timeout: 30_000, killSignal: 'SIGKILL' }, (error, stdout) =>
      error === null ? resolve(JSON.parse(stdout) as Refusal) : reject(error),
    );
  });
}

test.runIf(isRoot)('what root left running in a group is named after a while, and everything else of it has ended', async () => {
  const script = 'setpriv --reuid=65534 --regid=65534 --clear-groups sleep 600 & sleep 600';
  const child = spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' });
  const pgid = child.pid ?? 0;
  const group = { pgid, startTicks: procStat(pgid)?.startTicks ?? 0 };
  while (membersOf(group).length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  const refusal = await saidToNobody('end', String(pgid), String(group.startTicks)).catch(async (error: unknown) => {
    await endGroup(group);
    throw error;
  });
  const left = membersOf(group);
  expect(left).toHaveLength(2);
  expect(refusal).toEqual({
    code: 'HOOK_ALIVE',
    exit: 6,
    message: `processes ${left.join(', ')} of root, which a hook left running, go on acting and nobody may not end them`,
    hint: `end them: sudo kill -KILL ${left.join(' ')}; then run the same command again`,
  });
  await endGroup(group);
  expect(membersOf(group)).toEqual([]);
});

test.runIf(isRoot)('a hook that became root and hangs fails at its time limit instead of being waited for', async () => {
  const becomesRoot = join(directory, 'become');
  copyFileSync('/usr/bin/setpriv', becomesRoot);
  chmodSync(becomesRoot, 0o4755);
  const refusal = await saidToNobody('hook', becomesRoot, '--reuid=0', 'sleep', '600');
  const group = { pgid: refusal.group ?? 0, startTicks: procStat(refusal.group ?? 0)?.startTicks ?? 0 };
  expect(refusal).toMatchObject({ code: 'HOOK_ALIVE', message: expect.stringContaining(`process ${group.pgid} of root`) as string });
  await endGroup(group);
});
