// One temporary directory for a whole run of the tests, and the proof that nothing is left of it: a file or a process that a test
// forgot makes the run fail and is named, since on an operator's machine it would be routerctl that left it.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Made on purpose and shared by the tests of one run. */
const shared = ['routerctl-test-cache', 'node-compile-cache'];
const patienceMs = 10_000;

export default function setup(): () => Promise<void> {
  const outer = tmpdir();
  const room = realpathSync(mkdtempSync(join(outer, 'rt-')));
  // What is tried as another user must get to the directories that a test opens to it.
  chmodSync(room, 0o711);
  process.env['TMPDIR'] = room;
  return async () => {
    process.env['TMPDIR'] = outer;
    const files = readdirSync(room).filter((name) => !shared.includes(name));
    const left = await processesLeft(room);
    for (const { pid } of left) end(pid);
    rmSync(room, { recursive: true, force: true, maxRetries: 5 });
    const found = [
      ...files.map((name) => `a test left ${name}`),
      ...left.map(({ pid, command }) => `a test left process ${pid}: ${command}`),
    ];
    if (found.length === 0) return;
    // vitest prints an error of a teardown, and ends with 0 all the same.
    process.exitCode = 1;
    throw new Error(found.join('\n'));
  };
}

/** Those that outlive the tests' patience: a process that was just told to end needs a moment. */
async function processesLeft(room: string): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = processesOf(room);
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(100);
  }
}

function processesOf(room: string): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const command = fact(() => readFileSync(`/proc/${name}/cmdline`, 'utf8'));
      const stat = fact(() => readFileSync(`/proc/${name}/stat`, 'utf8'));
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Our own children are the workers; a zombie holds nothing.
      if (state === 'Z' || Number(parent) === process.pid) return [];
      const traces = [command, fact(() => readlinkSync(`/proc/${name}/cwd`)), fact(() => readFileSync(`/proc/${name}/environ`, 'utf8'))];
      return traces.some((trace) => trace.includes(room)) ? [{ pid: Number(name), command: command.replaceAll('\0', ' ').trim() }] : [];
    });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Empty for a process that is gone, or not ours to see. */
function fact(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
