// What reached the scripted provider, without a word of it: enough to prove what a router sent, and nothing that could leak.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Asked } from './asked.js';
import type { JsonObject } from './json-object.js';

export interface ReceivedRequest {
  readonly dialect: string;
  readonly model: string;
  readonly stream: boolean;
  /** Names of the body's members, sorted. */
  readonly members: readonly string[];
  readonly turns: number;
  /** `namespace/name` for a tool in a namespace. */
  readonly tools: readonly string[];
  readonly hostedTools: readonly string[];
  readonly toolResults: number;
  /** Pictures of the whole conversation, those in tool results too. */
  readonly images: number;
  readonly cap: number | null;
  /** Names of the request's headers, sorted; of a credential too, but never its value. */
  readonly headerNames: readonly string[];
  /** Values of the few headers that are part of a dialect. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
  readonly bodySha256: string;
  /** Why it was refused, in the provider's own words; null when it was not. */
  readonly refused: string | null;
}

const dialectHeaders = ['accept', 'anthropic-beta', 'anthropic-version', 'content-type', 'openai-beta'];

export function receivedRequest(
  dialect: string,
  {
    headers,
    bytes,
    body,
    asked,
    refused,
  }: {
    readonly headers: IncomingHttpHeaders;
    readonly bytes: Buffer;
    readonly body: JsonObject;
    /** Null when it could not be read. */
    readonly asked: Asked | null;
    readonly refused: string | null;
  },
): ReceivedRequest {
  const kept = dialectHeaders.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]] as const] : []));
  const turns = asked?.turns ?? [];
  const outcomes = turns.flatMap((turn) => turn.outcomes);
  return {
    dialect,
    model: String(body['model']),
    stream: body['stream'] === true,
    members: Object.keys(body).sort(),
    turns: turns.length,
    tools: (asked?.tools ?? []).map(({ namespace, name }) => (namespace === null ? name : `${namespace}/${name}`)),
    hostedTools: asked?.hostedTools ?? [],
    toolResults: outcomes.length,
    images: [...turns, ...outcomes].reduce((sum, { pictures }) => sum + pictures.length, 0),
    cap: asked?.cap ?? null,
    headerNames: Object.keys(headers).sort(),
    headers: Object.fromEntries(kept),
    bodyBytes: bytes.length,
    bodySha256: createHash('sha256').update(bytes).digest('hex'),
    refused,
  };
}
