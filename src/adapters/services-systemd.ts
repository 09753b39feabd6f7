// Services that systemd runs. Every start and stop is a job of systemd's own, so that it knows what we do and does not work against
// it; what runs is told by /proc, as for any other process.
import { readFile } from 'node:fs/promises';
import { RouterctlError } from '../core/errors.js';
import type {
  LogTail,
  ProcessIdentity,
  ServiceActs,
  ServiceMember,
  ServiceReads,
  Startable,
  SystemdService,
  UnitFacts,
} from '../core/ports/service-processes.js';
import { fileTail, lastLines } from './log-tail.js';
import { procIds, procStat, procText } from './proc.js';
import { openConnections } from './process-connections.js';
import { describeProcess } from './process-description.js';
import { isProcessAlive } from './process-identity.js';
import { sendSignal } from './process-signal.js';
import { familyOf } from './service-family.js';
import { askJournal, systemctlLine, tellSystemctl } from './systemctl.js';
import { changedOnDisk, type Shown, showUnit, startCommand, unitFiles, unusable } from './systemd-unit.js';

const pollMs = 10;

export function servicesSystemd(host = 'local'): ServiceReads<SystemdService> & ServiceActs<SystemdService> {
  return {
    host,
    find: async (service) => {
      const main = mainProcess(await showUnit(service));
      // systemd decides as whom it runs, whoever restarts it.
      return main === null || isBeforeExec(main) ? [] : [{ ...(await describeProcess(main)), foreignUid: null }];
    },
    isAlive: (process) => Promise.resolve(isProcessAlive(process)),
    connections: (process) => Promise.resolve(isProcessAlive(process) ? openConnections(process.pid) : 0),
    startable: async (service) => startable(service),
    unit: async (service) => unitFacts(service),
    family: async (service, known) => family(service, known),
    logTail: async (service, lines) => logTail(service, lines),
    start: async (service, before = []) => {
      const left = before.length === 0 ? [] : await family(service, before);
      if (left.length > 0)
        throw new RouterctlError('COMMAND_FAILED', `pid ${left.map(({ pid }) => pid).join(', ')} of the stopped service still runs`, {
          hint: 'end it, then run the same command again',
        });
      const shown = await settled(service);
      const running = mainProcess(shown);
      const isOurs = Number(shown.NRestarts) === 0;
      if (running !== null && isOurs) return await begun(service, 0);
      // What systemd started again by itself may be of before the change, and its count would tell of a service that does not stay;
      // while it waits to do so it holds a start back, and refuses it after too many of these.
      if (running !== null || shown.SubState === 'auto-restart') await tellSystemctl(service.scope, ['stop', '--', service.unit]);
      // It has forgotten a unit that does not run together with its failures; whatever else is wrong, the start will tell.
      if (shown.Result !== 'success') await tellSystemctl(service.scope, ['reset-failed', '--', service.unit]).catch(() => undefined);
      await tellSystemctl(service.scope, ['start', '--no-block', '--', service.unit]);
      return await begun(service, 0);
    },
    signal: async (service, identity, name) => signal(service, identity, name),
  };
}

const pause = async (): Promise<void> => await new Promise((done) => setTimeout(done, pollMs));

function mainProcess(shown: Shown): ProcessIdentity | null {
  const facts = shown.MainPID === '' || shown.MainPID === '0' ? null : procStat(Number(shown.MainPID));
  return facts === null ? null : { pid: facts.pid, startTicks: facts.startTicks };
}

/** What systemd has forked and named, in parentheses, but not yet turned into the program. */
const isBeforeExec = ({ pid }: ProcessIdentity): boolean => /^\(.*\)$/.test((procText(pid, 'comm') ?? '').trim());

async function settled(service: SystemdService): Promise<Shown> {
  for (;;) {
    const shown = await showUnit(service);
    if (shown.ActiveState !== 'deactivating') return shown;
    await pause();
  }
}

/** systemd's own TimeoutStartSec limits the wait: after it the unit has failed. More restarts than told mean that it ended meanwhile. */
async function begun(service: SystemdService, restarts: number): Promise<ProcessIdentity> {
  for (;;) {
    const shown = await showUnit(service);
    if (Number(shown.NRestarts) > restarts) throw ended(service, shown);
    const main = mainProcess(shown);
    if (main !== null && !isBeforeExec(main)) return main;
    const over = ['failed', 'inactive'].includes(shown.ActiveState)
      ? shown.Job === ''
      : ['auto-restart', 'exited'].includes(shown.SubState);
    if (over) throw ended(service, shown);
    await pause();
  }
}

function ended({ scope, unit }: SystemdService, shown: Shown): RouterctlError {
  const words = [
    `ActiveState=${shown.ActiveState}`,
    `Result=${shown.Result}`,
    `ExecMainStatus=${shown.ExecMainStatus}`,
    ...(shown.NRestarts === '0' ? [] : [`NRestarts=${shown.NRestarts}`]),
    ...(shown.ConditionResult === 'no' ? ['ConditionResult=no'] : []),
    ...(shown.AssertResult === 'no' ? ['AssertResult=no'] : []),
  ];
  return new RouterctlError('COMMAND_FAILED', `${unit} did not stay: ${words.join(', ')}`, {
    hint: `read on: ${systemctlLine(scope, 'status', unit)}`,
  });
}

async function startable(service: SystemdService): Promise<Startable> {
  const shown = await showUnit(service);
  const missing = unusable(service, shown);
  if (missing !== null) return missing;
  const command = await startCommand(service, shown);
  if (command.problem !== null) return command.problem;
  const stale = changedOnDisk(service, shown);
  return { program: command.program ?? command.word, ...(stale === null ? {} : { stale }) };
}

async function unitFacts(service: SystemdService): Promise<UnitFacts> {
  const shown = await showUnit(service);
  const missing = unusable(service, shown);
  const command = missing === null ? await startCommand(service, shown) : null;
  return {
    unit: service.unit,
    scope: service.scope,
    activeState: shown.ActiveState,
    subState: shown.SubState,
    mainPid: Number(shown.MainPID),
    restarts: Number(shown.NRestarts),
    stopTimedOut: shown.Result === 'timeout',
    files: unitFiles(shown),
    problem: missing ?? command?.problem ?? changedOnDisk(service, shown),
    program: command?.program ?? null,
  };
}

async function family(service: SystemdService, known: readonly ProcessIdentity[]): Promise<readonly ServiceMember[]> {
  for (;;) {
    const shown = await showUnit(service);
    const group = membersOfGroup(shown.ControlGroup);
    const main = mainProcess(shown);
    // Looked at again unless what was the main process before the look still is it: a restart in between would mix two lives.
    const same = main === null ? group.size === 0 || (await showUnit(service)).MainPID === shown.MainPID : isProcessAlive(main);
    if (!same) continue;
    const isFresh = main !== null && !known.some(({ pid, startTicks }) => pid === main.pid && startTicks === main.startTicks);
    const since = isFresh ? main.startTicks : Number.POSITIVE_INFINITY;
    const ofUnit = [...group].filter(([, startTicks]) => startTicks < since).map(([pid, startTicks]) => ({ pid, startTicks }));
    return familyOf([...known, ...ofUnit], () => false);
  }
}

/** Live processes of a control group and of those below it, with their start; the same path in each hierarchy that systemd keeps. */
function membersOfGroup(group: string): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const pid of group === '' ? [] : procIds()) {
    const facts = isInGroup(pid, group) ? procStat(pid) : null;
    if (facts !== null) found.set(pid, facts.startTicks);
  }
  return found;
}

function isInGroup(pid: number, group: string): boolean {
  const lines = (procText(pid, 'cgroup') ?? '').split('\n');
  return lines.some((line) => {
    const [, path] = /^\d+:(?:name=systemd)?:(.*)$/.exec(line) ?? [];
    return path !== undefined && (path === group || path.startsWith(`${group}/`));
  });
}

async function signal(service: SystemdService, identity: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (!isProcessAlive(identity)) return;
  const { scope, unit } = service;
  const shown = await showUnit(service);
  const main = mainProcess(shown);
  const isOfNow = isInGroup(identity.pid, shown.ControlGroup) && (main === null || main.startTicks <= identity.startTicks);
  // What an earlier life of the unit left running is none of systemd's business any more.
  if (shown.ControlGroup === '' || ['inactive', 'failed'].includes(shown.ActiveState) || !isOfNow) return sendSignal(identity, name);
  if (name === 'SIGTERM' || shown.ActiveState !== 'deactivating') await tellSystemctl(scope, ['stop', '--no-block', '--', unit]);
  if (name === 'SIGKILL' && isProcessAlive(identity)) await tellSystemctl(scope, ['kill', '--signal=SIGKILL', '--', unit]);
}

async function logTail(service: SystemdService, lines: number): Promise<LogTail> {
  const { scope, unit } = service;
  const inJournal = lastLines(await askJournal(scope, unit, lines), lines);
  const file = inJournal.length > 0 ? null : await logFile(service);
  if (file !== null) return { lines: await fileTail(file, lines), command: `tail -n 50 ${file}` };
  return { lines: inJournal, command: `journalctl${scope === 'user' ? ' --user' : ''} -u ${unit} -n 50` };
}

/** The last one that the unit file and its drop-ins name; `systemctl show` does not tell the path. */
async function logFile(service: SystemdService): Promise<string | null> {
  const texts = await Promise.all(unitFiles(await showUnit(service)).map((path) => readFile(path, 'utf8').catch(() => '')));
  const named = [...texts.join('\n').matchAll(/^\s*Standard(?:Output|Error)\s*=\s*(?:append|file|truncate):(\/.*?)\s*$/gm)];
  return named.at(-1)?.[1] ?? null;
}
