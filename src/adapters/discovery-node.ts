// What runs on this machine, read from /proc and asked of systemd. Nothing is started, signalled or written, and of the environment of
// a process only the names are handed on.
import { closeSync, openSync, readlinkSync, readSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Discovery, FoundProcess, FoundUnit, ListeningAddress } from '../core/ports/discovery.js';
import { descriptorsOf, listeningSockets, listensOf } from './listening-sockets.js';
import { procArguments, procEnvironment, procIds, procLink, procStat } from './proc.js';
import { isInterpreter, scriptIndex } from './running-program.js';
import { findUnits } from './systemd-units.js';

export function discoveryNode(host = 'local'): Discovery {
  return {
    host,
    listening: (port) => Promise.resolve(listeningProcesses(port)),
    process: (pid) => Promise.resolve(describe(pid, listeningSockets())),
    unit: async (name) => (await findUnits(name))[0] ?? null,
    unitOf: async (pid) => unitOf(pid, await findUnits('*.service')),
    isSqlite: (path) => Promise.resolve(isSqlite(path)),
    startedWith(pid, entries) {
      const environment = procEnvironment(pid);
      if (environment === null) return Promise.resolve(null);
      return Promise.resolve(entries.every(({ key, value }) => environment.has(`${key}=${value}`)));
    },
  };
}

function listeningProcesses(port: number | null): readonly FoundProcess[] {
  const sockets = listeningSockets();
  const own = networkOf(process.pid);
  const found = procIds().flatMap((pid) => {
    const fits = networkOf(pid) === own && listensOf(pid, sockets).some((address) => port === null || address.port === port);
    const facts = fits && pid !== process.pid ? describe(pid, sockets) : null;
    return facts === null ? [] : [facts];
  });
  const pids = new Set(found.map(({ pid }) => pid));
  return found.filter(({ pid }) => !pids.has(procStat(pid)?.parent ?? 0));
}

/** A container may listen on the same number in a network of its own. */
function networkOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

function describe(pid: number, sockets: ReadonlyMap<string, ListeningAddress>): FoundProcess | null {
  const facts = procStat(pid);
  if (facts === null) return null;
  const argv = procArguments(pid);
  const directory = procLink(pid, 'cwd');
  const environment = procEnvironment(pid);
  const files = [...new Set(descriptorsOf(pid))].filter(isRegularFile).sort();
  const output = [1, 2].map((number) => procLink(pid, `fd/${number}`) ?? '').find(isRegularFile) ?? null;
  const names = environment === null ? null : [...environment].flatMap((entry) => /^([^=]+)=/.exec(entry)?.[1] ?? []).sort();
  return {
    pid,
    startTicks: facts.startTicks,
    argv,
    directory,
    program: programOf(pid, argv, directory),
    listens: listensOf(pid, sockets),
    openFiles: files,
    output,
    environmentNames: names,
  };
}

const isRegularFile = (path: string): boolean =>
  isAbsolute(path) && !/^\/(proc|dev|sys)\//.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function programOf(pid: number, argv: readonly string[], directory: string | null): string | null {
  const executable = procLink(pid, 'exe');
  if (executable === null) return null;
  if (!isInterpreter(executable)) return executable.replace(/ \(deleted\)$/, '');
  const script = argv[scriptIndex(argv)];
  if (script === undefined || (directory === null && !isAbsolute(script))) return null;
  try {
    return realpathSync(isAbsolute(script) ? script : join(directory ?? '/', script));
  } catch {
    return null;
  }
}

/** A listener may be a child of the main process. */
function unitOf(pid: number, units: readonly FoundUnit[]): FoundUnit | null {
  for (let at = pid; at > 1; at = procStat(at)?.parent ?? 0) {
    const unit = units.find(({ mainPid }) => mainPid === at);
    if (unit !== undefined) return unit;
  }
  return null;
}

const sqliteHeader = 'SQLite format 3\0';

function isSqlite(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    const file = openSync(path, 'r');
    try {
      const head = Buffer.alloc(sqliteHeader.length);
      return readSync(file, head, 0, head.length, 0) === head.length && head.toString('latin1') === sqliteHeader;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
