// Starts and ends routerctl's own helper processes.
import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import { RouterctlError } from '../core/errors.js';
import type { OwnProcesses } from '../core/ports/own-processes.js';
import { guardHome, startGuardUnit } from './guard-systemd.js';
import { procStat } from './proc.js';
import { endGroup } from './process-group.js';
import { isProcessAlive } from './process-identity.js';

/** `entry` is the argv with which this routerctl was started: interpreter and program. */
export function ownProcessesNode(entry: readonly string[]): OwnProcesses {
  const [program = process.execPath, ...leading] = entry;
  const startDetached: OwnProcesses['startDetached'] = async (args, { environment, log }) => {
    const out = openSync(log, 'a', 0o640);
    try {
      const child = spawn(program, [...leading, ...args], {
        detached: true,
        stdio: ['ignore', out, out],
        env: environment === 'bare' ? bareEnvironment() : process.env,
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (cause) =>
          reject(new RouterctlError('COMMAND_FAILED', `routerctl could not start its helper: ${cause.message}`, { cause })),
        );
      });
      child.unref();
      const pid = child.pid ?? 0;
      return { pid, startTicks: procStat(pid)?.startTicks ?? 0 };
    } finally {
      closeSync(out);
    }
  };
  return {
    startDetached,
    async startGuard(args, { runId, how, log }) {
      const unit = { runId, argv: [program, ...leading, ...args], environment: bareEnvironment(), log };
      const supervised = how === 'auto' ? await startGuardUnit(unit) : null;
      if (supervised !== null) return { ...supervised, by: 'systemd' };
      return { ...(await startDetached(args, { environment: 'bare', log })), by: 'process' };
    },
    guardHome: async (how) => (how === 'process' ? 'process' : await guardHome()),
    runBare: (args, timeoutMs) =>
      new Promise((resolve) => {
        execFile(
          program,
          [...leading, ...args],
          { env: bareEnvironment(), timeout: timeoutMs, killSignal: 'SIGKILL' },
          (error, stdout, stderr) => {
            const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
            resolve({ exitCode: code, stdout, stderr });
          },
        );
      }),
    isAlive: isProcessAlive,
    signal(identity, name) {
      if (isProcessAlive(identity)) process.kill(identity.pid, name);
    },
    endGroup,
    keepSignals() {
      let first: string | null = null;
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => (first ??= name));
      return { first: () => first };
    },
  };
}

function bareEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: process.env['HOME'] ?? homedir(), LANG: 'C.UTF-8' };
}
