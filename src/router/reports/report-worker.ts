// The thread of the reports: a connection of its own that can only read, so that a question over a million rows holds up neither
// the event loop nor a writer. It opens the database with the first question, and again after one that failed and when
// another file was put in its place.
import { parentPort, workerData } from 'node:worker_threads';
import { openUsageReader, type UsageReader } from '../usage/usage-database.js';
import { answerQuestion } from './answer-question.js';
import type { ReportQuestion } from './report-questions.js';

export interface WorkerQuestion {
  readonly id: number;
  /** Null ends the thread. */
  readonly question: ReportQuestion | null;
}

/** A failure travels as words: classes do not survive the way between threads. */
export type WorkerAnswer = { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly failure: string };

const path = String(workerData);
let reader: UsageReader | null = null;

function close(): void {
  reader?.close();
  reader = null;
}

function reply({ id, question }: { readonly id: number; readonly question: ReportQuestion }): WorkerAnswer {
  try {
    if (reader?.gone === true) close();
    reader ??= openUsageReader(path);
    return { id, answer: answerQuestion(reader, question) };
  } catch (error) {
    close();
    return { id, failure: error instanceof Error ? error.message : 'unknown reason' };
  }
}

parentPort?.on('message', ({ id, question }: WorkerQuestion) => {
  if (question !== null) return parentPort?.postMessage(reply({ id, question }));
  close();
  parentPort?.close();
});
