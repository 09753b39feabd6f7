// One restart, forwards or on the way back: drain, stop the given processes, start, wait until it answers ready.
// What is measured is recorded at once; called again after a kill, the cycle goes on where the machine says it stopped.
import type { ChangeContext, Outcome, RecordFact } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { HostPorts, Ports } from '../core/ports/ports.js';
import type { ProcessIdentity, ServiceMember, ServiceSpec } from '../core/ports/service-processes.js';
import type { ComponentSubject } from './component-subject.js';
import { runDrainHook } from './drain-hook.js';
import { waitReady } from './wait-ready.js';

export interface Restart {
  readonly subject: ComponentSubject;
  readonly service: ServiceSpec;
  /** The processes that must be gone, with everything that came of them, before a new one is started. */
  readonly old: readonly ProcessIdentity[];
  /** Prefix of the recorded facts: empty forwards, `back-` on the way back. */
  readonly prefix: string;
}

const pollMs = 20;
const killedGoneMs = 10_000;
const logTailLines = 12;

export async function restartCycle(restart: Restart, ports: Ports, context: ChangeContext, record: RecordFact): Promise<Outcome> {
  const host = ports.on(restart.subject.host);
  const stopped = await stopAll(restart, ports, host, context, record);
  if ('status' in stopped) return stopped;
  const process = await startOrWhy(restart, host);
  if ('status' in process) return { ...process, evidence: { ...stopped.facts, ...(process.evidence as { [name: string]: Json }) } };
  const startedAtMs = ports.clock.nowMs();
  await record(`${restart.prefix}started`, { atMs: startedAtMs, pid: process.pid, startTicks: process.startTicks });
  // A service that was started again by its manager has another process, so that this one is gone.
  const whyGone = async (hadAnswered: boolean): Promise<string | null> =>
    (await host.services.isAlive(process)) ? null : gone(restart.service, process, hadAnswered);
  const ready = await waitReady(restart.subject, whyGone, ports, context);
  const evidence = { ...stopped.facts, pid: process.pid, startedAtMs, readyAtMs: ready.atMs };
  if (ready.problem !== null) return await didNotStart(restart, host, ready.problem, evidence);
  await record(`${restart.prefix}ready`, { atMs: ready.atMs });
  const effects = { pid: process.pid, startTicks: process.startTicks };
  return { status: 'done', summary: `${stopped.words}started as pid ${process.pid}, ${ready.words}`, effects, evidence };
}

function gone(service: ServiceSpec, { pid }: ProcessIdentity, hadAnswered: boolean): string {
  const name = service.kind === 'process' ? (service.command[0] ?? 'the service') : `${service.unit} (pid ${pid})`;
  return hadAnswered ? `${name} answered ready and ended right afterwards` : `${name} ended right after its start`;
}

/** Where the start itself is refused, the reason is in the log as often as in the refusal. */
async function startOrWhy(restart: Restart, host: HostPorts): Promise<ProcessIdentity | Outcome> {
  try {
    return await host.acts.services.start(restart.service, restart.old);
  } catch (error) {
    if (!(error instanceof RouterctlError) || error.code !== 'COMMAND_FAILED') throw error;
    return await didNotStart(restart, host, error.message, { code: error.code });
  }
}

/** Masked by the journal's and the report's own sinks as well; here only shortened. */
async function didNotStart(
  { service }: Restart,
  host: HostPorts,
  summary: string,
  evidence: { readonly [name: string]: Json },
): Promise<Outcome> {
  const { lines, command } = await host.services.logTail(service, logTailLines);
  const log = lines.map((line) => line.slice(0, 400));
  return { status: 'failed', summary, hint: `see the log: ${command}`, evidence: { ...evidence, log } };
}

interface Stopped {
  readonly facts: { readonly [name: string]: Json };
  readonly words: string;
}

async function stopAll(
  { subject, service, old, prefix }: Restart,
  ports: Ports,
  host: HostPorts,
  context: ChangeContext,
  record: RecordFact,
): Promise<Stopped | Outcome> {
  const living = await host.services.family(service, old);
  if (living.length === 0) return { facts: { processesStopped: 0 }, words: '' };
  const next = await host.services.startable(service);
  // On the way back the settings that systemd still holds are those of before.
  const obstacle = 'problem' in next ? next : prefix === '' ? next.stale : undefined;
  if (obstacle !== undefined) return { status: 'failed', summary: `${obstacle.problem}; nothing was stopped`, hint: obstacle.hint };
  const drainMs = subject.component.deployment?.drain ?? 10_000;
  const refused = await runDrainHook(subject, { directory: service.directory, timeoutMs: drainMs, prefix }, host, context, record);
  if (refused !== null) return refused;
  const inFlight = await connections(host, living);
  const stoppedAtMs = ports.clock.nowMs();
  const beganMs = ports.clock.bootMs();
  await record(`${prefix}stopping`, { atMs: stoppedAtMs, openConnections: inFlight, pids: living.map(({ pid }) => pid) });
  const { left, killed } = await endAll({ service, old }, living, drainMs, host, ports, context);
  if (left.length > 0)
    return {
      status: 'failed',
      summary: `pid ${left.map(({ pid }) => pid).join(', ')} did not end even after SIGKILL`,
      hint: 'a process in state D waits for its disk or its network file system',
    };
  const tookMs = Math.round(ports.clock.bootMs() - beganMs);
  const cutShort = !killed && (await host.services.unit(service))?.stopTimedOut === true;
  const facts = {
    processesStopped: living.length,
    stoppedAtMs,
    openConnections: inFlight,
    drainMs: tookMs,
    killed: killed || cutShort,
  };
  await record(`${prefix}stopped`, facts);
  const callers = `${inFlight} open connection${inFlight === 1 ? '' : 's'}`;
  if (killed) return { facts, words: `killed after the drain limit of ${drainMs} ms with ${callers} at the start of the drain, ` };
  if (cutShort)
    return {
      facts,
      words: `killed by systemd after ${tookMs} ms, which TimeoutStopSec= of the unit allows, with ${callers} at the start, `,
    };
  return { facts, words: `drained in ${tookMs} ms (${callers} at its start), ` };
}

async function alive(host: HostPorts, processes: readonly ProcessIdentity[]): Promise<readonly ProcessIdentity[]> {
  const living = await Promise.all(processes.map(async (process) => ({ process, lives: await host.services.isAlive(process) })));
  return living.filter(({ lives }) => lives).map(({ process }) => process);
}

async function connections(host: HostPorts, processes: readonly ProcessIdentity[]): Promise<number> {
  const counts = await Promise.all(processes.map((process) => host.services.connections(process)));
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * SIGTERM for the topmost ones, which answer for those below them, and for what outlives them as soon as they are gone. At the drain
 * limit all of them are killed: nothing of the old service is ever left beside a new one.
 */
async function endAll(
  { service, old }: Pick<Restart, 'service' | 'old'>,
  first: readonly ServiceMember[],
  drainMs: number,
  host: HostPorts,
  ports: Ports,
  context: ChangeContext,
): Promise<{ readonly left: readonly ProcessIdentity[]; readonly killed: boolean }> {
  const { clock } = ports;
  const known: ProcessIdentity[] = [...old, ...first];
  const told = new Set<string>();
  const drainUntilMs = clock.bootMs() + drainMs;
  let killedUntilMs: number | null = null;
  for (let living = first; ; ) {
    // Out of time the wait ends early, as the drain limit would end it.
    if (told.size > 0 && killedUntilMs === null && (clock.bootMs() >= drainUntilMs || context.signal.aborted))
      killedUntilMs = clock.bootMs() + killedGoneMs;
    const signal = killedUntilMs === null ? 'SIGTERM' : 'SIGKILL';
    for (const process of living) {
      const telling = `${signal} ${process.pid} ${process.startTicks}`;
      if (told.has(telling) || (signal === 'SIGTERM' && !process.topmost)) continue;
      told.add(telling);
      await host.acts.services.signal(service, process, signal);
    }
    const still = await alive(host, living);
    if (still.length < living.length) {
      // Only now: what a process forked before it ended is found by the traces that it left.
      living = await host.services.family(service, known);
      known.push(...living);
      if (living.length > 0) continue;
    }
    const killed = killedUntilMs !== null;
    if (living.length === 0 || (killedUntilMs !== null && clock.bootMs() >= killedUntilMs)) return { left: living, killed };
    await clock.sleep(pollMs);
  }
}
