// The router's side of the thread that writes usage. Rows go over in batches; what the thread has not taken yet counts as waiting,
// so that a thread that hangs makes the router not ready instead of filling its memory.
import { Worker } from 'node:worker_threads';
import type { RequestRows } from './diagnostic-rows.js';
import { packRows } from './packed-rows.js';
import type { BooksProblem, BooksState, UsageBooks } from './usage-books.js';
import type { CallerTotal, RecentUse } from './usage-database.js';
import type { BooksQuestions, FromUsageWorker, ToUsageWorker, UsageWorkerData } from './usage-worker.js';

const program = new URL('./usage-worker.js', import.meta.url);
const batchEveryMs = 50;
const batchSize = 200;
/** On its way to the thread or waiting in it. */
const capacity = 20_000;
const patienceMs = 5000;
/** It is asked at the start, when a large database may have to be migrated first. */
const openingMs = 120_000;
const restartMs = 1000;

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export class UsageThread implements UsageBooks {
  readonly #data: UsageWorkerData;
  readonly #onFailure: (problem: BooksProblem) => void;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null;
  #startedMs = 0;
  #batch: RequestRows[] = [];
  #timer: NodeJS.Timeout | null = null;
  #sent = 0;
  #taken = 0;
  #inThread: BooksState = { waiting: 0, lost: 0, writeFailures: 0 };
  /** Lost on this side, and with threads that ended. */
  #lost = 0;
  #failuresBefore = 0;
  #asked = 0;
  #closing = false;

  constructor(path: string, routerVersion: string, onFailure: (problem: BooksProblem) => void) {
    this.#data = { path, routerVersion };
    this.#onFailure = onFailure;
    this.#worker = this.#start();
  }

  push(rows: RequestRows): void {
    if (this.state.waiting >= capacity) {
      this.#lost += 1;
      return;
    }
    this.#batch.push(rows);
    if (this.#batch.length >= batchSize) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), batchEveryMs);
  }

  get state(): BooksState {
    const { waiting, lost, writeFailures } = this.#inThread;
    return {
      waiting: this.#batch.length + this.#sent - this.#taken + waiting,
      lost: this.#lost + lost,
      writeFailures: this.#failuresBefore + writeFailures,
    };
  }

  used(callerId: string, periods: readonly string[]): Promise<readonly CallerTotal[] | null> {
    return this.#ask('used', [callerId, periods], null);
  }

  recent(since: string): Promise<readonly RecentUse[] | null> {
    return this.#ask('recent', [since], null, openingMs);
  }

  async problem(): Promise<BooksProblem | null> {
    const silent: BooksProblem = { code: 'database-unavailable', detail: 'the thread that writes usage does not answer' };
    const problem = await this.#ask('problem', [], silent);
    if (problem !== null || this.#lost === 0) return problem;
    return { code: 'usage-rows-lost', detail: `the usage rows of ${this.state.lost} requests could not be kept` };
  }

  async close(tryForMs?: number): Promise<number> {
    this.#closing = true;
    const worker = this.#worker;
    const ended = new Promise<void>((resolve) => (worker === null ? resolve() : worker.once('exit', () => resolve())));
    worker?.ref();
    const lostInThread = await this.#ask('close', [tryForMs], null, (tryForMs ?? patienceMs) + patienceMs);
    if (lostInThread !== null) await ended;
    else worker?.unref();
    const { lost, waiting } = this.state;
    return lostInThread === null ? lost + waiting : this.#lost + this.#batch.length + lostInThread;
  }

  #start(): Worker {
    this.#startedMs = performance.now();
    const worker = new Worker(program, { workerData: this.#data, execArgv: [] });
    worker.on('message', (message: FromUsageWorker) => this.#hear(message));
    worker.on('error', (error) =>
      this.#onFailure({ code: 'database-unavailable', detail: `the thread that writes usage failed: ${error}` }),
    );
    worker.on('exit', () => this.#ended());
    // A listener for messages holds the process; so only now.
    worker.unref();
    return worker;
  }

  #hear(message: FromUsageWorker): void {
    if ('failure' in message) return this.#onFailure(message.failure);
    this.#taken = message.taken;
    this.#inThread = message.state;
    if ('id' in message) this.#answer(message.id, message.answer);
  }

  /** A thread ends by itself only by a defect. What it had not said to be written is gone; another one goes on. */
  #ended(): void {
    this.#worker = null;
    for (const id of [...this.#waiting.keys()]) this.#answer(id, undefined);
    if (this.#closing) return;
    const { waiting, lost, writeFailures } = this.#inThread;
    this.#lost += this.#sent - this.#taken + waiting + lost;
    this.#failuresBefore += writeFailures;
    this.#inThread = { waiting: 0, lost: 0, writeFailures: 0 };
    this.#sent = 0;
    this.#taken = 0;
    this.#timer ??= setTimeout(() => this.#send(), restartMs);
  }

  /** Null for a moment after a thread ended, so that one that cannot live is not started over and over. */
  #reach(): Worker | null {
    if (this.#worker === null && !this.#closing && performance.now() - this.#startedMs >= restartMs) this.#worker = this.#start();
    return this.#worker;
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const requests = this.#batch.length;
    const worker = this.#reach();
    if (worker === null && !this.#closing) this.#timer = setTimeout(() => this.#send(), restartMs);
    if (requests === 0 || worker === null) return;
    this.#sent += requests;
    worker.postMessage({ rows: packRows(this.#batch), requests } satisfies ToUsageWorker);
    this.#batch = [];
  }

  /** What was pushed before is written before. */
  #ask<Kind extends keyof BooksQuestions, Otherwise>(
    kind: Kind,
    asks: BooksQuestions[Kind]['asks'],
    otherwise: Otherwise,
    waitMs = patienceMs,
  ): Promise<BooksQuestions[Kind]['answer'] | Otherwise> {
    this.#send();
    const worker = this.#reach();
    if (worker === null) return Promise.resolve(otherwise);
    const id = ++this.#asked;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(id, undefined), waitMs);
      const settle = (answer: unknown): void => resolve(answer === undefined ? otherwise : (answer as BooksQuestions[Kind]['answer']));
      this.#waiting.set(id, { resolve: settle, timer });
      worker.postMessage({ id, kind, asks } as ToUsageWorker);
    });
  }

  #answer(id: number, answer: unknown): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    waiting.resolve(answer);
  }
}
