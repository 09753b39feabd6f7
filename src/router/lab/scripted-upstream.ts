// A scriptable provider in three dialects, for practice and tests: deterministic answers, token counts, faults on demand, and
// counters that say what really reached it. It keeps no prompt and no key.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked } from './upstream/asked.js';
import { billedFor } from './upstream/billed-cost.js';
import { isObject, type JsonObject } from './upstream/json-object.js';
import { providerModels } from './upstream/provider-models.js';
import { readCountable } from './upstream/read-messages.js';
import { type ReceivedRequest, receivedRequest } from './upstream/received-request.js';
import { scriptAnswer } from './upstream/scripted-answer.js';
import { breakOff, sendStream, sendWhole, wasLeftByItsClient } from './upstream/send-answer.js';
import type { SpokenDialect } from './upstream/spoken-dialect.js';
import { spokenDialects } from './upstream/spoken-dialects.js';
import { inputTokensOf } from './upstream/token-counts.js';
import { UpstreamRefusal } from './upstream/upstream-refusal.js';
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
  /** The latest requests, oldest first; a hundred at most. */
  readonly received: readonly ReceivedRequest[];
  setFaults(faults: readonly ControlledFault[]): void;
  stop(): Promise<void>;
}

export interface UpstreamOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port?: number;
  /** Made for every request, under those that a request brings itself. */
  readonly fault?: UpstreamFault;
}

const keptRequests = 100;
const html = '<!doctype html><html><body><h1>Bad gateway</h1></body></html>';

export async function startScriptedUpstream({ port = 0, fault = {} }: UpstreamOptions = {}): Promise<ScriptedUpstream> {
  const provider = new Provider(fault);
  const server = createServer((request, response) => {
    provider.answer(request, response).catch((error: unknown) => {
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
  const { counters, received, plan } = provider;
  return { url: `http://127.0.0.1:${bound}`, port: bound, counters, received, setFaults: (faults) => plan.set(faults), stop };
}

class Provider {
  readonly counters = { requests: 0, inFlight: 0, canceled: 0 };
  readonly received: ReceivedRequest[] = [];
  readonly plan = new FaultPlan();
  readonly #standing: UpstreamFault;

  constructor(standing: UpstreamFault) {
    this.#standing = standing;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0]?.replace(/^\/anthropic(?=\/)/, '') ?? '';
    const dialect = Object.hasOwn(spokenDialects, path) ? spokenDialects[path] : undefined;
    if (request.method === 'POST' && dialect !== undefined) return this.#answerModel(dialect, request, response);
    switch (`${request.method} ${path}`) {
      case 'GET /healthz':
        return sendJson(response, 200, { ok: true });
      case 'GET /control':
        return sendJson(response, 200, { ...this.counters, last: this.received.at(-1) ?? null });
      case 'GET /control/requests':
        return sendJson(response, 200, this.received);
      case 'POST /control':
        return this.#control(request, response);
      case 'GET /v1/models':
        return sendJson(response, 200, providerModels(request.headers['anthropic-version'] !== undefined));
      case 'POST /v1/messages/count_tokens':
        return sendJson(response, 200, { input_tokens: inputTokensOf(readCountable((await readBody(request)).body)) });
      default:
        return sendJson(response, 404, { error: { message: 'no such path', type: 'invalid_request_error', code: null, param: null } });
    }
  }

  async #control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { faults = [] } = (await readBody(request)).body as { faults?: readonly ControlledFault[] };
    this.plan.set(faults);
    sendJson(response, 200, { faults: faults.length });
  }

  async #answerModel(dialect: SpokenDialect, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.counters.requests += 1;
    this.counters.inFlight += 1;
    response.once('close', () => {
      this.counters.inFlight -= 1;
      if (wasLeftByItsClient(response)) this.counters.canceled += 1;
    });
    try {
      const { body, bytes } = await readBody(request);
      const asked = this.#read(dialect, request, body, bytes);
      const fault: UpstreamFault = {
        ...this.#standing,
        ...faultOfModel(asked.model),
        ...this.plan.take({ model: asked.model, stream: asked.stream, dialect: dialect.name }),
        ...faultOfHeader(request.headers['x-lab-fault']),
      };
      if (fault.delayMs !== undefined) await sleep(fault.delayMs);
      if (response.destroyed || refusedByFault(response, fault, dialect)) return;
      await this.#send(dialect, asked, fault, response);
    } catch (error) {
      if (!(error instanceof UpstreamRefusal)) throw error;
      sendJson(response, error.status, dialect.failure(error.status, error.message));
    }
  }

  /** @throws UpstreamRefusal */
  #read(dialect: SpokenDialect, { headers }: IncomingMessage, body: JsonObject, bytes: Buffer): Asked {
    let asked: Asked | null = null;
    let refusal: UpstreamRefusal | null = null;
    try {
      demandHeaders(dialect, headers);
      asked = dialect.read(body);
    } catch (error) {
      if (!(error instanceof UpstreamRefusal)) throw error;
      refusal = error;
    }
    this.received.push(receivedRequest(dialect.name, { headers, bytes, body, asked, refused: refusal?.message ?? null }));
    if (this.received.length > keptRequests) this.received.shift();
    if (asked === null) throw refusal ?? new UpstreamRefusal('the request could not be read');
    return asked;
  }

  async #send(dialect: SpokenDialect, asked: Asked, fault: UpstreamFault, response: ServerResponse): Promise<void> {
    const answer = scriptAnswer(asked, { overCap: fault.overCap === true });
    const { billed = false } = fault;
    const options = {
      withoutUsage: fault.withoutUsage === true,
      billed: billed === true ? billedFor(answer.counts) : billed === false ? null : billed,
    };
    if (asked.stream) await sendStream(response, dialect.frames(asked, answer, options), fault, dialect);
    else await sendWhole(response, dialect.whole(asked, answer, options), fault);
  }
}

/** Whether a fault answered, or broke off, in place of the provider. */
function refusedByFault(response: ServerResponse, fault: UpstreamFault, dialect: SpokenDialect): boolean {
  if (fault.reset === true) {
    breakOff(response, true);
    return true;
  }
  for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
  if (fault.retryAfterS !== undefined) response.setHeader('retry-after', String(fault.retryAfterS));
  if (fault.status === undefined && fault.body === undefined && fault.html !== true) return false;
  const status = fault.status ?? 200;
  const text = fault.body ?? (fault.html === true ? html : JSON.stringify(dialect.failure(status, 'a planned fault')));
  if (!response.hasHeader('content-type')) response.setHeader('content-type', fault.html === true ? 'text/html' : 'application/json');
  response.writeHead(status).end(text);
  return true;
}

/** Some key must be there, so that a lost one is noticed. @throws UpstreamRefusal */
function demandHeaders({ name }: SpokenDialect, headers: IncomingMessage['headers']): void {
  const keyed = /^Bearer \S+$/.test(headers.authorization ?? '') || (headers['x-api-key'] ?? '') !== '';
  if (!keyed) throw new UpstreamRefusal('no key', 401);
  if (name === 'anthropic-messages' && headers['anthropic-version'] === undefined)
    throw new UpstreamRefusal('the header anthropic-version is missing');
}

/** @throws UpstreamRefusal */
async function readBody(request: IncomingMessage): Promise<{ readonly body: JsonObject; readonly bytes: Buffer }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new UpstreamRefusal('the body is no valid JSON');
  }
  if (!isObject(body)) throw new UpstreamRefusal('the body must be a JSON object');
  return { body, bytes };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
