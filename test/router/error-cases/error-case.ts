// One way to make a router refuse, and what is heard of it: over HTTP in one of the three dialects, or at a path without a dialect.
import { onTestFinished } from 'vitest';
import { type RouterSettings, type StartedRouter, startRouter, tokens } from '../started-router.js';

export const dialectPaths = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
} as const;
export type DialectName = keyof typeof dialectPaths;
const everyDialect = Object.keys(dialectPaths) as readonly DialectName[];

export interface Heard {
  readonly router: StartedRouter;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface ErrorCase {
  /** Those whose callers can see the code; none for a path that has no dialect, whose shape is OpenAI's. */
  readonly dialects: readonly DialectName[];
  readonly leavesRow: boolean;
  /** @param dialect one of `dialects`, or the first when there is none */
  provoke(dialect: DialectName): Promise<Heard>;
}

/** A refusal of a model request in every dialect, which leaves a row. */
export const everywhere = (provoke: ErrorCase['provoke']): ErrorCase => ({ dialects: everyDialect, leavesRow: true, provoke });
/** A refusal before anybody is known who could have a row. */
export const beforeAnyRow = (provoke: ErrorCase['provoke']): ErrorCase => ({ dialects: everyDialect, leavesRow: false, provoke });
/** A refusal at a path that has no dialect. */
export const withoutDialect = (provoke: () => Promise<Heard>): ErrorCase => ({ dialects: [], leavesRow: false, provoke });

/** A router for the length of a test. */
export async function routerFor(settings: RouterSettings = {}): Promise<StartedRouter> {
  const router = await startRouter(settings);
  onTestFinished(() => router.stop());
  return router;
}

/** A question in a dialect, with members of its body that are there in place of the ordinary ones. */
export function bodyIn(dialect: DialectName, more: Record<string, unknown> = {}): Record<string, unknown> {
  const messages = [{ role: 'user', content: 'hi' }];
  const asked = {
    'openai-chat': { messages },
    'openai-responses': { input: 'hi' },
    'anthropic-messages': { max_tokens: 50, messages },
  };
  return { model: 'small', ...asked[dialect], ...more };
}

/** A question with a picture: a base64 data URL, or one that is named by its address. */
export function pictureIn(dialect: DialectName, url: string): Record<string, unknown> {
  const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/.exec(url) ?? [];
  const source = data === undefined ? { type: 'url', url } : { type: 'base64', media_type: mediaType, data };
  const said = (part: unknown) => [{ role: 'user', content: [part] }];
  if (dialect === 'openai-chat') return bodyIn(dialect, { messages: said({ type: 'image_url', image_url: { url } }) });
  if (dialect === 'openai-responses') return bodyIn(dialect, { input: said({ type: 'input_image', image_url: url }) });
  return bodyIn(dialect, { messages: said({ type: 'image', source }) });
}

export async function ask(
  router: StartedRouter,
  dialect: DialectName,
  body: unknown = bodyIn(dialect),
  { token = tokens.all, signal }: { readonly token?: string | null; readonly signal?: AbortSignal } = {},
): Promise<Heard> {
  return heard(
    router,
    await fetch(`${router.url}${dialectPaths[dialect]}`, {
      method: 'POST',
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

/** Begins a stream that goes on until the test is over, or a minute. */
export async function keepOneOpen(router: StartedRouter, token: string = tokens.all): Promise<void> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  await router.chat({ ...bodyIn('openai-chat'), model: 'slow', stream: true }, { token, signal: leaving.signal });
}

export const slowModels = { small: 'echo-1', large: 'echo-2', slow: 'pieces-60000' };

export async function heard(router: StartedRouter, answer: Response): Promise<Heard> {
  return { router, status: answer.status, headers: answer.headers, text: await answer.text() };
}
