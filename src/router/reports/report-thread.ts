// The router's side of the thread of the reports: started with the first question, kept, left to itself when it takes too long, ended
// with the router. A thread is never stopped in the middle of a query: the native module would take the whole process down with it.
// Only so many questions may wait, and only so many threads may be on their way out.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../gateway-error.js';
import type { Log } from '../log.js';
import { openUsageReader } from '../usage/usage-database.js';
import { answerQuestion } from './answer-question.js';
import type { ReportAnswers, ReportQuestion } from './report-questions.js';
import type { WorkerAnswer, WorkerQuestion } from './report-worker.js';

const patienceMs = 20_000;
const mayWait = 32;
const mayLeave = 2;
const program = new URL('./report-worker.js', import.meta.url);

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class ReportThread {
  readonly #path: string;
  readonly #log: Log;
  readonly #waiting = new Map<number, Waiting>();
  /** Threads that nobody waits for any more; each ends when its query does. */
  readonly #leaving = new Set<Worker>();
  #worker: Worker | null = null;
  #asked = 0;

  constructor(databasePath: string, log: Log) {
    this.#path = databasePath;
    this.#log = log;
  }

  /** @throws GatewayError `report-query-failed` */
  async ask<Question extends ReportQuestion>(question: Question): Promise<ReportAnswers[Question['kind']]> {
    try {
      return (await this.#answer(question)) as ReportAnswers[Question['kind']];
    } catch (error) {
      this.#log.error({ error: 'report-query-failed', detail: error instanceof Error ? error.message : 'unknown reason' }, 'reports');
      throw new GatewayError(
        'report-query-failed',
        'the usage database could not be asked; the log says why, and /readyz whether it is there',
      );
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    if (worker === null) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.ref();
    worker.postMessage({ id: 0, question: null } satisfies WorkerQuestion);
    // A query that goes on holds up the end of the process, but not the rows that are still to be written.
    await Promise.race([ended, sleep(1000, null, { ref: false })]);
    worker.unref();
  }

  #answer(question: ReportQuestion): Promise<unknown> {
    // Run from its TypeScript source the thread's compiled file is not there; the answer is the same, only not beside the main thread.
    if (!existsSync(fileURLToPath(program))) return this.#answerHere(question);
    if (this.#waiting.size >= mayWait) throw new Error(`${mayWait} questions wait already`);
    const id = ++this.#asked;
    const worker = this.#worker ?? this.#start();
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(worker, `no answer within ${patienceMs} ms`), patienceMs);
      this.#waiting.set(id, { resolve, reject, timer });
      worker.postMessage({ id, question } satisfies WorkerQuestion);
    });
  }

  async #answerHere(question: ReportQuestion): Promise<unknown> {
    const reader = openUsageReader(this.#path);
    try {
      return await Promise.resolve(answerQuestion(reader, question));
    } finally {
      reader.close();
    }
  }

  #start(): Worker {
    if (this.#leaving.size >= mayLeave) throw new Error(`${mayLeave} queries that took too long still run`);
    const worker = new Worker(program, { workerData: this.#path, execArgv: [] });
    worker.on('message', (message: WorkerAnswer) => {
      const waiting = this.#take(message.id);
      if ('failure' in message) waiting?.reject(new Error(message.failure));
      else waiting?.resolve(message.answer);
    });
    worker.on('error', (error) => this.#giveUp(worker, error instanceof Error ? error.message : 'the thread failed'));
    worker.on('exit', () => {
      this.#giveUp(worker, 'the thread ended');
      this.#leaving.delete(worker);
    });
    // A listener for messages holds the process; so only now.
    worker.unref();
    return worker;
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting !== undefined) clearTimeout(waiting.timer);
    return waiting;
  }

  /** Everyone who waits for this thread hears of it; the next question starts another. */
  #giveUp(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(new Error(reason));
    this.#leaving.add(worker);
    worker.postMessage({ id: 0, question: null } satisfies WorkerQuestion);
  }
}
