// A guard as a transient unit of systemd: it outlives the terminal, the session that is cleaned up after a logout, and its own
// death, because systemd starts it again.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ownUser } from '../core/own-user.js';
import type { ProcessIdentity } from '../core/ports/service-processes.js';
import { procStat } from './proc.js';

export interface GuardUnit {
  readonly runId: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: string;
}

const ANSWER_LIMIT_MS = 5000;
const RESTART_SECONDS = 1;

/** null where no systemd manager answers this user and stays when its sessions end; then a detached process has to do. */
export async function startGuardUnit(unit: GuardUnit): Promise<ProcessIdentity | null> {
  const manager = await findManager();
  if (manager === null) return null;
  const name = `routerctl-guard-${unit.runId}`;
  const environment = Object.entries(unit.environment).flatMap(([key, value]) => (value === undefined ? [] : [`--setenv=${key}=${value}`]));
  const properties = [
    'Restart=on-failure',
    `RestartSec=${RESTART_SECONDS}`,
    `StandardOutput=append:${unit.log}`,
    `StandardError=append:${unit.log}`,
  ];
  const started = await ask('systemd-run', [
    ...manager,
    '--quiet',
    '--collect',
    `--unit=${name}`,
    ...properties.map((property) => `--property=${property}`),
    ...environment,
    '--',
    ...unit.argv,
  ]);
  if (started === null) return null;
  const pid = Number(await ask('systemctl', [...manager, 'show', '--property=MainPID', '--value', name]));
  const stat = pid > 0 ? procStat(pid) : null;
  return stat === null ? null : { pid, startTicks: stat.startTicks };
}

/** The system's manager for root, else the user's own: that one ends with the user's last session, guard and all, unless it lingers. */
async function findManager(): Promise<readonly string[] | null> {
  const { uid, name } = ownUser();
  // What `loginctl enable-linger` makes and `loginctl show-user -p Linger` reads, also where logind does not answer.
  const own = existsSync(join('/var/lib/systemd/linger', name)) ? [['--user']] : [];
  const candidates = uid === 0 ? [[], ...own] : own;
  for (const manager of candidates) if ((await ask('systemctl', [...manager, 'show', '--property=Version'])) !== null) return manager;
  return null;
}

/** `process` where no manager answers at all. */
export async function guardHome(): Promise<'system' | 'user' | 'process' | 'session'> {
  const manager = await findManager();
  if (manager !== null) return manager.length === 0 ? 'system' : 'user';
  return (await ask('systemctl', ['--user', 'show', '--property=Version'])) === null ? 'process' : 'session';
}

function ask(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: ANSWER_LIMIT_MS }, (error, stdout) => resolve(error === null ? stdout.trim() : null));
  });
}
