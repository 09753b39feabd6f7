// Waits until what was started answers ready, and goes on doing so: one that answers once and dies is not ready.
import type { ChangeContext } from '../core/change.js';
import type { Ports } from '../core/ports/ports.js';
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

/** `whyGone` is asked before and after each answer, so that one of another program on the same port is not taken for ours. */
export async function waitReady(
  subject: ComponentSubject,
  whyGone: (hadAnswered: boolean) => Promise<string | null>,
  ports: Ports,
  context: ChangeContext,
): Promise<Ready> {
  const limitMs = subject.component.deployment?.start ?? 30_000;
  const { url: base } = subject.component;
  const path = context.profile.paths.ready;
  const beganMs = ports.clock.bootMs();
  const url = base === undefined || path === undefined ? null : new URL(path, base).href;
  let first: { readonly atMs: number; readonly tookMs: number } | null = null;
  let last = 'no answer';
  for (;;) {
    const gone = await whyGone(first !== null);
    if (gone !== null) return { atMs: null, problem: gone, words: '' };
    if (url === null) return { atMs: null, problem: null, words: 'no ready path to ask' };
    const answer = await ports.http.request({ method: 'GET', url, timeoutMs: 2000, signal: context.signal });
    const tookMs = Math.round(ports.clock.bootMs() - beganMs);
    if (answer.kind === 'answer' && answer.status === 200 && (await whyGone(first !== null)) === null)
      first ??= { atMs: ports.clock.nowMs(), tookMs };
    else first = null;
    if (first !== null && tookMs - first.tookMs >= holdsForMs)
      return { atMs: first.atMs, problem: null, words: `ready after ${first.tookMs} ms` };
    last = answer.kind === 'answer' ? said(answer.status, answer.body) : answer.message;
    if ((first === null && tookMs >= limitMs) || context.signal.aborted)
      return { atMs: null, problem: `not ready ${tookMs} ms after its start (${last}); the limit is ${limitMs} ms`, words: '' };
    await ports.clock.sleep(pollMs, context.signal);
  }
}

/** Routers say there why they are not ready. */
function said(status: number, body: string): string {
  const text = body.trim().replaceAll(/\s+/g, ' ').slice(0, 160);
  return text === '' ? `status ${status}` : `status ${status}: ${text}`;
}
