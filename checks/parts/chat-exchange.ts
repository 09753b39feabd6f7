// One chat request, asked and measured: whole or streamed. What was said is counted, never kept; times are those of the wire.
import type { Json } from '../../src/core/json.js';
import type { HttpAnswer, HttpStream } from '../../src/core/ports/http.js';
import { errorOf, look, member, rounded, type Seen } from './ask-router.js';

export type Usage = { readonly input: number; readonly output: number; readonly total: number };

export type ChatRequest = {
  readonly model: string;
  readonly stream: boolean;
  readonly startedAtMs: number;
  readonly requestId: string | null;
  readonly seen: Seen;
  readonly usage: Usage | null;
  readonly finishReason: string | null;
  readonly answerChars: number;
  /** Did the answer repeat the word that only this request knows? */
  readonly echoed: boolean;
  readonly tookMs: number;
  /** Only for streams. */
  readonly streamed: null | {
    readonly ended: HttpStream['ended'];
    readonly marker: boolean;
    readonly deltas: number;
    readonly firstTokenMs: number | null;
    readonly largestGapMs: number | null;
    /** An error sent inside the stream, or an event that is no JSON. */
    readonly fault: string | null;
  };
};

type Asked = Pick<ChatRequest, 'model' | 'startedAtMs'> & { readonly nonce: string; readonly requestIdHeader: string };

export function readWhole(answer: HttpAnswer, asked: Asked): ChatRequest {
  const { seen, json } = look(answer);
  const choice = firstOf(member(json, 'choices'));
  const text = textOf(member(choice, 'message'));
  return {
    ...common(asked, answer.headers),
    stream: false,
    seen,
    usage: usageOf(json),
    finishReason: stringOr(member(choice, 'finish_reason')),
    answerChars: text.length,
    echoed: text.includes(asked.nonce),
    tookMs: rounded(answer.totalMs),
    streamed: null,
  };
}

export function readStream(answer: HttpStream, asked: Asked): ChatRequest {
  const isStream = (answer.headers['content-type'] ?? '').toLowerCase().startsWith('text/event-stream');
  const { seen } = look(isStream ? { ...answer, body: '{}' } : answer);
  const tally = answer.events.reduce(counted, newTally());
  if (!isStream) tally.fault = 'the answer came whole, although a stream was asked for';
  return {
    ...common(asked, answer.headers),
    stream: true,
    seen,
    usage: tally.usage,
    finishReason: tally.finishReason,
    answerChars: tally.text.length,
    echoed: tally.text.includes(asked.nonce),
    tookMs: rounded(answer.totalMs),
    streamed: {
      ended: answer.ended,
      marker: tally.marker,
      deltas: tally.deltas,
      firstTokenMs: tally.firstTokenMs === null ? null : rounded(tally.firstTokenMs),
      largestGapMs: tally.deltas < 2 ? null : rounded(tally.largestGapMs),
      fault: tally.fault,
    },
  };
}

interface Tally {
  marker: boolean;
  deltas: number;
  text: string;
  firstTokenMs: number | null;
  lastTokenMs: number;
  largestGapMs: number;
  usage: Usage | null;
  finishReason: string | null;
  fault: string | null;
}

const newTally = (): Tally => ({
  marker: false,
  deltas: 0,
  text: '',
  firstTokenMs: null,
  lastTokenMs: 0,
  largestGapMs: 0,
  usage: null,
  finishReason: null,
  fault: null,
});

function counted(tally: Tally, event: HttpStream['events'][number], index: number): Tally {
  if (event.data === '[DONE]') {
    tally.marker = true;
    return tally;
  }
  const json = parsed(event.data);
  if (json === undefined) {
    tally.fault ??= `event ${index + 1} of the stream is no JSON`;
    return tally;
  }
  if (member(json, 'error') !== null) tally.fault ??= `error inside the stream: ${errorOf(json) ?? 'unnamed'}`;
  const choice = firstOf(member(json, 'choices'));
  const text = textOf(member(choice, 'delta'));
  if (text !== '') {
    tally.deltas += 1;
    tally.text += text;
    if (tally.firstTokenMs === null) tally.firstTokenMs = event.atMs;
    else tally.largestGapMs = Math.max(tally.largestGapMs, event.atMs - tally.lastTokenMs);
    tally.lastTokenMs = event.atMs;
  }
  tally.finishReason = stringOr(member(choice, 'finish_reason')) ?? tally.finishReason;
  tally.usage = usageOf(json) ?? tally.usage;
  return tally;
}

function common({ model, startedAtMs, requestIdHeader }: Asked, headers: Readonly<Record<string, string>>) {
  const requestId = headers[requestIdHeader.toLowerCase()];
  return { model, startedAtMs, requestId: requestId === undefined || requestId === '' ? null : requestId };
}

function parsed(data: string): Json | undefined {
  try {
    return JSON.parse(data) as Json;
  } catch {
    return undefined;
  }
}

const firstOf = (value: Json | null): Json | null => (Array.isArray(value) ? ((value as readonly Json[])[0] ?? null) : null);
const stringOr = (value: Json | null): string | null => (typeof value === 'string' && value !== '' ? value : null);
const textOf = (message: Json | null): string => stringOr(member(message, 'content')) ?? '';

function usageOf(json: Json | null): Usage | null {
  const usage = member(json, 'usage');
  const [input, output, total] = ['prompt_tokens', 'completion_tokens', 'total_tokens'].map((name) => member(usage, name));
  return typeof input === 'number' && typeof output === 'number' && typeof total === 'number' ? { input, output, total } : null;
}
