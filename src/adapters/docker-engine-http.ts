// How a container engine is spoken to: HTTP over its socket, one connection a call, on Node's own client. Paths carry no API version, so
// that each engine answers in its own; what is read from answers is the same from 20.10 on. Every way not to get an answer has its words here.
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { RouterctlError } from '../core/errors.js';
import type { EngineAddress } from '../core/ports/containers.js';
import { terminalText } from '../core/terminal-text.js';
import { z } from '../core/zod.js';
import { errno } from './durable-file.js';

export interface EngineCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface EngineAnswer {
  readonly status: number;
  readonly bytes: Buffer;
}

const maxAnswerBytes = 32 * 1024 * 1024;
const maxWords = 1000;

/** A short call: its whole answer, within the time. */
export async function askEngine(at: EngineAddress, call: Omit<EngineCall, 'signal'>, timeoutMs: number): Promise<EngineAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const request = openCall(at, { ...call, signal });
    request.end();
    const answer = await answerTo(request);
    return await wholeAnswer(answer);
  } catch (error) {
    throw signal.aborted ? unreachable(at, `has not answered within ${timeoutMs / 1000} s`, tryItsOwn) : engineFailure(at, error);
  }
}

/** Not sent yet: what is written to it is its body, and `end` ends it. */
export function openCall(at: EngineAddress, { method, path, headers = {}, signal }: EngineCall): ClientRequest {
  return httpRequest({ ...endpoint(at), method, path, headers: { host: 'docker', ...headers }, agent: false, signal });
}

export function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
}

export async function wholeAnswer(answer: IncomingMessage): Promise<EngineAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error(`an answer of more than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return { status: answer.statusCode ?? 0, bytes: Buffer.concat(chunks) };
}

function endpoint(at: EngineAddress): RequestOptions {
  if (/^unix:\/\/\/./.test(at)) return { socketPath: at.slice('unix://'.length) };
  const [, host, ipv6, port] = /^tcp:\/\/([\w.-]+|\[([\da-f:]+)\]):(\d{1,5})$/i.exec(at) ?? [];
  if (host !== undefined) return { host: ipv6 ?? host, port: Number(port) };
  throw unreachable(at, 'has no address of a container engine', 'write unix:///var/run/docker.sock, or tcp://host:port');
}

const tryItsOwn = 'does `docker info` answer there? An engine that hangs is restarted by whoever runs the host.';

const reasons: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['is not there: no such socket', 'is the engine running, and does it listen there? systemctl status docker'],
  ECONNREFUSED: ['does not listen', 'is the engine running? systemctl status docker'],
  EACCES: ['may not be spoken to by this user', 'run as a user of the group that owns the socket, often docker'],
  EPERM: ['may not be spoken to by this user', 'run as a user of the group that owns the socket, often docker'],
  ENOTSOCK: ['is not a socket', 'name the socket of the engine, often unix:///var/run/docker.sock'],
  ENOTDIR: ['is not a socket', 'name the socket of the engine, often unix:///var/run/docker.sock'],
  ECONNRESET: ['broke the connection off before it had answered', 'was it stopped or restarted? systemctl status docker'],
  EPIPE: ['broke the connection off before it had answered', 'was it stopped or restarted? systemctl status docker'],
};

/** Node's error as the refusal that a person can act on; errors of ours pass unchanged. */
export function engineFailure(at: EngineAddress, error: unknown): RouterctlError {
  if (error instanceof RouterctlError) return error;
  const [problem, hint] = reasons[errno(error)] ?? [`cannot be asked (${errno(error) || String(error)})`, tryItsOwn];
  return unreachable(at, problem, hint, error);
}

export const unreachable = (at: EngineAddress, problem: string, hint: string, cause?: unknown): RouterctlError =>
  new RouterctlError('ENGINE_UNREACHABLE', `the container engine at ${at} ${problem}`, { hint, cause });

const refusal = z.looseObject({ message: z.string() });

/** What an answer that says no gives as its reason. */
export function wordsOf({ status, bytes }: EngineAnswer): string {
  try {
    return refusal.parse(JSON.parse(bytes.toString('utf8'))).message;
  } catch {
    return `status ${status}`;
  }
}

/** `words` are the engine's, masked. */
export function engineRefused(at: EngineAddress, what: string, words: string): RouterctlError {
  const hint = /no space left/i.test(words)
    ? 'free disk space where the engine keeps its images, then run the same command again'
    : undefined;
  const said = terminalText(words.trim().slice(0, maxWords));
  return new RouterctlError(
    'ENGINE_REFUSED',
    `the container engine at ${at} refused to ${what}: ${said}`,
    hint === undefined ? {} : { hint },
  );
}

/** The path of an API call, each part of a name as it must stand in one. */
export const enginePath = (name: string): string => name.split('/').map(encodeURIComponent).join('/');
