// Another user of the machine. On an operator's host that user may reach routerctl; a clone, and the tests' own directory, may lie
// below one that only its owner may enter. In a mount namespace of the command's own those ways are open, and nothing else changes.
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

const become = (uid: number) => ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];

/** argv that runs `command` in `directory` as nobody, or as another one who is not its owner; needs root. */
export function asNobody(directory: string, command: readonly string[], uid = 65_534): readonly string[] {
  const needed = [process.cwd(), tmpdir(), dirname(dirname(process.execPath))];
  const ways = needed.flatMap((path) => {
    const closed = closedAbove(path);
    return closed === null ? [] : [{ path, closed }];
  });
  const script = [
    ...(ways.length === 0 ? [] : ['mount -t tmpfs -o mode=755 ways /mnt']),
    ...ways.map(({ path }, index) => `mkdir /mnt/${index}; mount --rbind ${quoted(path)} /mnt/${index}`),
    ...[...new Set(ways.map(({ closed }) => closed))].map((closed) => `mount -t tmpfs -o mode=755 ways ${quoted(closed)}`),
    ...ways.map(({ path }, index) => `mkdir -p ${quoted(path)}; mount --rbind /mnt/${index} ${quoted(path)}`),
    `cd ${quoted(directory)}`,
    'exec "$@"',
  ];
  return ['unshare', '--mount', 'sh', '-euc', script.join('\n'), 'sh', ...become(uid), ...command];
}

/** The outermost directory on the way to `path` that others may not enter; null when the way is open. */
function closedAbove(path: string): string | null {
  const parent = dirname(path);
  if (parent === path) return null;
  const outer = closedAbove(parent);
  if (outer !== null) return outer;
  return existsSync(parent) && (statSync(parent).mode & 0o001) === 0 ? parent : null;
}

const quoted = (path: string): string => `'${path.replaceAll("'", "'\\''")}'`;
