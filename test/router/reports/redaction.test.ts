import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { basic, callerTokens, cheapHash, password, startAdminRouter, visit } from '../access/admin-room.js';
import { ask, providerKey } from '../started-router.js';

test('no prompt, tool argument, answer, token, token hash, provider key or upstream error is on any page or in any document', async () => {
  const router = await startAdminRouter({}, { models: { small: 'echo-1', large: 'echo-2' } });
  onTestFinished(() => router.stop());
  const fault = { status: 429, body: `canary-upstream-error ${providerKey}`, headers: { 'x-note': 'canary-upstream-header' } };
  const said = { messages: [{ role: 'user', content: 'canary-prompt' }], user: 'canary-end-user' };
  const call = { id: 'call_1', type: 'function', function: { name: 'canary_tool', arguments: '{"path":"canary-argument"}' } };
  const requests = [
    ask('canary-prompt'),
    ask('reply with exactly: canary-answer', { stream: true }),
    {
      model: 'large',
      messages: [
        { role: 'user', content: 'canary-prompt' },
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'canary-tool-result' },
      ],
      tools: [{ type: 'function', function: { name: 'canary_tool', description: 'canary-description', parameters: { type: 'object' } } }],
    },
    { ...said, model: 'canary-model' },
    { ...said, model: 'small', stream: 'canary-flag' },
  ];
  const ids: string[] = [];
  for (const body of requests)
    for (const faults of [[], [fault]]) {
      await fetch(`${router.upstream.url}/control`, { method: 'POST', body: JSON.stringify({ faults }) });
      const answer = await router.chat(body, { token: callerTokens.alpha });
      await answer.text();
      ids.push((await router.row(answer.headers.get('x-request-id'))).request_id);
    }
  const paths = [
    ...['', 'requests', 'requests?errors=1', 'export.md', 'api/version', 'api/summary', 'api/requests'],
    ...ids.flatMap((id) => [`requests/${id}`, `api/request/${id}`, `api/request-evidence?request_id=${id}`]),
  ].map((path) => `/admin/reports/${path}`);
  const texts = await Promise.all(
    [...paths, '/admin/auth/me', '/admin/auth/login'].map(async (path) => (await visit(router, path, { headers: basic('root') })).text()),
  );

  const digest = createHash('sha256').update(callerTokens.alpha).digest('hex');
  const canaries = [
    'canary',
    callerTokens.alpha,
    digest,
    digest.slice(0, 16),
    providerKey,
    password,
    cheapHash,
    cheapHash.split(':')[5] ?? 'none',
  ];
  expect(canaries.flatMap((canary) => texts.flatMap((text, at) => (text.includes(canary) ? [`${canary} on ${paths[at]}`] : [])))).toEqual(
    [],
  );
  // The same pages do tell what is meant to be told.
  expect(ids).toHaveLength(10);
  for (const words of ['alpha-caller', 'tok_alpha-caller', 'upstream_rate_limited'])
    expect(texts.some((text) => text.includes(words))).toBe(true);
});
