// A router in this process on a free port with a scripted upstream behind it, for tests of what callers see.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type ScriptedUpstream, startScriptedUpstream } from '../../src/router/lab/scripted-upstream.js';
import type { Clock } from '../../src/router/limits/clock.js';
import { type Log, silentLog } from '../../src/router/log.js';
import type { Release } from '../../src/router/release.js';
import type { Reloaded } from '../../src/router/reload.js';
import { serve } from '../../src/router/serve.js';
import type { UsageRow } from '../../src/router/usage/usage-row.js';

export const tokens = { all: 'rt-test-all', small: 'rt-test-small', disabled: 'rt-test-disabled' } as const;
export const providerKey = 'sk-canary-provider-key';

export interface StartedRouter {
  readonly directory: string;
  readonly configPath: string;
  readonly databasePath: string;
  readonly url: string;
  readonly upstream: ScriptedUpstream;
  chat(
    body: unknown,
    options?: { readonly token?: string | null; readonly signal?: AbortSignal; readonly headers?: Record<string, string> },
  ): Promise<Response>;
  get(path: string, token?: string | null): Promise<Response>;
  /** Waits until the row of a request is there, which is written a moment after its answer. */
  row(requestId: string | null): Promise<UsageRow>;
  rows(): UsageRow[];
  /** The rows of one request in another table, in their order. */
  table(name: string, requestId: string | null): Record<string, unknown>[];
  /** As SIGHUP does it. */
  reload(): Promise<Reloaded>;
  drain(): Promise<boolean>;
  stop(): Promise<void>;
}

export interface RouterSettings {
  readonly config?: Record<string, unknown>;
  /** Model names at the upstream by group; `small` and `large` when left out. A name spells its own faults. */
  readonly models?: Readonly<Record<string, string>>;
  readonly baseUrl?: string;
  readonly environment?: Record<string, string>;
  readonly release?: Partial<Release>;
  readonly log?: Log;
  /** What limits go by. */
  readonly clock?: Clock;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export async function startRouter(settings: RouterSettings = {}): Promise<StartedRouter> {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-router-'));
  const upstream = await startScriptedUpstream();
  const configPath = join(directory, 'config.yaml');
  const databasePath = join(directory, 'usage.sqlite');
  // JSON is YAML.
  writeFileSync(configPath, JSON.stringify({ ...routerConfig(settings, upstream), ...settings.config }, null, 2));
  const release: Release = { version: '1.0.0', commit: 'abc', buildDate: '2026-01-01T00:00:00Z', defects: [], ...settings.release };
  const environment = { PRIMARY_API_KEY: providerKey, ...settings.environment };
  const router = await serve({
    configPath,
    environment,
    release,
    log: settings.log ?? silentLog,
    ...(settings.clock === undefined ? {} : { clock: settings.clock }),
  });
  const rows = (): UsageRow[] => readRows(databasePath);
  return {
    directory,
    configPath,
    databasePath,
    url: router.url,
    upstream,
    chat: (body, { token = tokens.all, signal, headers = {} } = {}) =>
      fetch(`${router.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
    get: (path, token = null) => fetch(`${router.url}${path}`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } }),
    row: async (requestId) => {
      for (;;) {
        const found = rows().find((row) => row.request_id === requestId);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    rows,
    table: (name, requestId) => readTable(databasePath, name, requestId),
    reload: () => router.reload(),
    drain: () => router.drain(),
    stop: async () => {
      await router.drain();
      await upstream.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function readRows(databasePath: string): UsageRow[] {
  const database = new Database(databasePath, { readonly: true });
  try {
    return database.prepare<[], UsageRow>('SELECT * FROM request_usage ORDER BY rowid').all();
  } finally {
    database.close();
  }
}

function readTable(databasePath: string, name: string, requestId: string | null): Record<string, unknown>[] {
  const database = new Database(databasePath, { readonly: true });
  try {
    return database.prepare<[string | null], Record<string, unknown>>(`SELECT * FROM ${name} WHERE request_id = ?`).all(requestId);
  } finally {
    database.close();
  }
}

function routerConfig(
  { models = { small: 'echo-1', large: 'echo-2' }, baseUrl }: RouterSettings,
  upstream: ScriptedUpstream,
): Record<string, unknown> {
  const names = Object.entries(models);
  const prices = { input_price_per_million_usd: 2, output_price_per_million_usd: 8 };
  return {
    listen: { port: 0 },
    database: { path: 'usage.sqlite' },
    providers: {
      primary: {
        base_url: baseUrl ?? `${upstream.url}/v1`,
        api_key_env: 'PRIMARY_API_KEY',
        models: Object.fromEntries(names.map(([group, model]) => [group, { model, ...prices }])),
      },
    },
    models: Object.fromEntries(names.map(([group]) => [group, { targets: [{ provider: 'primary', model_ref: group }] }])),
    callers: [
      { id: 'everyone', token_id: 'tok_all', token_sha256: sha256(tokens.all), allow: ['*'] },
      { id: 'small-only', token_sha256: sha256(tokens.small), allow: [names[0]?.[0]] },
      { id: 'former', token_sha256: sha256(tokens.disabled), status: 'disabled', allow: ['*'] },
    ],
  };
}

export const ask = (content: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  model: 'small',
  messages: [{ role: 'user', content }],
  ...more,
});

/** The `data:` payloads of a stream, in order. */
export async function streamData(response: Response): Promise<string[]> {
  const text = await response.text();
  return text.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? [event.slice(6)] : []));
}
