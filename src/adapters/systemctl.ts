// Asks and tells a manager of systemd through its own command line, as the operator would.
import { execFile } from 'node:child_process';
import { RouterctlError } from '../core/errors.js';
import { ownUser } from '../core/own-user.js';
import type { SystemdService } from '../core/ports/service-processes.js';
import { inherited } from './commands-node.js';

export type Scope = SystemdService['scope'];

const ANSWER_LIMIT_MS = 30_000;

/** For a person: the command line that does the same. */
export const systemctlLine = (scope: Scope, ...words: readonly string[]): string =>
  ['systemctl', ...(scope === 'user' ? ['--user'] : []), ...words].join(' ');

/** Only asks. */
export async function askSystemctl(scope: Scope, words: readonly string[]): Promise<string> {
  return await run('systemctl', argumentsOf(scope, words), systemctlLine(scope, ...words));
}

/** Has an effect, and none any more once this process is dead: a successor must not be surprised by it. */
export async function tellSystemctl(scope: Scope, words: readonly string[]): Promise<void> {
  const argv = ['--pdeathsig', 'KILL', '--', 'systemctl', '--no-ask-password', ...argumentsOf(scope, words)];
  await run('setpriv', argv, systemctlLine(scope, ...words));
}

/** What the journal holds of a unit; empty where there is no journal, or where this user may not read it. */
export async function askJournal(scope: Scope, unit: string, lines: number): Promise<string> {
  const words = ['--unit', unit, '--lines', String(lines), '--no-pager', '--quiet', '--output', 'cat'];
  return await run('journalctl', argumentsOf(scope, words), 'journalctl').catch(() => '');
}

const argumentsOf = (scope: Scope, words: readonly string[]): readonly string[] => (scope === 'user' ? ['--user', ...words] : words);

function run(program: string, argv: readonly string[], line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      argv,
      { timeout: ANSWER_LIMIT_MS, killSignal: 'SIGKILL', env: environment(), maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(refusal(line, error, stderr));
      },
    );
  });
}

function refusal(line: string, error: Error & { readonly code?: unknown; readonly killed?: boolean }, stderr: string): RouterctlError {
  const said = stderr.trim().split('\n')[0] ?? '';
  const why = error.killed === true ? `no answer within ${ANSWER_LIMIT_MS} ms` : said === '' ? error.message : said;
  const hint = /denied|authentication/i.test(said) ? 'run routerctl as root, or as the user whose unit it is' : `run it by hand: ${line}`;
  return new RouterctlError(error.code === 'ENOENT' ? 'FILE_MISSING' : 'COMMAND_FAILED', `${line}: ${why}`, { hint, cause: error });
}

/** The manager of a user is found by its runtime directory, which a guard's bare environment does not name. */
function environment(): NodeJS.ProcessEnv {
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${ownUser().uid}`;
  return { ...inherited(), LANG: 'C.UTF-8', XDG_RUNTIME_DIR: runtime, SYSTEMD_COLORS: '0' };
}
