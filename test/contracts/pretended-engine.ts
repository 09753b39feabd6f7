// A server at a socket that answers like a container engine, until it is told to misbehave: what a real one does only when a disk is full, when
// it is newer, or when it dies at the wrong moment.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface PretendedEngine {
  readonly address: string;
  /** `METHOD path`, each. */
  readonly asked: readonly string[];
}

let made = 0;

/** Longer beginnings count first; paths without an answer are not known to it. */
export async function pretendedEngine(directory: string, answers: Readonly<Record<string, Answer>>): Promise<PretendedEngine> {
  made += 1;
  const socket = join(directory, `${made}.sock`);
  const asked: string[] = [];
  const all: Readonly<Record<string, Answer>> = { ...usual, ...answers };
  const server = createServer((request, response) => {
    const call = `${request.method} ${request.url}`;
    asked.push(call);
    const [begin] = Object.keys(all)
      .filter((beginning) => call.startsWith(beginning))
      .toSorted((one, other) => other.length - one.length);
    (all[begin ?? ''] ?? unknown)(request, response);
  });
  await new Promise<void>((done) => server.listen(socket, done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `unix://${socket}`, asked };
}

export const json =
  (value: unknown, status = 200): Answer =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

/** The whole answer, and the connection stays open: one that is closed on a sender may be broken before its answer is read. */
export const early =
  (value: unknown, status: number): Answer =>
  (_, response) => {
    const text = JSON.stringify(value);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length }).write(text);
  };

/** Reads what is sent first. */
export const afterAll =
  (act: (body: Buffer, response: ServerResponse) => void): Answer =>
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => act(Buffer.concat(chunks), response));
  };

export const silence: Answer = () => undefined;
export const brokenOff: Answer = (request) => void request.socket.destroy();

const unknown = json({ message: 'no such thing' }, 404);
const usual: Readonly<Record<string, Answer>> = {
  'GET /_ping': (_, response) => void response.end('OK'),
  'GET /version': json({ Version: '28.0.1', Os: 'linux', Arch: 'amd64' }),
  'GET /info': json({ DockerRootDir: '/var/lib/docker', DriverStatus: [['Backing Filesystem', 'extfs']] }),
};
