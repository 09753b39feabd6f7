// What a target of another dialect could not honour: a need keeps it from being asked, a hint is told, and nothing is lost silently.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DialectName, type DialectRouter, dialects, startDialectRouter } from './dialect-router.js';
import { answerOf } from './said.js';

let router: DialectRouter;
let lenient: DialectRouter;

beforeAll(async () => {
  router = await startDialectRouter();
  lenient = await startDialectRouter({ hosted_tools: 'omit' });
});
afterAll(async () => {
  await router.stop();
  await lenient.stop();
});

const bare: Readonly<Record<DialectName, object>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'hi' }] },
  'openai-responses': { input: 'hi' },
  'anthropic-messages': { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 },
};
const said = { text: 'ok', calls: [], stop: 'end', input: 9, output: 1 } as const;

async function ask(on: DialectRouter, caller: DialectName, target: DialectName, more: object): Promise<Response> {
  on.upstream.tell(answerOf(target, said, false));
  return on.ask(caller, { model: target, ...bare[caller], ...more });
}

const spoken = (...roles: readonly string[]) => roles.map((role) => ({ role, content: 'x' }));
const user = (part: object) => ({ messages: [{ role: 'user', content: [part] }] });
const silence = { role: 'user', content: [{ type: 'input_text', text: '' }] };

/** Members of a body, and how the need is called. */
const needs: readonly (readonly [DialectName, object, string])[] = [
  ['openai-chat', { n: 2 }, 'openai-chat:n'],
  ['openai-chat', { logprobs: true }, 'openai-chat:logprobs'],
  ['openai-chat', { logit_bias: { 50256: -100 } }, 'openai-chat:logit_bias'],
  ['openai-chat', { modalities: ['text', 'audio'] }, 'openai-chat:modalities'],
  ['openai-chat', { store: true }, 'openai-chat:store'],
  ['openai-chat', { tool_choice: { type: 'allowed_tools', allowed_tools: {} } }, 'openai-chat:tool_choice.allowed_tools'],
  ['openai-chat', { tool_choice: 'required' }, 'openai-chat:tool_choice'],
  ['openai-chat', { tool_choice: { type: 'function', function: { name: 'f' } } }, 'openai-chat:tool_choice'],
  ['openai-responses', { tool_choice: 'required', tools: [] }, 'openai-responses:tool_choice'],
  ['anthropic-messages', { tool_choice: { type: 'any' } }, 'anthropic-messages:tool_choice'],
  ['openai-chat', user({ type: 'input_audio', input_audio: {} }), 'openai-chat:messages.input_audio'],
  ['openai-chat', user({ type: 'file', file: { file_id: 'f' } }), 'openai-chat:messages.file'],
  ['openai-responses', { previous_response_id: 'resp_1' }, 'openai-responses:previous_response_id'],
  ['openai-responses', { conversation: 'conv_1' }, 'openai-responses:conversation'],
  ['openai-responses', { prompt: { id: 'pmpt_1' } }, 'openai-responses:prompt'],
  ['openai-responses', { store: true }, 'openai-responses:store'],
  ['openai-responses', { top_logprobs: 3 }, 'openai-responses:top_logprobs'],
  ['openai-responses', { include: ['message.output_text.logprobs'] }, 'openai-responses:include.message.output_text.logprobs'],
  ['openai-responses', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'openai-responses:input.item_reference'],
  ['openai-responses', { input: [{ type: 'web_search_call', id: 'ws_1' }] }, 'openai-responses:input.web_search_call'],
  ['openai-responses', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }, 'openai-responses:input.input_file'],
  ['anthropic-messages', { container: 'c' }, 'anthropic-messages:container'],
  [
    'anthropic-messages',
    user({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' } }),
    'anthropic-messages:messages.document',
  ],
  ['anthropic-messages', user({ type: 'container_upload', file_id: 'f' }), 'anthropic-messages:messages.container_upload'],
];

describe.each(needs)('a caller of %s with %j', (caller, more, need) => {
  test.each(dialects.filter((target) => target !== caller))('is refused by name, and %s is not asked', async (target) => {
    const before = router.upstream.asked.length;
    const response = await ask(router, caller, target, more);
    const { error } = (await response.json()) as { error: { code: string; details: { requirements: string[]; dialect: string } } };

    expect([response.status, error.code, error.details.dialect]).toEqual([502, 'no-eligible-target', caller]);
    expect(error.details.requirements).toContain(need);
    expect(router.upstream.asked.length).toBe(before);
  });

  test('is served by its own dialect, untouched', async () => {
    const response = await ask(router, caller, caller, more);

    expect(response.status, await response.text()).toBe(200);
    expect(router.upstream.asked.at(-1)?.body).toEqual({ ...bare[caller], ...more, model: 'provider-model' });
  });
});

test.each([
  ['openai-chat', 'openai-responses', { stop: ['END'] }, 'openai-chat:stop'],
  ['anthropic-messages', 'openai-responses', { stop_sequences: ['END'] }, 'anthropic-messages:stop_sequences'],
  ['openai-chat', 'anthropic-messages', { response_format: { type: 'json_object' } }, 'openai-chat:json_object'],
  ['openai-responses', 'anthropic-messages', { text: { format: { type: 'json_object' } } }, 'openai-responses:json_object'],
  ['openai-chat', 'anthropic-messages', { messages: [{ role: 'system', content: 'x' }] }, 'openai-chat:system-only'],
  ['openai-chat', 'anthropic-messages', { messages: [{ role: 'user', content: '' }] }, 'openai-chat:system-only'],
  ['openai-chat', 'anthropic-messages', user({ type: 'text', text: '' }), 'openai-chat:system-only'],
  ['openai-responses', 'anthropic-messages', { input: '' }, 'openai-responses:system-only'],
  ['openai-chat', 'anthropic-messages', { messages: spoken('assistant', 'user') }, 'openai-chat:assistant-first'],
  ['openai-responses', 'anthropic-messages', { input: spoken('assistant', 'user') }, 'openai-responses:assistant-first'],
  ['openai-responses', 'anthropic-messages', { input: [silence, ...spoken('assistant', 'user')] }, 'openai-responses:assistant-first'],
] as const)('what a caller of %s asks and a target of %s has no words for is refused: %j', async (caller, target, more, need) => {
  const response = await ask(router, caller, target, more);

  expect(await response.json()).toMatchObject({ error: { code: 'no-eligible-target', details: { requirements: [need] } } });
});

const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 3 };
const hosted: readonly (readonly [DialectName, object, string])[] = [
  ['openai-chat', { web_search_options: {} }, 'web_search_options'],
  ['openai-responses', { tools: [{ type: 'web_search' }] }, 'web_search'],
  ['openai-responses', { tools: [{ type: 'file_search', vector_store_ids: ['v'] }] }, 'file_search'],
  ['openai-responses', { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }, 'code_interpreter'],
  ['openai-responses', { tools: [{ type: 'mcp', server_label: 's', server_url: 'https://example.org' }] }, 'mcp'],
  ['openai-responses', { tools: [{ type: 'computer_use_preview' }] }, 'computer_use_preview'],
  ['openai-responses', { tools: [{ type: 'tool_search' }] }, 'tool_search'],
  ['anthropic-messages', { tools: [search] }, 'web_search_20250305'],
  ['anthropic-messages', { tools: [{ type: 'bash_20250124', name: 'bash' }] }, 'bash_20250124'],
  ['anthropic-messages', { mcp_servers: [{ type: 'url', url: 'https://example.org', name: 'm' }] }, 'mcp_servers'],
];

describe.each(hosted)('a caller of %s with the provider-run tool in %j', (caller, more, type) => {
  const [other = 'openai-chat'] = dialects.filter((target) => target !== caller);

  test('is refused by name, unless the group says to leave such tools out, and then it is told', async () => {
    expect(await (await ask(router, caller, other, more)).json()).toMatchObject({
      error: { code: 'no-eligible-target', details: { requirements: [`${caller}:${type}`] } },
    });
    const served = await ask(lenient, caller, other, more);
    expect(served.status, await served.text()).toBe(200);
    expect(served.headers.get('x-reference-router-warning')).toBe(`left out in translation: ${type}`);
    expect(lenient.upstream.asked.at(-1)?.body).not.toHaveProperty('tools');
  });

  test('is passed on to its own dialect', async () => {
    for (const each of [router, lenient]) {
      const response = await ask(each, caller, caller, more);
      expect(response.status, await response.text()).toBe(200);
      expect(each.upstream.asked.at(-1)?.body).toMatchObject(more);
      expect(response.headers.has('x-reference-router-warning')).toBe(false);
    }
  });
});

const hints: readonly (readonly [DialectName, object, string])[] = [
  ['openai-chat', { seed: 7, reasoning_effort: 'low' }, 'seed, reasoning_effort'],
  ['openai-chat', { metadata: { a: 'b' }, store: false, n: 1, logprobs: false }, 'metadata'],
  ['openai-responses', { reasoning: { effort: 'high', summary: 'auto' }, store: false }, 'reasoning'],
  [
    'openai-responses',
    { include: ['reasoning.encrypted_content'], prompt_cache_key: 'k' },
    'prompt_cache_key, include.reasoning.encrypted_content',
  ],
  ['openai-responses', { client_metadata: { a: 'b' }, truncation: 'auto' }, 'client_metadata, truncation'],
  ['openai-responses', { text: { verbosity: 'low' } }, 'text.verbosity'],
  [
    'openai-responses',
    {
      input: [
        { type: 'reasoning', id: 'rs_1', summary: [] },
        { role: 'user', content: 'x' },
      ],
    },
    'input.reasoning',
  ],
  ['anthropic-messages', { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }, 'thinking, output_config.effort'],
  ['anthropic-messages', { thinking: { type: 'enabled', budget_tokens: 31999 } }, 'thinking'],
  [
    'anthropic-messages',
    { context_management: { edits: [] }, metadata: { user_id: 'u' }, top_k: 5 },
    'metadata, context_management, top_k',
  ],
  ['anthropic-messages', { system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }] }, 'cache_control'],
  ['anthropic-messages', { surprising: 1 }, 'surprising'],
];

test.each(hints)('a caller of %s with %j is served by the others and told what was left out', async (caller, more, omitted) => {
  for (const target of dialects) {
    const response = await ask(router, caller, target, more);
    expect(response.status, await response.text()).toBe(200);
    expect(response.headers.get('x-reference-router-warning')).toBe(target === caller ? null : `left out in translation: ${omitted}`);
  }
});

test('names of members are told only as far as they are printable and few', async () => {
  const strange = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`m${index}`, 1]));
  const response = await ask(router, 'openai-chat', 'openai-responses', { 'x\r\nset-cookie: a': 1, ...strange });
  const warning = response.headers.get('x-reference-router-warning') ?? '';

  expect(response.status).toBe(200);
  expect(response.headers.has('set-cookie')).toBe(false);
  expect(warning).toMatch(/^left out in translation: unknown, m0, .*, more$/);
  expect(warning.length).toBeLessThan(400);
});

test('a stream tells what was left out before its first event', async () => {
  router.upstream.tell(answerOf('openai-chat', said, true));
  const response = await router.ask('anthropic-messages', {
    model: 'openai-chat',
    ...bare['anthropic-messages'],
    stream: true,
    thinking: { type: 'adaptive' },
  });
  await response.text();

  expect(response.headers.get('x-reference-router-warning')).toBe('left out in translation: thinking');
});

test('an answer that nobody could come back for is refused', async () => {
  const response = await ask(router, 'openai-responses', 'openai-responses', { background: true });

  expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid-request' } }]);
});

test.each([{ prompt: { id: 'pmpt_1' } }, { conversation: 'conv_1' }, { previous_response_id: 'resp_1' }])(
  'what the provider keeps may be the whole input: %j',
  async (kept) => {
    const response = await ask(router, 'openai-responses', 'openai-responses', { input: undefined, ...kept });

    expect(response.status, await response.text()).toBe(200);
    expect(router.upstream.asked.at(-1)?.body).toEqual({ ...kept, model: 'provider-model' });
  },
);

test('a thread is refused with the code that makes the official client send the whole conversation again', async () => {
  const response = await ask(router, 'anthropic-messages', 'anthropic-messages', { thread: { type: 'create' } });

  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    type: 'error',
    error: {
      type: 'invalid_request_error',
      message: '"thread" is not served here: send the whole conversation in "messages"',
      code: 'thread-unsupported',
      details: { error_code: 'thread_unsupported_request' },
    },
    request_id: response.headers.get('x-request-id'),
  });
});

const secret = 'sk_live_in_the_wrong_place';
const misplaced: readonly (readonly [DialectName, object])[] = [
  ['openai-chat', user({ type: secret })],
  ['openai-chat', { tools: [{ type: secret }] }],
  ['openai-chat', { tool_choice: { type: secret } }],
  ['openai-responses', { input: [{ type: secret }] }],
  ['openai-responses', { input: [{ role: 'user', content: [{ type: secret }] }] }],
  ['openai-responses', { tools: [{ type: secret }] }],
  ['openai-responses', { tool_choice: { type: secret } }],
  ['anthropic-messages', user({ type: secret })],
  ['anthropic-messages', user({ type: 'image', source: { type: secret } })],
  ['anthropic-messages', { tools: [{ type: secret, name: 't' }] }],
  ['anthropic-messages', { tool_choice: { type: secret } }],
];

test.each(misplaced)('a type that no vendor publishes is refused to a caller of %s without repeating it: %j', async (caller, more) => {
  const [other = 'openai-chat'] = dialects.filter((target) => target !== caller);
  const response = await ask(router, caller, other, more);
  const text = await response.text();

  expect([response.status, JSON.parse(text)]).toMatchObject([502, { error: { code: 'no-eligible-target' } }]);
  expect(text).toContain('unknown');
  expect(text).not.toContain(secret);
});
