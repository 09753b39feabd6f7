// HTTP as a measuring instrument: no redirects followed, no retries, bounded in bytes and time, timings taken on the wire.

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the start of the call to the last byte. */
  readonly timeoutMs: number;
  /** Bytes of body read at most; default 1 MiB. More sets `truncated`. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export type Unreachable = {
  readonly kind: 'unreachable';
  readonly reason: 'refused' | 'dns' | 'timeout' | 'reset' | 'tls' | 'aborted' | 'protocol';
  /** One line without secrets. */
  readonly message: string;
};

export interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** Names in lower case; several values of one name joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly truncated: boolean;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

export interface SseEvent {
  /** Milliseconds since the start of the call at which the event's last line arrived. */
  readonly atMs: number;
  /** The `event:` field, or null. */
  readonly event: string | null;
  /** The `data:` lines, joined by newlines. */
  readonly data: string;
}

export interface HttpStream {
  readonly kind: 'stream';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly SseEvent[];
  /** `closed`: the server ended the body properly; `cut`: the connection broke; the others are our limits. */
  readonly ended: 'closed' | 'cut' | 'timeout' | 'limit' | 'aborted';
  /** The body when the answer was not `text/event-stream` (an error document, say); empty otherwise. */
  readonly body: string;
  readonly firstByteMs: number;
  readonly totalMs: number;
}

/** Expected failures are values; both calls throw only for bugs and for refused input (a URL that is not http or https). */
export interface Http {
  request(request: HttpRequest): Promise<HttpAnswer | Unreachable>;
  /** Reads server-sent events to the end, so that a fault after the last wanted event is still seen. */
  stream(request: HttpRequest): Promise<HttpStream | Unreachable>;
}
