// POST /v1/chat/completions from admission to the usage row: who, what, may they, where to, and the answer passed on.
import type { Caller } from '../callers.js';
import type { Gateway } from '../gateway.js';
import { GatewayError } from '../gateway-error.js';
import type { Exchange } from '../http/exchange.js';
import { readJsonObject } from '../http/read-body.js';
import { upstreamFailure } from '../upstream-client.js';
import { type ChatRequest, parseChatRequest, promptCharacters, upstreamBody } from './chat-request.js';
import { relayPlainAnswer } from './plain-answer.js';
import { StreamRelay } from './stream-relay.js';
import { TokenMeter } from './token-meter.js';
import { UsageNote } from './usage-note.js';

export async function answerChatCompletion(gateway: Gateway, exchange: Exchange): Promise<void> {
  const caller = gateway.callers.authenticate(exchange.request.headers);
  const note = new UsageNote(exchange, caller, gateway.release);
  const canceler = cancelWhenClientLeaves(exchange, gateway);
  let failure: GatewayError | null = null;
  try {
    const request = parseChatRequest(await readJsonObject(exchange.request, gateway.config.limits.body_bytes));
    await forward(gateway, exchange, { request, caller, note, signal: canceler.signal });
  } catch (error) {
    failure = upstreamFailure(error, canceler.signal);
    if (failure.code === 'internal-error')
      gateway.log.error({ request_id: exchange.requestId, ...traceOf(failure.cause) }, 'internal error');
    exchange.sendError(failure);
  } finally {
    canceler.stop();
    const status = failure?.status ?? 200;
    if (!gateway.defects.forgetsUsageOf(note)) gateway.usage.push(note.close(status, failure?.code ?? null));
    logAnswer(gateway, exchange, note, status, failure);
  }
}

interface Forwarding {
  readonly request: ChatRequest;
  readonly caller: Caller;
  readonly note: UsageNote;
  readonly signal: AbortSignal;
}

async function forward(gateway: Gateway, exchange: Exchange, { request, caller, note, signal }: Forwarding): Promise<void> {
  note.stream = request.stream;
  note.requestedModel = gateway.groups.has(request.model) ? request.model : 'rejected_model';
  const target = gateway.groups.resolve(request.model, caller);
  const meter = new TokenMeter(promptCharacters(request));
  note.target = target;
  note.meter = meter;
  const body = upstreamBody(request, target.model);
  note.attempts = 1;
  const answer = await gateway.upstreams.post({
    url: `${target.baseUrl}/chat/completions`,
    apiKey: target.apiKeyEnv === null ? null : (gateway.environment[target.apiKeyEnv] ?? null),
    stream: request.stream,
    body,
    signal,
  });
  if (!request.stream) return relayPlainAnswer(answer, exchange, meter, note);
  const options = { wantsUsage: request.wantsUsage, defects: gateway.defects, signal };
  await new StreamRelay(exchange, meter, note, options).run(answer);
}

function cancelWhenClientLeaves({ response }: Exchange, gateway: Gateway): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const leave = (): void => {
    if (!response.writableFinished) controller.abort(new GatewayError('client-canceled', 'the client went away'));
  };
  response.once('close', leave);
  const timer = setTimeout(
    () => controller.abort(new GatewayError('upstream-timeout', 'the upstream did not finish in time')),
    gateway.config.upstream.total_timeout_ms,
  );
  return {
    signal: controller.signal,
    stop: () => {
      clearTimeout(timer);
      response.off('close', leave);
    },
  };
}

function logAnswer(gateway: Gateway, exchange: Exchange, note: UsageNote, status: number, failure: GatewayError | null): void {
  const fields = {
    request_id: exchange.requestId,
    route: '/v1/chat/completions',
    status,
    ...(failure === null ? {} : { error: failure.code }),
    model_group: note.requestedModel,
    stream: note.stream,
    latency_ms: exchange.elapsedMs(),
    ttfb_ms: note.ttfbMs,
  };
  if (failure === null) gateway.log.info(fields, 'request');
  else gateway.log.warn(fields, 'request');
}

/** Where it broke, without the message, which could quote a request. */
function traceOf(error: unknown): { readonly error: string; readonly trace: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error, trace: [] };
  const trace = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '));
  return { error: error.name, trace };
}
