// Mixed plain and streamed chat requests at a steady rate, whatever the answers take, with counts that tell what callers noticed.
import { askChat, type ChatEnding } from './chat-client.js';

export interface TrafficOptions {
  readonly url: string;
  readonly token: string;
  readonly models: readonly string[];
  readonly ratePerSecond: number;
  readonly durationMs: number | null;
  /** Ends the traffic; what is under way is still waited for. */
  readonly signal: AbortSignal;
}

export interface TrafficResult {
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  readonly cut: number;
  /** Between two successful answers, or an end of the traffic and the nearest one. */
  readonly longestGapMs: number;
  readonly durationMs: number;
  readonly failures: Readonly<Record<string, number>>;
  /** Of the answers that were complete. */
  readonly requestIds: readonly string[];
}

const timeoutMs = 30_000;

export async function runTraffic({ url, token, models, ratePerSecond, durationMs, signal }: TrafficOptions): Promise<TrafficResult> {
  const startedMs = performance.now();
  const tally = new Tally(startedMs);
  const pending = new Set<Promise<void>>();
  let sent = 0;
  const ask = (): void => {
    const model = models[Math.floor(sent / 2) % models.length] ?? 'unknown';
    const question = askChat({ url, token, model, stream: sent % 2 === 1, timeoutMs }).then((ending) => tally.count(ending));
    sent += 1;
    pending.add(question);
    void question.finally(() => pending.delete(question));
  };
  const endMs = durationMs === null ? Number.POSITIVE_INFINITY : startedMs + durationMs;
  while (!signal.aborted && performance.now() < endMs) {
    ask();
    await pause(startedMs + (sent * 1000) / ratePerSecond - performance.now(), signal);
  }
  await Promise.all(pending);
  return { sent, ...tally.result() };
}

class Tally {
  readonly #startedMs: number;
  readonly #failures: Record<string, number> = {};
  readonly #requestIds: string[] = [];
  #lastOkMs: number;
  #longestGapMs = 0;
  #failed = 0;
  #cut = 0;

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
    this.#lastOkMs = startedMs;
  }

  count(ending: ChatEnding): void {
    if (ending.kind === 'ok') {
      this.#requestIds.push(ending.requestId);
      this.#closeGap(performance.now());
    } else if (ending.kind === 'cut') this.#cut += 1;
    else {
      this.#failed += 1;
      this.#failures[ending.reason] = (this.#failures[ending.reason] ?? 0) + 1;
    }
  }

  result(): Omit<TrafficResult, 'sent'> {
    const nowMs = performance.now();
    this.#closeGap(nowMs);
    return {
      ok: this.#requestIds.length,
      failed: this.#failed,
      cut: this.#cut,
      longestGapMs: Math.round(this.#longestGapMs),
      durationMs: Math.round(nowMs - this.#startedMs),
      failures: this.#failures,
      requestIds: this.#requestIds,
    };
  }

  #closeGap(nowMs: number): void {
    this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastOkMs);
    this.#lastOkMs = nowMs;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
