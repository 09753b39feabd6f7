// Refusals for what a request is or who sends it.
import { createHash } from 'node:crypto';
import { openSocket, type RawAnswer, sendRaw } from '../raw-socket.js';
import { readRows, tokens } from '../started-router.js';
import {
  ask,
  beforeAnyRow,
  bodyIn,
  dialectPaths,
  type ErrorCase,
  everywhere,
  type Heard,
  heard,
  pictureIn,
  routerFor,
  withoutDialect,
} from './error-case.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const onePixel = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A caller in a state of its own. */
const callerIn = (state: Record<string, unknown>): ErrorCase =>
  beforeAnyRow(async (dialect) => {
    const callers = [{ id: 'former', token_sha256: sha256('rt-test-former'), allow: ['*'], ...state }];
    return ask(await routerFor({ config: { callers } }), dialect, undefined, { token: 'rt-test-former' });
  });

async function raw(...parts: readonly string[]): Promise<Heard> {
  const router = await routerFor();
  const answers = await sendRaw(router.url, ...parts);
  return { router, ...(answers[0] as RawAnswer) };
}

export const requestErrors = {
  'invalid-body': everywhere(async (dialect) => ask(await routerFor(), dialect, '{"model":')),
  'invalid-request': everywhere(async (dialect) => ask(await routerFor(), dialect, bodyIn(dialect, { stream: 'yes' }))),
  'missing-model': everywhere(async (dialect) => ask(await routerFor(), dialect, bodyIn(dialect, { model: undefined }))),
  'remote-image-refused': everywhere(async (dialect) =>
    ask(await routerFor(), dialect, pictureIn(dialect, 'https://pictures.example.test/1.png')),
  ),
  'thread-unsupported': {
    dialects: ['anthropic-messages'],
    leavesRow: true,
    provoke: async (dialect) => ask(await routerFor(), dialect, bodyIn(dialect, { thread: { id: 'thread_1' } })),
  },
  unauthorized: beforeAnyRow(async (dialect) => ask(await routerFor(), dialect, undefined, { token: null })),
  'key-disabled': callerIn({ status: 'disabled' }),
  'key-expired': callerIn({ expires_at: '2026-01-01T00:00:00Z' }),
  'key-rotated': callerIn({ status: 'rotated' }),
  'model-not-allowed': everywhere(async (dialect) =>
    ask(await routerFor(), dialect, bodyIn(dialect, { model: 'large' }), { token: tokens.small }),
  ),
  'model-not-found': everywhere(async (dialect) => ask(await routerFor(), dialect, bodyIn(dialect, { model: 'gone' }))),
  'no-eligible-target': everywhere(async (dialect) => ask(await routerFor(), dialect, pictureIn(dialect, onePixel))),
  'not-found': withoutDialect(async () => {
    const router = await routerFor();
    return heard(router, await router.get('/nowhere'));
  }),
  'method-not-allowed': beforeAnyRow(async (dialect) => {
    const router = await routerFor();
    return heard(router, await router.get(dialectPaths[dialect], tokens.all));
  }),
  'request-timeout': everywhere(async (dialect) => {
    const router = await routerFor({ config: { limits: { request_timeout_ms: 200 } } });
    const head = `POST ${dialectPaths[dialect]} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${tokens.all}\r\nContent-Length: 100\r\n\r\n`;
    const answers = await sendRaw(router.url, head, '{"model":');
    return { router, ...(answers[0] as RawAnswer) };
  }),
  'request-too-large': everywhere(async (dialect) => {
    const router = await routerFor({ config: { limits: { body_bytes: 1000 } } });
    return ask(router, dialect, bodyIn(dialect, { user: 'x'.repeat(1000) }));
  }),
  'headers-too-large': withoutDialect(() => raw(`GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)),
  'upgrade-unsupported': beforeAnyRow((dialect) =>
    raw(
      `GET ${dialectPaths[dialect]} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ),
  ),
  'client-canceled': {
    dialects: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    leavesRow: true,
    /** Nobody hears it: what comes back is made from the row. */
    provoke: async (dialect) => {
      const router = await routerFor({ models: { small: 'delay-60000' } });
      const socket = await openSocket(router.url);
      const body = JSON.stringify(bodyIn(dialect));
      const head = `POST ${dialectPaths[dialect]} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${tokens.all}\r\n`;
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
      while (router.upstream.counters.inFlight === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      socket.destroy();
      while (readRows(router.databasePath).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      const { request_id: id, status, error } = readRows(router.databasePath)[0] ?? { request_id: '', status: 0, error: null };
      const shape = { message: 'seen in the row', code: error };
      const spelt =
        dialect === 'anthropic-messages' ? { type: 'error', error: shape, request_id: id } : { error: { ...shape, request_id: id } };
      return { router, status, headers: new Headers({ 'x-request-id': id }), text: JSON.stringify(spelt) };
    },
  },
} satisfies Record<string, ErrorCase>;
