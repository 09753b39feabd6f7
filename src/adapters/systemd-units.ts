// The services that a manager of systemd knows, by name or by pattern, as their units describe them. Their `Environment=` is not asked
// for: it may hold secrets.
import { isAbsolute } from 'node:path';
import type { FoundUnit } from '../core/ports/discovery.js';
import { isInterpreter, scriptIndex } from './running-program.js';
import { askSystemctl, type Scope } from './systemctl.js';
import { withoutEnv } from './systemd-unit.js';

const asked = ['Id', 'LoadState', 'ActiveState', 'MainPID', 'ExecStart', 'EnvironmentFiles', 'WorkingDirectory'] as const;

/** Those of the system first; empty where no manager answers. */
export async function findUnits(pattern: string): Promise<readonly FoundUnit[]> {
  const [ofSystem, ofUser] = await Promise.all((['system', 'user'] as const).map((scope) => unitsOf(scope, pattern)));
  return [...(ofSystem ?? []), ...(ofUser ?? [])].filter(({ loaded }) => loaded);
}

async function unitsOf(scope: Scope, pattern: string): Promise<readonly FoundUnit[]> {
  const text = await askSystemctl(scope, ['show', ...asked.map((name) => `--property=${name}`), '--', pattern]).catch(() => '');
  return text.split('\n\n').flatMap((block) => {
    const all = block.split('\n').filter((line) => line.includes('='));
    const of = (name: (typeof asked)[number]): readonly string[] =>
      all.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
    const id = of('Id')[0];
    return id === undefined ? [] : [unitFrom(scope, id, of)];
  });
}

function unitFrom(scope: Scope, unit: string, of: (name: (typeof asked)[number]) => readonly string[]): FoundUnit {
  const [, path = '', line = ''] = /path=(.*?) ; argv\[\]=(.*?) ; ignore_errors=/.exec(of('ExecStart')[0] ?? '') ?? [];
  const argv = withoutEnv([path, ...line.split(' ').slice(1)]);
  const word = argv[isInterpreter(argv[0] ?? '') ? scriptIndex(argv) : 0] ?? '';
  const directory = (of('WorkingDirectory')[0] ?? '').replace(/^[!-]/, '');
  return {
    unit,
    scope,
    loaded: of('LoadState')[0] === 'loaded',
    activeState: of('ActiveState')[0] ?? '',
    mainPid: Number(of('MainPID')[0] ?? 0),
    program: isAbsolute(word) ? word : null,
    argv,
    environmentFiles: of('EnvironmentFiles').map((text) => text.replace(/ \(ignore_errors=\w+\)$/, '')),
    directory: isAbsolute(directory) ? directory : null,
  };
}
