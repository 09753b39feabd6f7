// Is the router ready to take requests? Asked of its own readiness path; stands alone because waiting for it is a step of every upgrade.
import { defineCheck } from '../src/core/check.js';
import { duration } from '../src/core/target.js';
import { fail, measured, pass, skip } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { errorOf, look, notReached, openDoor, refusal, type Seen } from './parts/ask-router.js';

const spec = z.strictObject({
  /** The exact status that means ready; without it any 2xx does. */
  status: z.number().int().min(100).max(599).optional(),
  timeout: duration.prefault('5s'),
});

type Observation = { readonly left: string } | (Seen & { readonly path: string; readonly reason: string | null });

export const ready = defineCheck<z.infer<typeof spec>, Observation>({
  kind: 'ready',
  title: 'the router says that it is ready',
  why: 'A router that is up but not ready (config, license, database) refuses or fails requests.',
  subject: ['component'],
  effects: 'none',
  spec,
  async observe({ timeout }, ports, context) {
    const path = context.profile.paths.ready;
    if (path === undefined) return measured({ left: `the profile ${context.profile.profile} names no readiness path` });
    const door = await openDoor(ports, context, null);
    if ('closed' in door) return measured({ left: door.closed });
    const answer = await ports.http.request({ method: 'GET', url: door.base + path, timeoutMs: timeout, signal: context.signal });
    if (answer.kind === 'unreachable') return notReached(door.base, answer);
    const { seen, json } = look(answer);
    const reason = errorOf(json) ?? (seen.form === 'text' ? answer.body.trim().slice(0, 160) : null);
    return measured({ ...seen, path, reason });
  },
  judge(observation, { status }) {
    if ('left' in observation) return skip(observation.left);
    const { path, tookMs, reason } = observation;
    const evidence = { status: observation.status, tookMs };
    if (status !== undefined && observation.status === status) return pass(`ready (${status}), ${tookMs} ms`, { evidence });
    if (status !== undefined) return fail(`${path} answered ${observation.status}, not ${status}${because(reason)}`, { evidence });
    if (observation.status === 503)
      return fail(`not ready${because(reason)}`, { evidence, hint: 'Give it time (until:), then look into the log of the router.' });
    // A plain `ok` is an honest readiness answer; a page of HTML is somebody else's.
    const { form } = observation;
    const refused = refusal({ ...observation, form: form === 'html' ? form : 'json', error: reason }, path, null);
    return refused === null ? pass(`ready, ${tookMs} ms`, { evidence }) : { ...refused, evidence };
  },
});

const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`);
