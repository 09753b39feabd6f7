// What the router itself must know of a chat request; everything else is passed on as it came.
import { GatewayError } from '../gateway-error.js';
import { isJsonObject, type JsonObject } from '../http/read-body.js';

export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  /** The caller asked for the usage chunk at the end of the stream. */
  readonly wantsUsage: boolean;
  readonly body: JsonObject;
}

export function parseChatRequest(body: JsonObject): ChatRequest {
  const { model, messages, stream, stream_options: options } = body;
  if (typeof model !== 'string' || model === '') throw new GatewayError('missing-model', '"model" must name a model group');
  if (!Array.isArray(messages) || messages.length === 0)
    throw new GatewayError('invalid-request', '"messages" must be an array with at least one message');
  if (!messages.every((message) => isJsonObject(message) && typeof message['role'] === 'string'))
    throw new GatewayError('invalid-request', 'each of "messages" must be an object with a "role"');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean')
    throw new GatewayError('invalid-request', '"stream" must be true or false');
  if (options !== undefined && options !== null && !isJsonObject(options))
    throw new GatewayError('invalid-request', '"stream_options" must be an object');
  const wantsUsage = isJsonObject(options) && options['include_usage'] === true;
  return { model, stream: stream === true, wantsUsage, body };
}

/** Streams are always asked for their usage, so that a streamed answer costs what the same plain one costs. */
export function upstreamBody(request: ChatRequest, model: string): string {
  const options = isJsonObject(request.body['stream_options']) ? request.body['stream_options'] : {};
  const body = request.stream
    ? { ...request.body, model, stream: true, stream_options: { ...options, include_usage: true } }
    : { ...request.body, model };
  try {
    return JSON.stringify(body);
  } catch {
    throw new GatewayError('invalid-body', 'the request body is nested too deeply');
  }
}

/** Characters of text in the messages, for the estimate that is used when an upstream reports no usage. */
export function promptCharacters(request: ChatRequest): number {
  const messages = request.body['messages'];
  if (!Array.isArray(messages)) return 0;
  return messages.reduce<number>((sum, message) => sum + contentCharacters(isJsonObject(message) ? message['content'] : null), 0);
}

function contentCharacters(content: unknown): number {
  if (typeof content === 'string') return content.length;
  if (!Array.isArray(content)) return 0;
  return content.reduce<number>((sum, part) => {
    const text: unknown = isJsonObject(part) ? part['text'] : null;
    return sum + (typeof text === 'string' ? text.length : 0);
  }, 0);
}
