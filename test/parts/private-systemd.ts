// A real systemd for a test file: a manager of its own in a mount namespace of its own, ended by its pid. What is started through it
// is real in every respect; units lie in a directory of the test, and nothing of the machine's own manager is touched.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = '/lib/systemd/systemd';

export const hasPrivateSystemd = existsSync(program) && spawnSync('unshare', ['-m', 'true']).status === 0;

/** Said once a file, since its tests are skipped in silence. */
export function saySkipped(): void {
  if (!hasPrivateSystemd) process.stderr.write('skipped: systemd as a private manager is missing; bin/provision (as root) installs it\n');
}

export interface PrivateSystemd {
  /** Where a process outside of the namespace finds the manager: `XDG_RUNTIME_DIR`. */
  readonly runtimeDirectory: string;
  /** argv that runs the words behind it inside and in that directory; there the manager is that of the user and of the system alike. */
  enter(directory: string): readonly string[];
  /** Writes the file of a unit; the manager reads it when it is reloaded, or first asked for it. */
  writeUnit(unit: string, text: string): string;
  systemctl(...words: readonly string[]): string;
  stop(): Promise<void>;
}

export async function startPrivateSystemd(): Promise<PrivateSystemd> {
  const home = mkdtempSync(join(tmpdir(), 'routerctl-manager-'));
  const units = join(home, '.config', 'systemd', 'user');
  mkdirSync(units, { recursive: true });
  const manager = spawn('unshare', ['-m', 'sh', '-c', inNamespace, 'sh', program], {
    env: { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8' },
    stdio: 'ignore',
  });
  // Each of the programs on the way becomes the next one, so that the pid is that of the manager.
  const pid = manager.pid ?? 0;
  const runtimeDirectory = `/proc/${pid}/root/run/user/${process.getuid?.() ?? 0}`;
  const environment = { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8', XDG_RUNTIME_DIR: runtimeDirectory };
  const answers = (): boolean => spawnSync('systemctl', ['--user', 'show', '--property=Version'], { env: environment }).status === 0;
  for (let rounds = 0; !answers(); rounds += 1) {
    if (rounds === 600 || manager.exitCode !== null) throw new Error('the private manager of systemd does not answer');
    await sleep(50);
  }
  return {
    runtimeDirectory,
    enter: (directory) => ['nsenter', '--target', String(pid), '--mount', `--wdns=${directory}`, '--'],
    writeUnit: (unit, text) => {
      writeFileSync(join(units, unit), text);
      return join(units, unit);
    },
    systemctl: (...words) => execFileSync('systemctl', ['--user', ...words], { env: environment, encoding: 'utf8' }).trim(),
    stop: async () => {
      await endManager(manager);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Told to end, it stops its units first. */
async function endManager(manager: ChildProcess): Promise<void> {
  const ended = new Promise((done) => manager.once('exit', done));
  if (manager.exitCode !== null || manager.signalCode !== null) return;
  manager.kill('SIGTERM');
  await ended;
}

const inNamespace = `set -eu
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib/systemd
export XDG_RUNTIME_DIR="/run/user/$(id -u)"
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR/systemd"
ln -s "$XDG_RUNTIME_DIR/systemd/private" /run/systemd/private
exec "$1" --user
`;
