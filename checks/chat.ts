// Does the router answer a chat, whole or streamed? The one check that does what callers do; on an upstream it is the control probe
// that tells a broken provider from a broken router.
import { type CheckContext, defineCheck, type JudgeContext } from '../src/core/check.js';
import type { ReadPorts } from '../src/core/ports/ports.js';
import { duration } from '../src/core/target.js';
import { fail, measured, type Observed, pass, skip, type Verdict, warn } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { type Door, look, notReached, openDoor, rounded } from './parts/ask-router.js';
import { type ChatRequest, readStream, readWhole } from './parts/chat-exchange.js';
import { chatFault } from './parts/chat-faults.js';
import { modelIds } from './parts/model-ids.js';

const spec = z.strictObject({
  /** Model group to ask; without it all that the component names, else the first of its model list. */
  model: z.string().min(1).optional(),
  stream: z.boolean().default(false),
  prompt: z.string().min(1).optional(),
  maxTokens: z.number().int().min(1).default(64),
  credential: z.string().min(1).default('caller'),
  /** For one request, from its start to its last byte. */
  timeout: duration.prefault('60s'),
});
type Spec = z.infer<typeof spec>;

type Observation =
  | { readonly left: string }
  | {
      readonly path: string;
      readonly role: string | null;
      readonly url: string;
      readonly maxTokens: number;
      readonly requests: readonly ChatRequest[];
    };

const maxStreamBytes = 8 * 1024 * 1024;

export const chat = defineCheck<Spec, Observation>({
  kind: 'chat',
  title: 'the router answers a chat',
  why: 'A router that is ready may still answer nothing, cut its streams, or count no tokens.',
  subject: ['component', 'upstream'],
  effects: 'spend',
  spec,
  async observe(spec, ports, context): Promise<Observed<Observation>> {
    const path = pathOf(context);
    if (path === null) return measured({ left: leftBecause(context) });
    const door = await openDoor(ports, context, spec.credential);
    if ('closed' in door) return measured({ left: door.closed });
    const url = door.base.endsWith('/v1') && path.startsWith('/v1/') ? door.base + path.slice(3) : door.base + path;
    const models = await modelsToAsk(spec, ports, context, door);
    if ('unmeasured' in models) return models;
    const requests: ChatRequest[] = [];
    for (const model of models.names) {
      const result = await ask(model, url, spec, ports, context, door);
      if ('unmeasured' in result) return result;
      requests.push(result);
    }
    return measured({ path, role: door.role, url, maxTokens: spec.maxTokens, requests });
  },
  judge(observation, { stream }, context) {
    if ('left' in observation) return skip(observation.left);
    const { requests, path, role } = observation;
    if (requests.length === 0)
      return fail('the router lists no model to ask', { hint: 'Name one in the component (models:) or in this step (model:).' });
    const wantsId = context.subject.kind === 'component';
    const faults = requests
      .map((request) => chatFault(request, path, role) ?? (wantsId ? withoutId(request, context) : null))
      .filter((fault) => fault !== null);
    const [first] = faults;
    const evidence = { requests, curl: curlLine(observation, stream) };
    if (first === undefined) return answered(requests, observation.maxTokens, evidence);
    const count = requests.length > 1 ? ` (${faults.length} of ${requests.length} requests failed)` : '';
    return { ...first, summary: first.summary + count, details: faults.slice(1).map((fault) => fault.summary), evidence };
  },
});

function pathOf({ subject, profile }: JudgeContext): string | null {
  if (subject.kind === 'upstream') return subject.upstream.dialect === 'openai-chat' ? '/v1/chat/completions' : null;
  return profile.paths.chat ?? null;
}

function leftBecause({ subject, profile }: JudgeContext): string {
  return subject.kind === 'upstream'
    ? `upstream ${subject.name} does not speak openai-chat`
    : `the profile ${profile.profile} names no chat path`;
}

async function modelsToAsk(
  spec: Spec,
  ports: ReadPorts,
  context: CheckContext,
  door: Door,
): Promise<{ names: readonly string[] } | ReturnType<typeof notReached>> {
  const { subject, profile } = context;
  if (spec.model !== undefined) return { names: [spec.model] };
  if (subject.kind === 'upstream') return { names: [subject.upstream.model] };
  if (subject.kind === 'component' && subject.component.models.length > 0) return { names: subject.component.models };
  if (profile.paths.models === undefined) return { names: [] };
  const answer = await ports.http.request({
    method: 'GET',
    url: door.base + profile.paths.models,
    headers: door.headers,
    timeoutMs: spec.timeout,
    signal: context.signal,
  });
  if (answer.kind === 'unreachable') return notReached(door.base, answer);
  const ids = answer.status === 200 ? modelIds(look(answer).json) : null;
  // When the list is refused, the chat is asked all the same: its own answer then says why.
  return { names: ids === null ? ['default'] : ids.slice(0, 1) };
}

async function ask(
  model: string,
  url: string,
  spec: Spec,
  ports: ReadPorts,
  context: CheckContext,
  door: Door,
): Promise<ChatRequest | ReturnType<typeof notReached>> {
  const nonce = `rc-${crypto.randomUUID().slice(0, 8)}`;
  const prompt = spec.prompt ?? (spec.stream ? `Count from one to ten in words, then write ${nonce}.` : `Reply with exactly: ${nonce}`);
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: prompt }],
    max_tokens: spec.maxTokens,
    ...(spec.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
  const headers = { ...door.headers, 'content-type': 'application/json', accept: spec.stream ? 'text/event-stream' : 'application/json' };
  const request = { method: 'POST', url, headers, body, timeoutMs: spec.timeout, signal: context.signal } as const;
  const asked = { model, startedAtMs: ports.clock.nowMs(), nonce, requestIdHeader: context.profile.headers.requestId };
  if (!spec.stream) {
    const answer = await ports.http.request(request);
    return answer.kind === 'unreachable' ? notReached(door.base, answer) : readWhole(answer, asked);
  }
  const answer = await ports.http.stream({ ...request, maxBytes: maxStreamBytes });
  if (answer.kind === 'unreachable') return notReached(door.base, answer);
  if (answer.ended === 'aborted')
    return notReached(door.base, { kind: 'unreachable', reason: 'aborted', message: 'the stream was still running when the time was up' });
  return readStream(answer, asked);
}

function withoutId(request: ChatRequest, { profile }: JudgeContext): Verdict | null {
  if (request.requestId !== null) return null;
  return fail(`${request.model}: the answer has no ${profile.headers.requestId} header`, {
    hint: 'Without it a request cannot be found in logs and usage rows.',
  });
}

function answered(requests: readonly ChatRequest[], maxTokens: number, evidence: NonNullable<Verdict['evidence']>): Verdict {
  const over = requests.find(({ usage }) => usage !== null && usage.output > maxTokens);
  if (over !== undefined)
    return warn(`${over.model}: ${over.usage?.output} output tokens although max_tokens was ${maxTokens}`, { evidence });
  const all = `${requests.length}/${requests.length}`;
  const streams = requests.map(({ streamed }) => streamed).filter((streamed) => streamed !== null);
  if (streams.length === 0) return pass(`answered ${all}, slowest ${Math.max(...requests.map(({ tookMs }) => tookMs))} ms`, { evidence });
  const first = rounded(Math.max(...streams.map(({ firstTokenMs }) => firstTokenMs ?? 0)));
  const gap = rounded(Math.max(...streams.map(({ largestGapMs }) => largestGapMs ?? 0)));
  return pass(`streamed ${all}, first token ${first} ms, largest gap ${gap} ms`, { evidence });
}

/** The request by hand; the token stays a variable. */
function curlLine({ url, role, maxTokens, requests }: Exclude<Observation, { left: string }>, stream: boolean): string {
  const body = JSON.stringify({
    model: requests[0]?.model ?? '',
    messages: [{ role: 'user', content: 'Say hello' }],
    max_tokens: maxTokens,
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
  const token = role === null ? '' : ' -H "Authorization: Bearer $ROUTER_TOKEN"';
  return `curl -sS${stream ? 'N' : ''} ${quoted(url)}${token} -H 'Content-Type: application/json' -d ${quoted(body)}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
