// What systemd says of one unit, read in one call, and what a start of it would run.
import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { Problem, SystemdService } from '../core/ports/service-processes.js';
import { isInterpreter, scriptIndex } from './running-program.js';
import { askSystemctl, systemctlLine } from './systemctl.js';

const asked = [
  'ActiveState',
  'AssertResult',
  'ConditionResult',
  'ControlGroup',
  'DropInPaths',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecStart',
  'FragmentPath',
  'Job',
  'LoadError',
  'LoadState',
  'MainPID',
  'NRestarts',
  'NeedDaemonReload',
  'Result',
  'SubState',
  'Type',
  'UnitFileState',
] as const;

export type Shown = Readonly<Record<(typeof asked)[number], string>>;

export async function showUnit({ scope, unit }: SystemdService): Promise<Shown> {
  const text = await askSystemctl(scope, ['show', ...asked.map((name) => `--property=${name}`), '--', unit]);
  const found = new Map(text.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  return Object.fromEntries(asked.map((name) => [name, found.get(name) ?? ''])) as Shown;
}

/** In the order in which systemd reads them. */
export const unitFiles = (shown: Shown): readonly string[] =>
  [shown.FragmentPath, ...shown.DropInPaths.split(' ')].filter((path) => path !== '');

/** Why nothing could be started at all. */
export function unusable({ scope, unit }: SystemdService, shown: Shown): Problem | null {
  const problem = (what: string, hint: string): Problem => ({ problem: `the unit ${unit} ${what}`, hint });
  if (shown.LoadState === 'masked' || shown.UnitFileState.startsWith('masked')) {
    const flag = shown.UnitFileState === 'masked-runtime' ? ['--runtime'] : [];
    return problem('is masked', `whoever masked it had a reason; then: ${systemctlLine(scope, 'unmask', ...flag, unit)}`);
  }
  if (shown.LoadState === 'not-found')
    return problem(
      `is not known to the manager of the ${scope}`,
      'check `deployment.unit` and `deployment.scope` in routerctl.yaml, and whether the unit file is installed',
    );
  if (shown.LoadState !== 'loaded')
    return problem(`cannot be loaded: ${shown.LoadError || shown.LoadState}`, `read on: ${systemctlLine(scope, 'status', unit)}`);
  if (shown.Type === 'oneshot') return problem('is of Type=oneshot: nothing of it stays', 'name the unit of the router itself');
  return null;
}

export function changedOnDisk({ scope, unit }: SystemdService, shown: Shown): Problem | null {
  if (shown.NeedDaemonReload !== 'yes') return null;
  return {
    problem: `the unit file of ${unit} changed on disk after systemd read it`,
    hint: `look at it, then: ${systemctlLine(scope, 'daemon-reload')}`,
  };
}

export interface StartCommand {
  /** The word that must be there, as the unit names it. */
  readonly word: string;
  /** The script behind an interpreter, else the executable, links resolved; null where that cannot be told from the unit. */
  readonly program: string | null;
  readonly problem: Problem | null;
}

export async function startCommand(service: SystemdService, shown: Shown): Promise<StartCommand> {
  const [, path = '', line = ''] = /path=(.*?) ; argv\[\]=(.*?) ; ignore_errors=/.exec(shown.ExecStart) ?? [];
  const executable = await unusableProgram(service, path, constants.X_OK);
  if (executable !== null) return { word: path, program: null, problem: executable };
  const argv = withoutEnv([path, ...line.split(' ').slice(1)]);
  const [first = ''] = argv;
  if (!isInterpreter(first))
    return { word: path, program: isAbsolute(first) ? await realpath(first).catch(() => null) : null, problem: null };
  const script = argv[scriptIndex(argv)] ?? '';
  // Of anything but a whole path only the interpreter knows what it means.
  if (!isAbsolute(script)) return { word: path, program: null, problem: null };
  const unreadable = await unusableProgram(service, script, constants.R_OK);
  return { word: script, program: unreadable === null ? await realpath(script) : null, problem: unreadable };
}

/** `env` becomes the program that it is told to run. */
export function withoutEnv(argv: readonly string[]): readonly string[] {
  if (basename(argv[0] ?? '') !== 'env') return argv;
  const at = argv.findIndex((word, index) => index > 0 && !word.startsWith('-') && !word.includes('='));
  return at === -1 ? argv : argv.slice(at);
}

async function unusableProgram({ unit }: SystemdService, path: string, need: number): Promise<Problem | null> {
  const hint = 'check ExecStart= of the unit, and whether the link to the version in use points to a whole version';
  const facts = await stat(path).catch(() => null);
  if (facts === null) return { problem: `the program ${path} of the unit ${unit} does not exist`, hint };
  const allowed = await access(path, need).then(
    () => true,
    () => false,
  );
  if (facts.isFile() && allowed) return null;
  return { problem: `the program ${path} of the unit ${unit} is not ${need === constants.X_OK ? 'executable' : 'readable'}`, hint };
}
