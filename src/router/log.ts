// Structured log lines on standard output; the only file of the router that knows the logger. Lines name ids, routes,
// statuses and times, never a prompt, a token or a key.
import { pino } from 'pino';

export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export function createLog(product: string): Log {
  const options = { base: { product, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  // Lines wait for each other and not the requests for them; what waits is written when the process ends.
  return pino(options, pino.destination({ dest: 1, sync: false }));
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
