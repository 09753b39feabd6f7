// A router whose every model group is answered by one scripted target of the dialect that is asked for, and the proof of a
// client's run against it: what the client said, what the provider got, and what the router wrote down.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type ScriptedUpstream, startScriptedUpstream } from '../../src/router/lab/scripted-upstream.js';
import { silentLog } from '../../src/router/log.js';
import { serve } from '../../src/router/serve.js';
import { readRows } from '../router/started-router.js';
import type { ClientRun } from './real-client.js';

export interface ClientDeployment {
  readonly url: string;
  readonly token: string;
  readonly upstream: ScriptedUpstream;
}

export interface Proof {
  /** What must be part of the client's last words. */
  readonly expected: string;
  /** How many requests it took. */
  readonly requests: number;
  /** Pictures in the last of them. */
  readonly images?: number;
}

const token = 'rt-test-client';
/** Codex behaves differently by the name of the model: unknown, with a patch tool, with code that calls tools. */
export const codexModels = ['smoke-model', 'gpt-5.5', 'gpt-6.1-sol'] as const;

/** Runs `use` against a deployment of its own; afterwards every request of it must have left its row. */
export async function withDeployment<Result>(dialect: string, use: (deployment: ClientDeployment) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-clients-'));
  const upstream = await startScriptedUpstream();
  const configPath = join(directory, 'config.yaml');
  const target = { model: 'echo-1', input_modalities: ['text', 'image'] };
  const group = { targets: [{ provider: 'scripted', model_ref: 'echo' }], hosted_tools: 'omit' };
  const config = {
    listen: { port: 0 },
    database: { path: 'usage.sqlite' },
    providers: { scripted: { base_url: `${upstream.url}/v1`, dialect, api_key_env: 'KEY', models: { echo: target } } },
    models: Object.fromEntries(codexModels.map((name) => [name, group])),
    callers: [{ id: 'client', token_sha256: createHash('sha256').update(token).digest('hex'), allow: ['*'] }],
  };
  writeFileSync(configPath, JSON.stringify(config));
  const release = { version: '1.0.0', commit: 'abc', buildDate: '2026-01-01T00:00:00Z', defects: [] };
  const router = await serve({ configPath, environment: { KEY: 'sk-provider' }, release, log: silentLog });
  try {
    const result = await use({ url: router.url, token, upstream });
    await router.drain();
    const rows = readRows(join(directory, 'usage.sqlite')).map(({ status, stream, output_tokens }) => [status, stream, output_tokens > 0]);
    expect(rows).toEqual(upstream.received.map(() => [200, 1, true]));
    return result;
  } finally {
    await router.drain();
    await upstream.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A client's exit code alone proves nothing: both end with 0 after an empty answer or a tool that was refused. */
export function proveRun({ exitCode, timedOut, answer, stdout, stderr }: ClientRun, { received }: ScriptedUpstream, proof: Proof): void {
  const { expected, requests, images = 0 } = proof;
  const facts = {
    ...{ exitCode, timedOut, answer, requests: received.length, images: received.at(-1)?.images },
    refused: received.flatMap(({ refused }) => refused ?? []),
  };
  expect(facts, `${stdout}\n${stderr}`).toEqual({
    ...{ exitCode: 0, timedOut: false, answer: expect.stringContaining(expected) as unknown, requests, images, refused: [] },
  });
}
