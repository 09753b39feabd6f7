// A scriptable provider in the OpenAI chat dialect, for practice and tests: deterministic answers, token counts, faults on
// demand, and counters that say what really reached it. It keeps no prompt and no key.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ScriptedAnswer, scriptAnswer } from './scripted-answer.js';
import { type ControlledFault, FaultPlan, faultOfHeader, faultOfModel, type UpstreamFault } from './upstream-faults.js';

export interface UpstreamCounters {
  readonly requests: number;
  readonly inFlight: number;
  /** Requests whose client left before the answer was complete. */
  readonly canceled: number;
}

export interface ScriptedUpstream {
  readonly url: string;
  readonly port: number;
  readonly counters: UpstreamCounters;
  setFaults(faults: readonly ControlledFault[]): void;
  stop(): Promise<void>;
}

/** Answers that a planned fault broke; their early end is not the client's doing. */
const cutByUs = new WeakSet<ServerResponse>();

interface State {
  readonly plan: FaultPlan;
  readonly counters: { requests: number; inFlight: number; canceled: number };
}

export async function startScriptedUpstream({ port = 0 }: { readonly port?: number } = {}): Promise<ScriptedUpstream> {
  const state: State = { plan: new FaultPlan(), counters: { requests: 0, inFlight: 0, canceled: 0 } };
  const server = createServer((request, response) => {
    answer(state, request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) response.destroy();
      else sendJson(response, 400, { error: { message: String(error), type: 'invalid_request_error', code: null, param: null } });
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${bound}`, port: bound, counters: state.counters, setFaults: (faults) => state.plan.set(faults), stop };
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = `${request.method} ${(request.url ?? '').split('?', 1)[0]}`;
  if (path === 'GET /healthz') return sendJson(response, 200, { ok: true });
  if (path === 'GET /control') return sendJson(response, 200, state.counters);
  if (path === 'POST /control') {
    const { faults = [] } = (await readJson(request)) as { faults?: ControlledFault[] };
    state.plan.set(faults);
    return sendJson(response, 200, { faults: faults.length });
  }
  if (path === 'GET /v1/models')
    return sendJson(response, 200, { object: 'list', data: [{ id: 'echo-1', object: 'model', created: 0, owned_by: 'lab' }] });
  if (path !== 'POST /v1/chat/completions')
    return sendJson(response, 404, { error: { message: 'no such path', type: 'invalid_request_error' } });
  state.counters.requests += 1;
  state.counters.inFlight += 1;
  response.once('close', () => {
    state.counters.inFlight -= 1;
    if (!response.writableFinished && !cutByUs.has(response)) state.counters.canceled += 1;
  });
  return answerChat(state, request, response);
}

async function answerChat(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await readJson(request)) as Record<string, unknown>;
  if (!/^Bearer \S+$/.test(request.headers.authorization ?? ''))
    return sendJson(response, 401, { error: { message: 'no key', type: 'authentication_error', code: 'invalid_api_key', param: null } });
  const model = String(body['model']);
  const stream = body['stream'] === true;
  const fault: UpstreamFault = {
    ...faultOfModel(model),
    ...state.plan.take({ model, stream }),
    ...faultOfHeader(request.headers['x-lab-fault']),
  };
  if (fault.delayMs !== undefined) await sleep(fault.delayMs);
  if (response.destroyed) return;
  for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
  if (fault.status !== undefined || fault.body !== undefined) {
    const text = fault.body ?? JSON.stringify({ error: { message: 'a planned fault', type: 'server_error', code: null, param: null } });
    if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json');
    response.writeHead(fault.status ?? 200).end(text);
    return;
  }
  const limit = body['max_completion_tokens'] ?? body['max_tokens'];
  const script = scriptAnswer(body['messages'], typeof limit === 'number' ? limit : null);
  if (stream) await sendStream(response, model, script, fault, wantsUsage(body));
  else sendPlain(response, model, script, fault);
}

function sendPlain(response: ServerResponse, model: string, script: ScriptedAnswer, fault: UpstreamFault): void {
  const choice = { index: 0, message: { role: 'assistant', content: script.text }, finish_reason: script.finishReason };
  const completion = { id: 'chatcmpl-lab', object: 'chat.completion', created: 1_700_000_000, model, choices: [choice] };
  const text = JSON.stringify(fault.withoutUsage === true ? completion : { ...completion, usage: script.usage });
  if (fault.cut === undefined) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length });
  response.write(text.slice(0, text.length / 2), () => breakOff(response));
}

function breakOff(response: ServerResponse): void {
  cutByUs.add(response);
  response.destroy();
}

async function sendStream(
  response: ServerResponse,
  model: string,
  script: ScriptedAnswer,
  fault: UpstreamFault,
  withUsage: boolean,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const base = { id: 'chatcmpl-lab', object: 'chat.completion.chunk', created: 1_700_000_000, model };
  const send = async (choices: readonly unknown[], usage: unknown): Promise<void> => {
    const chunk = withUsage ? { ...base, choices, usage } : { ...base, choices };
    if (!response.write(`data: ${JSON.stringify(chunk)}\n\n`)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  };
  await send([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], null);
  for (const [index, piece] of script.pieces.entries()) {
    if (response.destroyed) return;
    if (index === fault.cut) {
      breakOff(response);
      return;
    }
    await send([{ index: 0, delta: { content: piece }, finish_reason: null }], null);
    await sleep(fault.pieceDelayMs ?? 4);
  }
  if (response.destroyed) return;
  await send([{ index: 0, delta: {}, finish_reason: script.finishReason }], null);
  if (withUsage && fault.withoutUsage !== true) await send([], script.usage);
  response.end('data: [DONE]\n\n');
}

function wantsUsage(body: Record<string, unknown>): boolean {
  const options = body['stream_options'];
  return typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
