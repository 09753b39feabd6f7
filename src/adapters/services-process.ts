// Services that are plain processes. One is found by the mark in its environment, or by its pid file when its operator started it.
// Of several starts in the same moment exactly one runs: each sends a gated candidate forward, looks around, and only one opens its gate.
import { closeSync, openSync } from 'node:fs';
import { access, constants, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { readEnvFile } from '../core/env-file.js';
import { RouterctlError } from '../core/errors.js';
import type { ProcessIdentity, ProcessService, ServiceActs, ServiceReads, Startable } from '../core/ports/service-processes.js';
import { inherited } from './commands-node.js';
import { fileFailure, statOrNull, writeDurably } from './durable-file.js';
import { type GatedChild, isGated, spawnGated } from './gated-child.js';
import { fileTail } from './log-tail.js';
import { procArguments, procEnvironment, procIds, procStat } from './proc.js';
import { openConnections } from './process-connections.js';
import { describeProcess } from './process-description.js';
import { isProcessAlive } from './process-identity.js';
import { sendSignal } from './process-signal.js';
import { isInterpreter, scriptIndex } from './running-program.js';
import { familyOf } from './service-family.js';

const markName = 'ROUTERCTL_SERVICE';

export function servicesProcess(host = 'local'): ServiceReads<ProcessService> & ServiceActs<ProcessService> {
  return {
    host,
    find: async (service) => await Promise.all((await findIds(service)).map(describeProcess)),
    isAlive: async (process) => isProcessAlive(process),
    connections: async (process) => (isProcessAlive(process) ? openConnections(process.pid) : 0),
    startable: (service) => startable(service),
    family: (service, known) => Promise.resolve(familyOf(known, (pid) => hasMark(pid, service))),
    start: async (service, before = []) => {
      for (;;) {
        const left = before.length === 0 ? [] : familyOf(before, (pid) => hasMark(pid, service));
        if (left.length > 0)
          throw new RouterctlError('COMMAND_FAILED', `pid ${left.map(({ pid }) => pid).join(', ')} of the stopped service still runs`, {
            hint: 'end it, then run the same command again',
          });
        const [running] = await findIds(service);
        if (running !== undefined) return running;
        const started = await startAlone(service);
        if (started !== null) return started;
        await pause();
      }
    },
    unit: () => Promise.resolve(null),
    logTail: async ({ log }, lines) => ({ lines: await fileTail(log, lines), command: `tail -n 50 ${log}` }),
    signal: async (_service, identity, name) => {
      sendSignal(identity, name);
    },
  };
}

const pause = async (): Promise<void> => await new Promise((done) => setTimeout(done, 10));

const hasMark = (pid: number, service: ProcessService): boolean => procEnvironment(pid)?.has(`${markName}=${service.id}`) === true;

/** Live processes with the mark; gated ones have run nothing yet. */
function marked(service: ProcessService, gated: boolean): ProcessIdentity[] {
  return procIds().flatMap((pid) => {
    if (!hasMark(pid, service) || isGated(pid) !== gated) return [];
    const facts = procStat(pid);
    return facts === null ? [] : [{ pid, startTicks: facts.startTicks }];
  });
}

async function findIds(service: ProcessService): Promise<ProcessIdentity[]> {
  // A child that the service forked carries the mark too; only the topmost one is the service.
  const found = marked(service, false);
  const own = new Set(found.map(({ pid }) => pid));
  const topmost = found.filter(({ pid }) => !own.has(procStat(pid)?.parent ?? 0));
  const named = await fromPidFile(service);
  const known = named === null || own.has(named.pid) ? [] : [named];
  return [...topmost, ...known].sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
}

/** A number in a file proves nothing by itself: the process must run the service's program with its arguments. */
async function fromPidFile(service: ProcessService): Promise<ProcessIdentity | null> {
  const text = await readFile(service.pidFile, 'utf8').catch(() => '');
  const pid = /^\s*(\d+)\s*$/.exec(text)?.[1];
  const facts = pid === undefined ? null : procStat(Number(pid));
  if (facts === null || isGated(facts.pid)) return null;
  const mark = [...(procEnvironment(facts.pid) ?? [])].find((entry) => entry.startsWith(`${markName}=`));
  if (mark !== undefined && mark !== `${markName}=${service.id}`) return null;
  const running = programAndArguments(procArguments(facts.pid));
  const wanted = programAndArguments(service.command);
  return running.join('\0') === wanted.join('\0') ? { pid: facts.pid, startTicks: facts.startTicks } : null;
}

/** Base name of the program, or of the script behind an interpreter, and what is handed to it. */
function programAndArguments(argv: readonly string[]): readonly string[] {
  const script = isInterpreter(argv[0] ?? '') ? scriptIndex(argv) : 0;
  const at = script === -1 ? 0 : script;
  return [basename(argv[at] ?? ''), ...argv.slice(at + 1)];
}

async function startable(service: ProcessService): Promise<Startable> {
  try {
    const { argv, program } = await resolvedCommand(service);
    await serviceEnvironment(service);
    if ((await stat(service.directory).catch(() => null))?.isDirectory() !== true)
      return { problem: `${service.directory} does not exist`, hint: 'check `deployment.directory` in routerctl.yaml' };
    return { program: program ?? argv[0] ?? '' };
  } catch (error) {
    if (!(error instanceof RouterctlError)) throw error;
    return { problem: error.message, hint: error.hint ?? 'check `deployment` in routerctl.yaml' };
  }
}

/** null when another start was ahead. */
async function startAlone(service: ProcessService): Promise<ProcessIdentity | null> {
  const { argv } = await resolvedCommand(service);
  const environment = { ...inherited(), ...(await serviceEnvironment(service)), [markName]: service.id };
  const log = await openLog(service.log);
  let candidate: GatedChild;
  try {
    candidate = await spawnGated(argv, { directory: service.directory, environment, stdout: log, stderr: log });
  } finally {
    closeSync(log);
  }
  candidate.child.unref();
  if (!(await isFirst(service, candidate.identity))) {
    candidate.withdraw();
    return null;
  }
  try {
    // Written before the program runs: a kill in between leaves a number of a process that has done nothing and is gone.
    await mkdir(dirname(service.pidFile), { recursive: true });
    await writeDurably(service.pidFile, `${candidate.identity.pid}\n`, { mode: 0o644 });
  } catch (error) {
    candidate.withdraw();
    throw fileFailure(error, service.pidFile, 'write');
  }
  candidate.open();
  while (isGated(candidate.identity.pid) && isProcessAlive(candidate.identity)) await pause();
  return candidate.identity;
}

/**
 * Both of two candidates are in /proc before either looks, so at least one sees the other. The later one withdraws; the
 * earlier one waits until it is gone or turns out to have gone ahead, having looked before this one existed.
 */
async function isFirst(service: ProcessService, own: ProcessIdentity): Promise<boolean> {
  for (;;) {
    const others = marked(service, true).filter(({ pid }) => pid !== own.pid);
    if ((await findIds(service)).length > 0) return false;
    if (others.length === 0) return true;
    if (others.some((other) => other.startTicks < own.startTicks || (other.startTicks === own.startTicks && other.pid < own.pid)))
      return false;
    await pause();
  }
}

async function serviceEnvironment({ environmentFile }: ProcessService): Promise<Record<string, string>> {
  if (environmentFile === null) return {};
  try {
    const { entries } = readEnvFile(await readFile(environmentFile, 'utf8'));
    return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
  } catch (error) {
    throw fileFailure(error, environmentFile, 'read');
  }
}

async function openLog(path: string): Promise<number> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return openSync(path, 'a', 0o640);
  } catch (error) {
    throw fileFailure(error, path, 'write');
  }
}

interface Resolved {
  readonly argv: readonly string[];
  /** null when an interpreter runs no file. */
  readonly program: string | null;
}

/** Links in the program, and in the script behind an interpreter, are resolved: the process then names its version itself. */
async function resolvedCommand(service: ProcessService): Promise<Resolved> {
  const argv = [...service.command];
  const executable = await onPath(argv[0] ?? '', service.directory);
  await refuseUnusable(argv[0] ?? '', executable, constants.X_OK);
  const index = isInterpreter(argv[0] ?? '') ? scriptIndex(argv) : 0;
  if (index === -1) return { argv, program: null };
  const word = argv[index] ?? '';
  const path = index === 0 ? executable : resolve(service.directory, word);
  if (index !== 0) await refuseUnusable(word, path, constants.R_OK);
  const program = await realpath(path ?? word);
  argv[index] = program;
  return { argv, program };
}

async function refuseUnusable(word: string, path: string | null, need: number): Promise<void> {
  const facts = path === null ? null : await stat(path).catch(() => null);
  const hint = 'check `deployment.command` in routerctl.yaml, and whether the link to the version in use points to a whole version';
  if (path === null || facts === null)
    throw new RouterctlError('FILE_MISSING', `the program ${word} of the service does not exist`, { hint });
  const usable =
    facts.isFile() &&
    (await access(path, need).then(
      () => true,
      () => false,
    ));
  if (!usable)
    throw new RouterctlError(
      'FILE_UNREADABLE',
      `the program ${word} of the service is not ${need === constants.X_OK ? 'executable' : 'readable'}`,
      { hint },
    );
}

async function onPath(word: string, directory: string): Promise<string | null> {
  if (isAbsolute(word)) return word;
  if (word.includes('/')) return resolve(directory, word);
  for (const part of (inherited()['PATH'] ?? '').split(delimiter)) {
    if ((await statOrNull(join(part, word)))?.isFile() === true) return join(part, word);
  }
  return null;
}
