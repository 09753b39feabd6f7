// One recreation of a service, forwards or on the way back: compose makes its container anew of the very image that is meant, and it is
// up when that one container runs, was not started again, is healthy where it says so, and goes on answering ready.
import type { ChangeContext, Outcome, RecordFact } from '../core/change.js';
import type { Json } from '../core/json.js';
import type { ComposeOutcome } from '../core/ports/compose.js';
import type { ContainerFacts } from '../core/ports/containers.js';
import type { HostPorts, Ports } from '../core/ports/ports.js';
import { type ComposedService, containersOf, resolvedService } from './composed-service.js';
import { runDrainHook } from './drain-hook.js';
import { waitReady } from './wait-ready.js';

export interface Recreation {
  readonly composed: ComposedService;
  /** Ids of the containers that must be gone. */
  readonly old: readonly string[];
  /** The image by the name that the files must come to, and by its id. */
  readonly image: { readonly name: string; readonly id: string };
  /** Prefix of the recorded facts: empty forwards, `back-` on the way back. */
  readonly prefix: string;
}

const pollMs = 200;
const logTailLines = 12;
const mostRepeats = 3;
const repeatMs = 1000;
/** For compose itself, besides the service's own times to stop and to start. */
const composeAddsMs = 60_000;

export async function composeCycle(recreation: Recreation, ports: Ports, context: ChangeContext, record: RecordFact): Promise<Outcome> {
  const { composed, image, prefix } = recreation;
  const host = ports.on(composed.subject.host);
  const { projectName, wanted } = await resolvedService(composed, host);
  if (wanted.image !== image.name)
    return {
      status: 'failed',
      summary: `compose would start ${wanted.image ?? 'no image'} for ${composed.service}, expected ${image.name}; nothing was stopped`,
      hint: 'is the tag hard-coded in a compose file, or taken from another variable?',
    };
  const meant = await host.containers.image(composed.project.engine, image.name);
  if (meant?.id !== image.id)
    return {
      status: 'failed',
      summary: `${image.name} is ${meant === null ? 'not there' : `another image, ${short(meant.id)}`}, expected ${short(image.id)}; nothing was stopped`,
      hint: 'somebody has removed or replaced it; load the image again',
    };
  const before = await containersOf(composed, projectName, host);
  const [only] = before;
  const isDone = only !== undefined && before.length === 1 && !recreation.old.includes(only.id) && only.imageId === image.id;
  const evidence: Record<string, Json> = {};
  if (!isDone) {
    const { drain: hookMs } = composed.deployment;
    const where = { directory: composed.project.directory, timeoutMs: hookMs, prefix };
    const refused = before.length === 0 ? null : await runDrainHook(composed.subject, where, host, context, record);
    if (refused !== null) return refused;
    await record(`${prefix}stopping`, { atMs: ports.clock.nowMs(), containers: before.map(({ id }) => id) });
    const timeoutMs = wanted.stopGraceMs + composed.deployment.start + composeAddsMs;
    const act = () => host.acts.compose.recreate(composed.project, composed.service, { timeoutMs, signal: context.signal });
    // Nothing but an interruption leaves two. It goes on in the engine for a while, and what it has not ended yet, or what compose
    // itself has yet to remove of it, stands in the way of the next one.
    const areTwo = async (): Promise<boolean> => (await containersOf(composed, projectName, host)).length > 1;
    let said = await act();
    const wasInterrupted = before.length > 1;
    for (let again = 1; again <= mostRepeats && failed(said) && (wasInterrupted || (await areTwo())); again += 1) {
      await ports.clock.sleep(repeatMs, context.signal);
      said = await act();
    }
    if (said.exitCode !== 0) {
      const how = said.timedOut ? `did not end within ${timeoutMs} ms` : `ended with ${said.exitCode ?? 'a signal'}`;
      const summary = `compose ${how}: ${said.said.at(-1) ?? 'it said nothing'}`;
      return { status: 'failed', summary, hint: 'see what runs: docker compose ps --all', evidence: { said: [...said.said] } };
    }
    evidence['recreated'] = true;
  }
  return await waitUp(recreation, projectName, wanted.hasHealthCheck, evidence, ports, context, record);
}

const failed = ({ exitCode, timedOut }: ComposeOutcome): boolean => exitCode !== 0 && !timedOut;

async function waitUp(
  recreation: Recreation,
  projectName: string,
  hasHealthCheck: boolean,
  evidence: Readonly<Record<string, Json>>,
  ports: Ports,
  context: ChangeContext,
  record: RecordFact,
): Promise<Outcome> {
  const { composed, prefix } = recreation;
  const host = ports.on(composed.subject.host);
  const startedAtMs = ports.clock.nowMs();
  const now = await containersOf(composed, projectName, host);
  const fault = containersFault(recreation, now);
  const [container] = now;
  if (fault !== null || container === undefined) return await notUp(recreation, fault ?? 'no container', container, evidence, host);
  await record(`${prefix}started`, { atMs: startedAtMs, container: container.id });
  let last = container;
  const whyGone = async (hadAnswered: boolean): Promise<string | null> => {
    const seen = await containersOf(composed, projectName, host);
    last = seen.find(({ id }) => id === container.id) ?? { ...last, state: 'removing' };
    const gone = lifeFault(last);
    return gone === null ? containersFault(recreation, seen) : `${gone}${hadAnswered ? ', right after it had answered ready' : ''}`;
  };
  const ready = await waitReady(composed.subject, whyGone, ports, context);
  const told = { ...evidence, container: container.id, imageId: container.imageId, startedAtMs, readyAtMs: ready.atMs };
  if (ready.problem !== null) return await notUp(recreation, ready.problem, last, told, host);
  await record(`${prefix}ready`, { atMs: ready.atMs });
  if (hasHealthCheck) {
    const unhealthy = await waitHealthy(whyGone, () => last.health, composed.deployment.start, ports, context);
    if (unhealthy !== null) return await notUp(recreation, unhealthy, last, told, host);
  }
  const health = hasHealthCheck ? ', healthy' : '';
  const summary = `${last.name} runs ${recreation.image.name} (${short(last.imageId)}), ${ready.words}${health}, not started again`;
  return { status: 'done', summary, effects: { container: last.id, imageId: last.imageId }, evidence: told };
}

/** null once its own health check has passed. */
async function waitHealthy(
  whyGone: (hadAnswered: boolean) => Promise<string | null>,
  health: () => ContainerFacts['health'],
  limitMs: number,
  { clock }: Ports,
  { signal }: ChangeContext,
): Promise<string | null> {
  const untilMs = clock.bootMs() + limitMs;
  for (;;) {
    const gone = await whyGone(true);
    if (gone !== null) return gone;
    if (health() === 'healthy') return null;
    if (health() === 'unhealthy') return 'it answers ready, but its own health check fails';
    if (clock.bootMs() >= untilMs || signal.aborted) return `its own health check did not pass within ${limitMs} ms`;
    await clock.sleep(pollMs, signal);
  }
}

function containersFault({ old, image, composed }: Recreation, now: readonly ContainerFacts[]): string | null {
  const [container, second] = now;
  if (container === undefined) return `no container of ${composed.service} is there`;
  const stays = now.find(({ id }) => old.includes(id));
  if (stays !== undefined) return `the old container ${stays.name} was not replaced`;
  if (second !== undefined) return `${now.length} containers of ${composed.service} are there: ${now.map(({ name }) => name).join(', ')}`;
  if (container.imageId !== image.id) return `${container.name} runs image ${short(container.imageId)}, expected ${short(image.id)}`;
  return lifeFault(container);
}

function lifeFault({ name, state, restarts, exitCode, outOfMemory }: ContainerFacts): string | null {
  const ended = outOfMemory ? `exit code ${exitCode}, out of memory` : `exit code ${exitCode}${exitCode === 137 ? ', killed' : ''}`;
  if (restarts > 0) return `${name} does not stay: it was started again ${restarts === 1 ? 'once' : `${restarts} times`} (${ended})`;
  if (state === 'exited' || state === 'dead' || state === 'restarting') return `${name} has ended (${ended})`;
  return state === 'running' ? null : `${name} is ${state}`;
}

/** Masked by the journal's and the report's own sinks as well; here only shortened. */
async function notUp(
  { composed }: Recreation,
  summary: string,
  container: ContainerFacts | undefined,
  evidence: Readonly<Record<string, Json>>,
  host: HostPorts,
): Promise<Outcome> {
  const lines = container === undefined ? [] : await lastWords(composed, container.id, host);
  const hint = `see its log: docker logs --tail 50 ${container?.name ?? composed.service}`;
  return { status: 'failed', summary, hint, evidence: { ...evidence, log: lines } };
}

async function lastWords({ project }: ComposedService, containerId: string, { containers }: HostPorts): Promise<string[]> {
  const lines = await containers.logTail(project.engine, containerId, logTailLines).catch(() => []);
  return lines.map((line) => line.slice(0, 400));
}

const short = (imageId: string): string => imageId.replace(/^sha256:/, '').slice(0, 12);
