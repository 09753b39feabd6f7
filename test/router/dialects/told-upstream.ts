// A provider of all three dialects that answers exactly what a test tells it, over real HTTP, and keeps what it was asked. It shares
// nothing with the router, so that a misreading cannot hide on both sides.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ToldAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** A whole body, or the pieces of a stream. */
  readonly body: string | readonly string[];
  /** Milliseconds between two pieces, so that they arrive apart. */
  readonly gapMs?: number;
  /** What comes after the first piece waits for this. */
  readonly gate?: Promise<void>;
  /** The connection is broken after the body instead of being closed properly. */
  readonly cut?: boolean;
}

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

export interface ToldUpstream {
  readonly url: string;
  readonly asked: readonly Asked[];
  tell(answer: ToldAnswer): void;
  stop(): Promise<void>;
}

export async function startToldUpstream(): Promise<ToldUpstream> {
  const asked: Asked[] = [];
  let told: ToldAnswer = { status: 500, body: '' };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    const answer = async (): Promise<void> => {
      asked.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) as Record<string, unknown> });
      const { status = 200, headers = {}, body, gapMs = 0, gate, cut = false } = told;
      const streamed = typeof body !== 'string';
      response.writeHead(status, { 'content-type': streamed ? 'text/event-stream' : 'application/json', ...headers });
      for (const piece of streamed ? body : [body]) {
        response.write(piece);
        if (gapMs > 0) await sleep(gapMs);
        await gate;
      }
      if (cut) setTimeout(() => response.destroy(), 20);
      else response.end();
    };
    request.on('end', () => void answer());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    tell: (answer) => {
      told = answer;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Events whose name is the type that their data carries. */
export function named(events: readonly { readonly type: string; readonly [member: string]: unknown }[]): string[] {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}
