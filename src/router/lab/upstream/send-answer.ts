// Sends an answer, whole or in pieces, and breaks it in the way that a fault asks for.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpstreamFault } from '../upstream-faults.js';
import type { JsonObject } from './json-object.js';
import type { AnswerFrame, SpokenDialect } from './spoken-dialect.js';

const usualPieceDelayMs = 4;
const dripParts = 10;
/** Answers that a fault broke; their early end is not the client's doing. */
const brokenByUs = new WeakSet<ServerResponse>();

export function wasLeftByItsClient(response: ServerResponse): boolean {
  return !response.writableFinished && !brokenByUs.has(response);
}

/** Ends the connection in the middle of an answer: with a reset, or as a process that dies does. */
export function breakOff(response: ServerResponse, withReset: boolean): void {
  brokenByUs.add(response);
  if (withReset) response.socket?.resetAndDestroy();
  else response.destroy();
}

export async function sendWhole(response: ServerResponse, body: JsonObject, fault: UpstreamFault): Promise<void> {
  const whole = Buffer.from(JSON.stringify(body));
  const bytes = fault.malformed === undefined ? whole : whole.subarray(0, whole.length / 2);
  if (fault.cut !== undefined || fault.reset !== undefined) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => breakOff(response, fault.reset !== undefined));
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  if (fault.dripMs !== undefined) await drip(response, bytes, fault.dripMs);
  response.end(fault.dripMs === undefined ? bytes : undefined);
}

export async function sendStream(
  response: ServerResponse,
  frames: Iterable<AnswerFrame>,
  fault: UpstreamFault,
  dialect: SpokenDialect,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  let pieces = 0;
  let sent = 0;
  for (const { text, isPiece } of frames) {
    if (response.destroyed) return;
    if (isPiece) {
      if (pieces === 0 && fault.firstPieceDelayMs !== undefined) await sleep(fault.firstPieceDelayMs);
      if (breaks(response, { text, pieces, sent }, fault, dialect)) return;
      pieces += 1;
    }
    await send(response, text, fault);
    sent += 1;
    if (isPiece) await sleep(fault.pieceDelayMs ?? usualPieceDelayMs);
  }
  if (!response.destroyed) response.end();
}

/** Whether the stream ended here because a fault said so. */
function breaks(
  response: ServerResponse,
  { text, pieces, sent }: { readonly text: string; readonly pieces: number; readonly sent: number },
  { cut, end, reset, malformed, error, failed }: UpstreamFault,
  dialect: SpokenDialect,
): boolean {
  if (pieces === cut || pieces === reset) breakOff(response, pieces === reset);
  else if (pieces === end) response.end();
  else if (pieces === malformed) response.end(`${text.slice(0, Math.floor(text.trimEnd().length * 0.7))}\n\n`);
  else if (pieces === error || pieces === failed) response.end(dialect.failureFrame(sent, pieces === failed));
  else return false;
  return true;
}

async function send(response: ServerResponse, text: string, { dripMs }: UpstreamFault): Promise<void> {
  if (dripMs !== undefined) await drip(response, Buffer.from(text), dripMs, 2);
  else if (!response.write(text)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
}

async function drip(response: ServerResponse, bytes: Buffer, dripMs: number, parts = dripParts): Promise<void> {
  const size = Math.ceil(bytes.length / parts);
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    response.write(bytes.subarray(at, at + size));
    await sleep(dripMs);
  }
}
