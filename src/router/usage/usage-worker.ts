// The thread that writes usage: a ledger, and the router's side of it asking by messages, in whose order everything is done.
import { parentPort, workerData } from 'node:worker_threads';
import { unpackRows } from './packed-rows.js';
import type { BooksProblem, BooksState } from './usage-books.js';
import type { CallerTotal, RecentUse } from './usage-database.js';
import { UsageLedger } from './usage-ledger.js';

export interface UsageWorkerData {
  readonly path: string;
  readonly routerVersion: string;
}

/** What is asked and answered; `close` answers with the requests whose rows were lost, and ends the thread. */
export interface BooksQuestions {
  readonly used: { readonly asks: readonly [callerId: string, periods: readonly string[]]; readonly answer: readonly CallerTotal[] | null };
  readonly recent: { readonly asks: readonly [since: string]; readonly answer: readonly RecentUse[] | null };
  readonly problem: { readonly asks: readonly []; readonly answer: BooksProblem | null };
  readonly close: { readonly asks: readonly [patienceMs: number | undefined]; readonly answer: number };
}
type Kind = keyof BooksQuestions;

export type ToUsageWorker =
  | { readonly rows: string; readonly requests: number }
  | { [Each in Kind]: { readonly id: number; readonly kind: Each; readonly asks: BooksQuestions[Each]['asks'] } }[Kind];

export type FromUsageWorker =
  | { readonly id: number; readonly answer: BooksQuestions[Kind]['answer']; readonly taken: number; readonly state: BooksState }
  | { readonly taken: number; readonly state: BooksState }
  | { readonly failure: BooksProblem };

const { path, routerVersion } = workerData as UsageWorkerData;
const tell = (message: FromUsageWorker): void => parentPort?.postMessage(message);
const ledger = new UsageLedger(path, routerVersion, (failure) => tell({ failure }));
/** Requests whose rows came so far. */
let taken = 0;
let told = '';

const tellState = setInterval(() => {
  const state = { taken, state: ledger.state };
  const text = JSON.stringify(state);
  if (text !== told) tell(state);
  told = text;
}, 100);

parentPort?.on('message', (message: ToUsageWorker) => void hear(message));

async function hear(message: ToUsageWorker): Promise<void> {
  if ('rows' in message) {
    taken += message.requests;
    for (const rows of unpackRows(message.rows)) ledger.pushPacked(rows);
    return;
  }
  const answer = await answerTo(message);
  tell({ id: message.id, answer, taken, state: ledger.state });
  if (message.kind !== 'close') return;
  clearInterval(tellState);
  parentPort?.close();
}

function answerTo(message: Exclude<ToUsageWorker, { readonly rows: string }>): Promise<BooksQuestions[Kind]['answer']> {
  switch (message.kind) {
    case 'used':
      return ledger.used(...message.asks);
    case 'recent':
      return ledger.recent(...message.asks);
    case 'problem':
      return ledger.problem();
    case 'close':
      return ledger.close(...message.asks);
  }
}
