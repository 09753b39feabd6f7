// The faults that the scripted provider can be told to make: for all requests, for the nth one, by the model's name, by a
// request header, or by its control endpoint.
import { LabError } from './lab-error.js';

export interface UpstreamFault {
  /** Before the status line. */
  readonly delayMs?: number;
  /** After the first events of a stream, before the first piece of the answer. */
  readonly firstPieceDelayMs?: number;
  /** Between the pieces of a streamed answer; 4 by default. */
  readonly pieceDelayMs?: number;
  /** Between parts of the body that are cut anywhere, also in the middle of an event. */
  readonly dripMs?: number;
  /** Answer with this status and `body` instead of an answer. */
  readonly status?: number;
  readonly retryAfterS?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A page of HTML instead of an answer, as some proxies send. */
  readonly html?: boolean;
  /** Break the connection after this many pieces of a streamed answer, or in the middle of a plain one. */
  readonly cut?: number;
  /** End the stream in good order after this many pieces, without its terminal event. */
  readonly end?: number;
  /** Reset the connection (TCP RST): before the status line, or as `cut` does. */
  readonly reset?: boolean | number;
  /** An event that is no valid JSON after this many pieces; half of a plain body. */
  readonly malformed?: number;
  /** The dialect's error event after this many pieces, then the end. */
  readonly error?: number;
  /** The same, for the Responses dialect by its terminal event `response.failed`. */
  readonly failed?: number;
  /** Answer with more tokens than the cap allows. */
  readonly overCap?: boolean;
  /** Leave the token counts out. */
  readonly withoutUsage?: boolean;
  /** Say what is billed: at rates of the provider's own, or exactly this. */
  readonly billed?: boolean | { readonly inputUsd: number; readonly outputUsd: number; readonly totalUsd: number };
}

export interface ControlledFault extends UpstreamFault {
  /** Only requests for this model; all when left out. */
  readonly model?: string;
  /** Only requests in this dialect, for example `anthropic-messages`. */
  readonly dialect?: string;
  /** Only streamed (true) or plain (false) requests; both when left out. */
  readonly stream?: boolean;
  /** Only the nth of the requests that fit, counted from 1. */
  readonly nth?: number;
  /** Only each nth of the requests that fit. */
  readonly every?: number;
  /** How many requests it hits before it is used up; no end when left out. */
  readonly times?: number;
}

/** What follows the `-` of a word is its number. */
export const numberWords = {
  delay: 'delayMs',
  first: 'firstPieceDelayMs',
  pieces: 'pieceDelayMs',
  drip: 'dripMs',
  status: 'status',
  retry: 'retryAfterS',
  cut: 'cut',
  end: 'end',
  reset: 'reset',
  malformed: 'malformed',
  error: 'error',
  failed: 'failed',
} as const satisfies Record<string, keyof UpstreamFault>;

export const plainWords: Readonly<Record<string, UpstreamFault>> = {
  html: { html: true },
  reset: { reset: true },
  'over-cap': { overCap: true },
  'no-usage': { withoutUsage: true },
  billed: { billed: true },
};

/** A model name spells its own faults, joined by `+`: `delay-500`, `status-429`, `cut-2`, `no-usage`. Other words are no faults. */
export function faultOfModel(model: string): UpstreamFault {
  let fault: UpstreamFault = {};
  for (const word of model.split('+')) fault = { ...fault, ...faultOfWord(word) };
  return fault;
}

/** @param text words joined by `+`, or JSON @throws LabError for a word that is no fault, or what is no JSON object */
export function faultOfText(text: string): UpstreamFault {
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text) as UpstreamFault;
    } catch {
      throw new LabError('USAGE', 'a fault is no valid JSON', 'give JSON such as {"status":503}, or words such as status-503');
    }
  }
  const strange = text.split('+').find((word) => faultOfWord(word) === null);
  if (strange !== undefined)
    throw new LabError('USAGE', `"${strange}" is no fault`, 'join words by +: delay-500, status-429, cut-2, no-usage, …');
  return faultOfModel(text);
}

export function faultOfHeader(value: string | string[] | undefined): UpstreamFault {
  return typeof value === 'string' ? faultOfText(value) : {};
}

export class FaultPlan {
  #planned: { readonly fault: ControlledFault; left: number; seen: number }[] = [];

  set(faults: readonly ControlledFault[]): void {
    this.#planned = faults.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY, seen: 0 }));
  }

  /** The first planned fault that fits, used up by one. */
  take(request: { readonly model: string; readonly stream: boolean; readonly dialect: string }): UpstreamFault {
    const fitting = this.#planned.filter(({ fault }) => {
      const { model = request.model, stream = request.stream, dialect = request.dialect } = fault;
      return model === request.model && stream === request.stream && dialect === request.dialect;
    });
    for (const planned of fitting) planned.seen += 1;
    const hit = fitting.find(({ fault: { nth, every }, left, seen }) => left > 0 && (nth ?? seen) === seen && seen % (every ?? 1) === 0);
    if (hit === undefined) return {};
    hit.left -= 1;
    return hit.fault;
  }
}

function faultOfWord(word: string): UpstreamFault | null {
  const plain = Object.hasOwn(plainWords, word) ? plainWords[word] : undefined;
  if (plain !== undefined) return plain;
  const [, name = '', number] = /^([a-z]+)-(\d+)$/.exec(word) ?? [];
  return Object.hasOwn(numberWords, name) ? { [numberWords[name as keyof typeof numberWords]]: Number(number) } : null;
}
