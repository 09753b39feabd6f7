import { expect, test } from 'vitest';
import { recogniseProduct } from '../../src/app/recognise-product.js';
import type { Json } from '../../src/core/json.js';
import type { ReadPorts } from '../../src/core/ports/ports.js';

type Answers = Readonly<Record<string, readonly [status: number, body: Json]>>;

/** A network on which one server answers; what it does not know is not found, and without answers nobody is there. */
function serving(answers: Answers | null): ReadPorts {
  const request: ReadPorts['http']['request'] = ({ url }) => {
    if (answers === null) return Promise.resolve({ kind: 'unreachable', reason: 'refused', message: 'connection refused' });
    const [status, body] = answers[new URL(url).pathname] ?? [404, { error: 'not found' }];
    return Promise.resolve({
      kind: 'answer',
      status,
      headers: {},
      body: JSON.stringify(body),
      truncated: false,
      firstByteMs: 1,
      totalMs: 1,
    });
  };
  return { http: { request } } as ReadPorts;
}

const stamp = { version: '2.3.0', commit: 'abc', build_date: '2026-01-01T00:00:00Z' };

test.each<[string, Answers | null, unknown]>([
  [
    'a product that names itself',
    { '/version': [200, { product: 'reference-router', ...stamp }], '/readyz': [200, { ok: true }] },
    { product: 'reference-router', version: '2.3.0', profiles: ['reference-router'] },
  ],
  [
    'smart-llmrouter by how its license was compiled in, ready or not',
    { '/version': [200, { ...stamp, license_compile_mode: 'required' }], '/readyz': [503, { ok: false, error: 'license-expired' }] },
    { product: 'smart-llmrouter', profiles: ['smart-llmrouter', 'reference-router'] },
  ],
  [
    'LiteLLM by the words of its liveliness',
    { '/health/liveliness': [200, "I'm alive!"], '/health/readiness': [200, { status: 'healthy', litellm_version: '1.80.0' }] },
    { product: 'LiteLLM', version: '1.80.0', profiles: ['litellm', 'openai-compatible'] },
  ],
  [
    'LiteLLM that is shutting down',
    { '/health/liveliness': [503, { status: 'shutting_down' }], '/health/readiness': [200, { litellm_version: '1.80.0' }] },
    { product: 'LiteLLM', how: '/health/readiness' },
  ],
  ['a list of models', { '/v1/models': [200, { data: [] }] }, { profiles: ['openai-compatible'], how: '/v1/models lists models' }],
  ['a list that asks for a token', { '/v1/models': [401, { error: { message: 'no key' } }] }, { profiles: ['openai-compatible'] }],
  ['a server that is something else', { '/version': [200, { version: '1' }] }, null],
  ['nobody', null, null],
])('%s is recognised for what it is', async (_what, answers, expected) => {
  const found = await recogniseProduct('http://127.0.0.1:4000/', serving(answers));

  if (expected === null) expect(found).toBeNull();
  else expect(found).toMatchObject(expected as object);
});
