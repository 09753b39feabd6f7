// A bare socket to a router, for requests that no HTTP client would send, and for answers byte by byte.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** An open socket whose errors end it and nothing else. */
export async function openSocket(url: string): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** What arrives until the router closes the connection. */
export async function textUntilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}

/** Sends bytes on a connection of their own; the answers, when the router has closed it. */
export async function sendRaw(url: string, ...parts: readonly (string | Uint8Array)[]): Promise<readonly RawAnswer[]> {
  const socket = await openSocket(url);
  const heard = textUntilClosed(socket);
  for (const part of parts) socket.write(part);
  return answersIn(await heard);
}

/** Reads answers that have a length or come in chunks, as many as are whole. */
export function answersIn(text: string): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = new Headers(lines.map((line): [string, string] => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1)]));
    const { body, after } = bodyOf(headers, rest.slice(end + 4));
    answers.push({ status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]), headers, text: body });
    rest = after;
  }
  if (rest !== '') throw new Error(`bytes after the last answer: ${rest.slice(0, 100)}`);
  return answers;
}

function bodyOf(headers: Headers, text: string): { readonly body: string; readonly after: string } {
  const length = headers.get('content-length');
  if (length !== null) return { body: text.slice(0, Number(length)), after: text.slice(Number(length)) };
  let body = '';
  let rest = text;
  for (let size = /^([0-9a-f]+)\r\n/.exec(rest); size !== null; size = /^([0-9a-f]+)\r\n/.exec(rest)) {
    const start = size[0].length;
    const bytes = Number.parseInt(size[1] ?? '0', 16);
    body += rest.slice(start, start + bytes);
    rest = rest.slice(start + bytes + 2);
    if (bytes === 0) break;
  }
  return { body, after: rest };
}
