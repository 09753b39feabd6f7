// A router with one model group per dialect of its target, all answered by one provider that says what a test tells it.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { silentLog } from '../../../src/router/log.js';
import { serve } from '../../../src/router/serve.js';
import type { UsageRow } from '../../../src/router/usage/usage-row.js';
import { startToldUpstream, type ToldUpstream } from './told-upstream.js';

export const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;
export type DialectName = (typeof dialects)[number];

export const paths: Readonly<Record<DialectName, string>> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
};

/** Every caller against every target. */
export const directions = dialects.flatMap((caller) => dialects.map((target) => [caller, target] as const));

export const token = 'rt-dialects';

export interface DialectRouter {
  readonly url: string;
  readonly upstream: ToldUpstream;
  /** Asks in a dialect; the model group is named like the dialect of its target. */
  ask(caller: DialectName, body: object, headers?: Record<string, string>): Promise<Response>;
  /** The same with a body as it stands. */
  askText(caller: DialectName, body: string | Uint8Array<ArrayBuffer>): Promise<Response>;
  row(response: Response): Promise<UsageRow>;
  stop(): Promise<void>;
}

/** `more` goes into each model group, `whole` into the config beside all else; `image` models and tools are on everywhere. */
export async function startDialectRouter(more: object = {}, upstreamConfig: object = {}, whole: object = {}): Promise<DialectRouter> {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-dialects-'));
  const upstream = await startToldUpstream();
  const model = { model: 'provider-model', input_modalities: ['text', 'image'], max_output_tokens: 4096 };
  const config = {
    listen: { port: 0 },
    database: { path: 'usage.sqlite' },
    upstream: { first_byte_timeout_ms: 2000, idle_timeout_ms: 500, ...upstreamConfig },
    providers: Object.fromEntries(dialects.map((dialect) => [dialect, { base_url: `${upstream.url}/v1`, dialect, models: { it: model } }])),
    models: Object.fromEntries(dialects.map((dialect) => [dialect, { targets: [{ provider: dialect, model_ref: 'it' }], ...more }])),
    ...whole,
    callers: [{ id: 'tester', token_sha256: createHash('sha256').update(token).digest('hex'), allow: ['*'] }],
  };
  const configPath = join(directory, 'config.yaml');
  writeFileSync(configPath, JSON.stringify(config));
  const release = { version: '1.0.0', commit: 'abc', buildDate: '2026-01-01T00:00:00Z', defects: [] };
  const router = await serve({ configPath, environment: {}, release, log: silentLog });
  const post = (caller: DialectName, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>): Promise<Response> =>
    fetch(`${router.url}${paths[caller]}`, { method: 'POST', headers: { authorization: `Bearer ${token}`, ...headers }, body });
  return {
    url: router.url,
    upstream,
    ask: (caller, body, headers = {}) => post(caller, JSON.stringify(body), headers),
    askText: (caller, body) => post(caller, body, {}),
    row: async (response) => {
      for (;;) {
        const row = rowOf(join(directory, 'usage.sqlite'), response.headers.get('x-request-id') ?? '');
        if (row !== undefined) return row;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    stop: async () => {
      await router.drain();
      await upstream.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function rowOf(path: string, requestId: string): UsageRow | undefined {
  const database = new Database(path, { readonly: true });
  try {
    return database.prepare<[string], UsageRow>('SELECT * FROM request_usage WHERE request_id = ?').get(requestId);
  } finally {
    database.close();
  }
}
