// Waits until what was started answers ready, and goes on doing so: one that answers once and dies is not ready.
import type { ChangeContext } from '../core/change.js';
import type { Ports } from '../core/ports/ports.js';
import type { ProcessIdentity, ServiceSpec } from '../core/ports/service-processes.js';
import type { ComponentSubject } from './component-subject.js';

export interface Ready {
  /** Of the first of the answers that went on without a gap: from then on it served. */
  readonly atMs: number | null;
  readonly problem: string | null;
  readonly words: string;
}

const pollMs = 20;
/** A program that dies of its first request, on a busy machine a little later, must not pass for one that serves. */
const holdsForMs = 200;

export async function waitReady(
  { subject, service }: { readonly subject: ComponentSubject; readonly service: ServiceSpec },
  process: ProcessIdentity,
  ports: Ports,
  context: ChangeContext,
): Promise<Ready> {
  const { services } = ports.on(subject.host);
  const limitMs = subject.component.deployment?.start ?? 30_000;
  const { url: base } = subject.component;
  const path = context.profile.paths.ready;
  const beganMs = ports.clock.bootMs();
  const url = base === undefined || path === undefined ? null : new URL(path, base).href;
  let first: { readonly atMs: number; readonly tookMs: number } | null = null;
  let last = 'no answer';
  for (;;) {
    // A service that was started again by its manager has another process, so that this one is gone.
    if (!(await services.isAlive(process))) return { atMs: null, problem: gone(service, process, first !== null), words: '' };
    if (url === null) return { atMs: null, problem: null, words: 'no ready path to ask' };
    const answer = await ports.http.request({ method: 'GET', url, timeoutMs: 2000, signal: context.signal });
    const tookMs = Math.round(ports.clock.bootMs() - beganMs);
    // Asked again, so that an answer of another program on the same port is not taken for ours.
    if (answer.kind === 'answer' && answer.status === 200 && (await services.isAlive(process)))
      first ??= { atMs: ports.clock.nowMs(), tookMs };
    else first = null;
    if (first !== null && tookMs - first.tookMs >= holdsForMs)
      return { atMs: first.atMs, problem: null, words: `ready after ${first.tookMs} ms` };
    last = answer.kind === 'answer' ? `status ${answer.status}` : answer.message;
    if ((first === null && tookMs >= limitMs) || context.signal.aborted)
      return { atMs: null, problem: `not ready ${tookMs} ms after its start (${last}); the limit is ${limitMs} ms`, words: '' };
    await ports.clock.sleep(pollMs, context.signal);
  }
}

function gone(service: ServiceSpec, { pid }: ProcessIdentity, hadAnswered: boolean): string {
  const name = service.kind === 'process' ? (service.command[0] ?? 'the service') : `${service.unit} (pid ${pid})`;
  return hadAnswered ? `${name} answered ready and ended right afterwards` : `${name} ended right after its start`;
}
