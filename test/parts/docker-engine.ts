// A Docker Engine of a test's own: its data, socket and networks lie apart from every other engine of the machine, and it is stopped by
// its pid. It changes no firewall rule and forwards nothing, so that what runs in it reaches nothing outside of it.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const answers = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

const parts = [
  ['dockerd', answers('dockerd', '--version')],
  ['docker', answers('docker', '--version')],
  ['docker compose', answers('docker', 'compose', 'version')],
  ['root', process.geteuid?.() === 0],
] as const;

/** What an engine lacks here, as the name of a test that is skipped; null when it can be started. */
export const engineMissing: string | null = (() => {
  const missing = parts.filter(([, there]) => !there).map(([name]) => name);
  return missing.length === 0 ? null : `skipped: ${missing.join(' and ')} missing, bin/provision (as root) installs the engine`;
})();

export interface DockerEngine {
  /** For DOCKER_HOST. */
  readonly address: string;
  /** What the command says on standard output. @throws with what it says on standard error */
  docker(args: readonly string[], directory?: string): string;
  stop(): Promise<void>;
}

export async function startDockerEngine(): Promise<DockerEngine> {
  // Short names: the sockets below have paths of at most 107 bytes.
  const room = mkdtempSync(join(tmpdir(), 'e-'));
  const address = `unix://${room}/d.sock`;
  const log = openSync(join(room, 'log'), 'w');
  const networks = `base=10.${150 + (process.pid % 100)}.0.0/16,size=24`;
  const args = [
    ...['--data-root', join(room, 'data'), '--exec-root', join(room, 'x'), '--pidfile', join(room, 'pid'), '--host', address],
    ...['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--default-address-pool', networks],
  ];
  // On a busy machine containerd is asked for its stacks, and leaves them in a temporary file.
  const daemon = spawn('dockerd', args, { stdio: ['ignore', log, log], env: { ...process.env, TMPDIR: room } });
  closeSync(log);
  const docker = (command: readonly string[], directory = room): string =>
    execFileSync('docker', command, {
      cwd: directory,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: room, DOCKER_HOST: address },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const stop = async (): Promise<void> => {
    await ended(daemon);
    // The namespace of containers on the host's network stays mounted.
    for (const path of mountsBelow(room)) execFileSync('umount', ['--lazy', path]);
    rmSync(room, { recursive: true, force: true, maxRetries: 5 });
  };
  for (let tries = 0; ; tries += 1) {
    if (answers('docker', '--host', address, 'info')) return { address, docker, stop };
    if (tries === 120 || daemon.exitCode !== null) {
      const said = readFileSync(join(room, 'log'), 'utf8').slice(-2000);
      await stop();
      throw new Error(`the engine did not start:\n${said}`);
    }
    await sleep(250);
  }
}

const mountsBelow = (directory: string): readonly string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? [])
    .filter((path) => path.startsWith(`${directory}/`))
    .reverse();

async function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const gone = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await gone;
}
