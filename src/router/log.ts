// Structured log lines on standard output; the only file of the router that knows the logger. Lines name ids, routes,
// statuses and times, never a prompt, a token or a key.
import { pino } from 'pino';
import { isoTime } from './iso-time.js';

export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** After a line was written, the next ones wait so long, and are written together. */
const restMs = 20;
/** Each write has a price of its own, so that many lines share one. */
const [mostWaiting, mostAtOnce] = [48 * 1024, 64 * 1024];

export function createLog(product: string): Log {
  const options = { base: { product, pid: process.pid }, timestamp: () => `,"time":"${isoTime(Date.now())}"` };
  // Lines wait for each other and not the requests for them; what waits is written when the process ends.
  const destination = pino.destination({ dest: 1, sync: false, minLength: mostWaiting, maxWrite: mostAtOnce, contentMode: 'buffer' });
  // As bytes, which its types do not know of: text is measured anew, from the first line that waits, with every line that joins it.
  const lines = pino(options, { write: (line) => void destination.write(Buffer.from(line) as unknown as string) });
  let resting = false;
  let waiting = false;
  let mayBeLeft = false;
  // A write takes a part of what waits at most, and a flush while one is under way does nothing: after each, what may be left is asked for.
  destination.on('write', (bytes: number) => {
    mayBeLeft ||= bytes > 0;
  });
  destination.on('drain', () => {
    if (!mayBeLeft) return;
    mayBeLeft = false;
    if (resting) waiting = true;
    else write();
  });
  const write = (): void => {
    resting = true;
    waiting = false;
    destination.flush();
    setTimeout(rested, restMs).unref();
  };
  const rested = (): void => {
    resting = false;
    if (waiting) write();
  };
  const line =
    (level: keyof Log): Log['info'] =>
    (fields, message) => {
      lines[level](fields, message);
      mayBeLeft = true;
      if (resting) waiting = true;
      else write();
    };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
