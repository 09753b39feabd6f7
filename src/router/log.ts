// Structured log lines on standard output; the only file of the router that knows the logger. Lines name ids, routes,
// statuses and times, never a prompt, a token or a key.
import { pino } from 'pino';

export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export function createLog(product: string): Log {
  return pino({ base: { product, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime });
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
