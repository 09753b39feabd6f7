// The prober: a process of its own that asks the router twenty times a second whether it serves, whatever the run is doing.

import type { Plan } from '../core/plan.js';
import type { ProbeLine } from '../core/ports/probe-log.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { RunEvent } from '../core/run-event.js';
import type { Target } from '../core/target.js';
import type { Availability, ProbeSpan } from '../report/availability.js';
import type { Shell } from './shell.js';

/** When each prober of the run began; between two of them nobody asked. */
export const probeStartsMs = (events: readonly RunEvent[]): readonly number[] =>
  events.flatMap((event) => (event.type === 'prober-started' ? [Date.parse(event.ts)] : []));

/** When the probers of a run were to ask, each span to the end that it was given, the last one to `endMs` if it was given none. */
export function probeSpans(events: readonly RunEvent[], endMs: number): readonly ProbeSpan[] {
  const spans: ProbeSpan[] = [];
  let open: Omit<ProbeSpan, 'toMs'> | null = null;
  for (const event of events) {
    const atMs = Date.parse(event.ts);
    if (event.type === 'prober-started') open ??= { fromMs: atMs, actedMs: null };
    if (open === null) continue;
    if (event.type === 'change-intent' || event.type === 'revert-intent') open = { ...open, actedMs: open.actedMs ?? atMs };
    if (event.type !== 'probe-summary') continue;
    const { untilMs } = event.data.summary as Partial<Availability>;
    spans.push({ ...open, toMs: untilMs ?? atMs });
    open = null;
  }
  return open === null ? spans : [...spans, { ...open, toMs: endMs }];
}

export const PROBE_EVERY_MS = 50;
const ANSWER_LIMIT_MS = 2000;
const FLUSH_EVERY_MS = 250;
/** How long nobody may hold the deployment before the prober ends by itself. */
const ORPHANED_MS = 60_000;

export interface ProbeQuestion {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a user would notice: the model list with a caller's token where there is one, else readiness; null without a URL. */
export function probedComponent(target: Target): { readonly name: string; readonly url: string } | null {
  for (const [name, { url }] of Object.entries(target.components)) if (url !== undefined) return { name, url };
  return null;
}

export async function probeRun(shell: Shell, folder: RunFolder): Promise<void> {
  const plan = folder.plan();
  const question = await questionOf(shell, plan);
  if (question === null) return;
  const ports = shell.ports(plan.target.root);
  const log = shell.probeLog(folder);
  let pending: ProbeLine[] = [];
  const under = new Set<Promise<void>>();
  let flushedMs = shell.clock.bootMs();
  let heldMs = flushedMs;
  for (let nextMs = flushedMs; !log.isEnded() && shell.clock.bootMs() - heldMs < ORPHANED_MS; nextMs += PROBE_EVERY_MS) {
    await shell.clock.sleep(Math.max(0, nextMs - shell.clock.bootMs()));
    const atMs = shell.clock.nowMs();
    const sent = ports.http.request({ method: 'GET', ...question, timeoutMs: ANSWER_LIMIT_MS, maxBytes: 65_536 }).then((answer) => {
      const ok = answer.kind === 'answer' && answer.status < 400;
      pending.push({ atMs, ok, tookMs: answer.kind === 'answer' ? answer.totalMs : shell.clock.nowMs() - atMs });
    });
    under.add(sent);
    void sent.finally(() => under.delete(sent));
    const nowMs = shell.clock.bootMs();
    if (nowMs - flushedMs < FLUSH_EVERY_MS) continue;
    log.append(pending.splice(0));
    flushedMs = nowMs;
    if (shell.leases.look(plan.target.root)?.alive === true) heldMs = nowMs;
  }
  // A timer that nobody waits for any more would keep this process, and the run that waits for its end, for its whole length.
  const answered = new AbortController();
  void Promise.all(under).then(() => answered.abort());
  await shell.clock.sleep(ANSWER_LIMIT_MS, answered.signal);
  log.append(pending);
  pending = [];
}

async function questionOf(shell: Shell, plan: Plan): Promise<ProbeQuestion | null> {
  const probed = probedComponent(plan.target);
  if (probed === null) return null;
  const caller = plan.target.components[probed.name]?.credentials['caller'];
  const { models, ready, health } = plan.profile.paths;
  if (caller !== undefined && models !== undefined) {
    const token = await shell.ports(plan.target.root).secrets.read(caller);
    return { url: probed.url + models, headers: { authorization: `Bearer ${token}` } };
  }
  const path = ready ?? health;
  return path === undefined ? null : { url: probed.url + path, headers: {} };
}
