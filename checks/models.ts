// Which models the router offers a caller, and what the change did to that list. A model that silently went away breaks its callers.
import { defineCheck, type JudgeContext } from '../src/core/check.js';
import type { Json } from '../src/core/json.js';
import { duration } from '../src/core/target.js';
import { fail, inconclusive, measured, pass, skip, type Verdict, warn } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { look, member, notReached, openDoor, refusal, type Seen } from './parts/ask-router.js';
import { modelIds } from './parts/model-ids.js';

const spec = z.strictObject({
  /** Models that must be there, whatever was there before. */
  required: z.array(z.string().min(1)).default([]),
  /** What it means when a model of the baseline is gone. */
  removed: z.enum(['fail', 'warn', 'allow']).default('fail'),
  /** Role of the credential to ask with, for example one per application. */
  credential: z.string().min(1).default('caller'),
  timeout: duration.prefault('10s'),
});

type Observation =
  | { readonly left: string }
  | { readonly seen: Seen; readonly path: string; readonly role: string | null; readonly models: readonly string[] | null };

export const models = defineCheck<z.infer<typeof spec>, Observation>({
  kind: 'models',
  title: 'the router lists its models',
  why: 'A caller whose model vanished in an upgrade finds out in production; this finds out before.',
  subject: ['component'],
  effects: 'none',
  spec,
  async observe({ timeout, credential }, ports, context) {
    const path = context.profile.paths.models;
    if (path === undefined) return measured({ left: `the profile ${context.profile.profile} names no model list` });
    const door = await openDoor(ports, context, credential);
    if ('closed' in door) return measured({ left: door.closed });
    const answer = await ports.http.request({
      method: 'GET',
      url: door.base + path,
      headers: door.headers,
      timeoutMs: timeout,
      maxBytes: 4 * 1024 * 1024,
      signal: context.signal,
    });
    if (answer.kind === 'unreachable') return notReached(door.base, answer);
    const { seen, json } = look(answer);
    return measured({ seen, path, role: door.role, models: modelIds(json) });
  },
  judge(observation, spec, context) {
    if ('left' in observation) return skip(observation.left);
    const { seen, path, role, models } = observation;
    const refused = refusal(seen, path, role);
    if (refused !== null) return refused;
    if (models === null)
      return fail(`${path} answered JSON without a list of models`, {
        hint: 'A model list has the member "data", an array of objects with "id".',
      });
    if (models.length === 0) return fail('the router lists no model', { hint: 'Does the caller have any model on its allow list?' });
    const missing = spec.required.filter((name) => !models.includes(name));
    if (missing.length > 0)
      return fail(`required ${missing.length === 1 ? 'model is' : 'models are'} missing: ${missing.join(', ')}`, { evidence: { models } });
    return compared(models, spec.removed, context);
  },
});

function compared(models: readonly string[], onRemoved: 'fail' | 'warn' | 'allow', { baseline, mode }: JudgeContext): Verdict {
  const before = namesOf(member(baseline, 'models'));
  const count = `${models.length} ${models.length === 1 ? 'model' : 'models'}`;
  if (before === null) {
    if (mode === 'restored') return inconclusive('the models before the change were not recorded, so they cannot be compared');
    return pass(count, { evidence: { models } });
  }
  const removed = before.filter((name) => !models.includes(name));
  const added = models.filter((name) => !before.includes(name));
  const changes = [removed.length > 0 ? `removed: ${removed.join(', ')}` : '', added.length > 0 ? `added: ${added.join(', ')}` : ''].filter(
    (text) => text !== '',
  );
  const said = { evidence: { models, added, removed } };
  if (changes.length === 0) return pass(`${count}, the same as before`, said);
  const summary = `${count}; ${changes.join('; ')}`;
  if (mode === 'restored') return fail(`not the models of before: ${changes.join('; ')}`, said);
  if (removed.length > 0 && onRemoved === 'fail')
    return fail(summary, { ...said, hint: 'If they were meant to go, say removed: warn or removed: allow in this step.' });
  return removed.length > 0 && onRemoved === 'warn' ? warn(summary, said) : pass(summary, said);
}

function namesOf(value: Json | null): readonly string[] | null {
  return Array.isArray(value) ? (value as readonly Json[]).filter((name): name is string => typeof name === 'string') : null;
}
