// The tool formats of Codex, asked of targets that know only plain functions, and spelt back as the agent reads them.
// Source of the formats: requests that Codex CLI 0.169.0 sent, and the OpenAI API reference, "Responses".
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pixelUrl } from './asked.js';
import { type DialectName, type DialectRouter, startDialectRouter } from './dialect-router.js';
import { eventsIn } from './heard.js';
import { answerOf, type Call } from './said.js';

let router: DialectRouter;

beforeAll(async () => {
  router = await startDialectRouter({ hosted_tools: 'omit' });
});
afterAll(async () => router.stop());

type Json = Record<string, unknown>;

const parameters = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };
const grammar = 'start: "*** Begin Patch" LF';
const applyPatch = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files.',
  format: { type: 'grammar', syntax: 'lark', definition: grammar },
};
const codexTools = [
  { type: 'function', name: 'exec_command', description: 'Runs.', parameters, strict: false },
  applyPatch,
  {
    type: 'namespace',
    name: 'multi_agent_v1',
    description: 'Agents.',
    tools: [{ type: 'function', name: 'spawn', parameters, strict: false }],
  },
  {
    type: 'tool_search',
    execution: 'client',
    description: 'Finds tools.',
    parameters: { type: 'object', properties: { query: { type: 'string' } } },
  },
  { type: 'web_search', external_web_access: false },
];
const others = ['openai-chat', 'anthropic-messages'] as const;

async function asCodex(
  target: DialectName,
  calls: readonly Call[],
  body: Json,
): Promise<{ response: Json; events: Json[]; received: Json }> {
  router.upstream.tell(answerOf(target, { text: '', calls, stop: calls.length > 0 ? 'tool-calls' : 'end', input: 9, output: 4 }, true));
  const response = await router.ask('openai-responses', { model: target, stream: true, store: false, ...body });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  const events = eventsIn(text).map(({ data }) => JSON.parse(data) as Json);
  const streamed = (events.at(-1) as { response: Json }).response;
  const received = router.upstream.asked.at(-1)?.body ?? {};

  router.upstream.tell(answerOf(target, { text: '', calls, stop: calls.length > 0 ? 'tool-calls' : 'end', input: 9, output: 4 }, false));
  const plain = (await (await router.ask('openai-responses', { model: target, store: false, ...body })).json()) as Json;
  const named = (output: unknown) => (output as Json[]).map(({ id: _, ...item }) => item);
  expect(named(plain['output'])).toEqual(named(streamed['output']));
  return { response: streamed, events, received };
}

function toolsIn(target: DialectName, received: Json): { name: string; description?: string; schema: Json }[] {
  const tools = (received['tools'] ?? []) as Json[];
  return tools.map((tool) => {
    const run = (target === 'openai-chat' ? tool['function'] : tool) as {
      name: string;
      description?: string;
      parameters: Json;
      input_schema: Json;
    };
    return {
      name: run.name,
      ...(run.description === undefined ? {} : { description: run.description }),
      schema: run.parameters ?? run.input_schema,
    };
  });
}

describe.each(others)('Codex at a target of %s', (target) => {
  test('its tools become functions, with the grammar of a freeform one in its description', async () => {
    const { received } = await asCodex(target, [], { input: 'x', tools: codexTools });
    const tools = toolsIn(target, received);

    expect(tools.map(({ name }) => name)).toEqual(['exec_command', 'apply_patch', 'multi_agent_v1__spawn', 'tool_search']);
    expect(tools[1]?.description).toContain(grammar);
    expect(tools[1]?.schema).toMatchObject({ type: 'object', properties: { input: { type: 'string' } }, required: ['input'] });
  });

  test('calls come back as the agent offered the tools, parallel ones too', async () => {
    const patch = '*** Begin Patch\n*** Add File: ü.txt\n+"hi"\n*** End Patch\n';
    const calls = [
      { id: 'call_1', name: 'exec_command', arguments: { cmd: 'ls' } },
      { id: 'call_2', name: 'apply_patch', arguments: { input: patch } },
      { id: 'call_3', name: 'multi_agent_v1__spawn', arguments: { cmd: 'x' } },
      { id: 'call_4', name: 'tool_search', arguments: { query: 'calendar' } },
    ];
    const { response, events } = await asCodex(target, calls, { input: 'x', tools: codexTools });
    const spelt = [
      { type: 'function_call', call_id: 'call_1', name: 'exec_command', arguments: '{"cmd":"ls"}' },
      { type: 'custom_tool_call', call_id: 'call_2', name: 'apply_patch', input: patch },
      { type: 'function_call', call_id: 'call_3', name: 'spawn', namespace: 'multi_agent_v1', arguments: '{"cmd":"x"}' },
      { type: 'tool_search_call', call_id: 'call_4', execution: 'client', arguments: { query: 'calendar' } },
    ].map((item) => ({ ...item, id: expect.stringMatching(/^(fc|ctc|tsc)_/), status: 'completed' }));

    expect(response['output']).toEqual(spelt);
    const done = events.filter(({ type }) => type === 'response.output_item.done');
    expect(done.map(({ item }) => item)).toEqual(spelt);
    const typed = events.filter(({ type }) => String(type).startsWith('response.custom_tool_call_input.'));
    expect(typed.map(({ type, delta, input }) => [type, delta ?? input])).toEqual([
      ['response.custom_tool_call_input.delta', patch],
      ['response.custom_tool_call_input.done', patch],
    ]);
  });

  test('what it did before is told in functions too, with images of results', async () => {
    const { received } = await asCodex(target, [], {
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'You are an agent.' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Go' }] },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'opaque' },
        { type: 'custom_tool_call', id: 'ctc_1', call_id: 'c1', name: 'apply_patch', input: 'PATCH' },
        { type: 'function_call', id: 'fc_1', call_id: 'c2', name: 'spawn', namespace: 'multi_agent_v1', arguments: '{"cmd":"y"}' },
        { type: 'custom_tool_call_output', id: 'o1', call_id: 'c1', output: [{ type: 'input_text', text: 'patched' }] },
        {
          type: 'function_call_output',
          id: 'o2',
          call_id: 'c2',
          output: [{ type: 'input_image', image_url: pixelUrl, detail: 'high' }],
        },
      ],
      tools: codexTools,
    });
    const messages = received['messages'] as Json[];
    const imageText = { type: 'text', text: 'Image of the result of the tool call c2:' };
    if (target === 'openai-chat')
      expect(messages).toEqual([
        { role: 'system', content: 'You are an agent.' },
        { role: 'user', content: 'Go' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'apply_patch', arguments: '{"input":"PATCH"}' } },
            { id: 'c2', type: 'function', function: { name: 'multi_agent_v1__spawn', arguments: '{"cmd":"y"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'patched' },
        { role: 'tool', tool_call_id: 'c2', content: 'The result is an image; it follows.' },
        { role: 'user', content: [imageText, { type: 'image_url', image_url: { url: pixelUrl, detail: 'high' } }] },
      ]);
    else {
      expect(received['system']).toBe('You are an agent.');
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
      expect(messages[1]?.['content']).toEqual([
        { type: 'tool_use', id: 'c1', name: 'apply_patch', input: { input: 'PATCH' } },
        { type: 'tool_use', id: 'c2', name: 'multi_agent_v1__spawn', input: { cmd: 'y' } },
      ]);
      expect(messages[2]?.['content']).toMatchObject([
        { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'patched' }] },
        { type: 'tool_result', tool_use_id: 'c2', content: [{ type: 'image', source: { media_type: 'image/png' } }] },
      ]);
    }
  });

  test('tools that stand in the input are offered, and freeform ones in a namespace are spelt back', async () => {
    const exec = { type: 'custom', name: 'exec', description: 'Runs JavaScript.', format: { type: 'text' } };
    const input = [
      { type: 'additional_tools', role: 'developer', tools: [{ type: 'namespace', name: 'functions', description: '', tools: [exec] }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] },
    ];
    const calls = [{ id: 'c', name: 'functions__exec', arguments: { input: 'text(1)' } }];
    const { response, received } = await asCodex(target, calls, { input, tool_choice: 'auto', parallel_tool_calls: false });

    expect(toolsIn(target, received).map(({ name }) => name)).toEqual(['functions__exec']);
    expect(response['output']).toMatchObject([
      { type: 'custom_tool_call', name: 'exec', namespace: 'functions', call_id: 'c', input: 'text(1)' },
    ]);
  });

  test('tools that a search of its own found are offered from then on', async () => {
    const found = { type: 'function', name: 'get_events', parameters, strict: true, defer_loading: true };
    const { received } = await asCodex(target, [], {
      input: [
        { role: 'user', content: 'x' },
        { type: 'tool_search_call', call_id: 's', execution: 'client', status: 'completed', arguments: { query: 'calendar' } },
        { type: 'tool_search_output', call_id: 's', execution: 'client', status: 'completed', tools: [found] },
      ],
      tools: codexTools,
    });

    expect(toolsIn(target, received).map(({ name }) => name)).toContain('get_events');
    expect(JSON.stringify(received['messages'])).toContain('Tools that may be called now: get_events');
  });

  test('a call that was cut at the cap is told as incomplete, with what was written of it', async () => {
    const cut = {
      text: '',
      calls: [{ id: 'c', name: 'apply_patch', arguments: { input: 'half' } }],
      stop: 'length',
      input: 9,
      output: 4,
    } as const;
    router.upstream.tell(answerOf(target, cut, true));
    const response = await router.ask('openai-responses', { model: target, stream: true, input: 'x', tools: codexTools });
    const last = JSON.parse(eventsIn(await response.text()).at(-1)?.data ?? '') as Json;

    expect(last).toMatchObject({
      type: 'response.incomplete',
      response: { incomplete_details: { reason: 'max_output_tokens' }, output: [{ status: 'incomplete', input: 'half' }] },
    });
  });
});

test('names that no function may have are replaced, the same in offers, calls and history', async () => {
  const long = 'x'.repeat(60);
  const tool = { type: 'namespace', name: 'mcp.server/one', description: '', tools: [{ type: 'function', name: long, parameters }] };
  const history = [{ type: 'function_call', call_id: 'a', name: long, namespace: 'mcp.server/one', arguments: '{}' }];
  const { received } = await asCodex('openai-chat', [], {
    input: [...history, { type: 'function_call_output', call_id: 'a', output: '' }],
    tools: [tool],
  });
  const [name = ''] = toolsIn('openai-chat', received).map((each) => each.name);

  expect(name).toMatch(/^[\w-]{1,64}$/);
  expect(JSON.stringify(received['messages'])).toContain(`"name":"${name}"`);
  const { response } = await asCodex('openai-chat', [{ id: 'b', name, arguments: {} }], { input: 'x', tools: [tool] });
  expect(response['output']).toMatchObject([{ type: 'function_call', name: long, namespace: 'mcp.server/one' }]);
});

test('a custom tool of a chat caller is spelt back to it, plain and streamed', async () => {
  const tools = [
    { type: 'custom', custom: { name: 'sql', format: { type: 'grammar', grammar: { syntax: 'regex', definition: '^SELECT' } } } },
  ];
  const body = {
    model: 'anthropic-messages',
    messages: [{ role: 'user', content: 'x' }],
    tools,
    tool_choice: { type: 'custom', custom: { name: 'sql' } },
  };
  const said = {
    text: '',
    calls: [{ id: 'c', name: 'sql', arguments: { input: 'SELECT 1' } }],
    stop: 'tool-calls',
    input: 9,
    output: 4,
  } as const;
  router.upstream.tell(answerOf('anthropic-messages', said, false));
  const plain = (await (await router.ask('openai-chat', body)).json()) as { choices: { message: Json }[] };
  expect(router.upstream.asked.at(-1)?.body).toMatchObject({ tool_choice: { type: 'tool', name: 'sql' } });
  router.upstream.tell(answerOf('anthropic-messages', said, true));
  const streamed = eventsIn(await (await router.ask('openai-chat', { ...body, stream: true })).text());

  const call = { id: 'c', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } };
  expect(plain.choices[0]?.message['tool_calls']).toEqual([call]);
  const deltas = streamed
    .filter(({ data }) => data.includes('tool_calls":['))
    .map(({ data }) => JSON.parse(data) as { choices: { delta: Json }[] });
  expect(deltas.map(({ choices }) => choices[0]?.delta)).toEqual([{ tool_calls: [{ index: 0, ...call }] }]);
});

test('what is said between calls and their results waits until all results are told, images of results too', async () => {
  const input = [
    { type: 'message', role: 'user', content: 'Look' },
    { type: 'function_call', call_id: 'a', name: 'view', arguments: '{}' },
    { type: 'function_call', call_id: 'b', name: 'view', arguments: '{}' },
    { type: 'message', role: 'user', content: 'Wait' },
    { type: 'function_call_output', call_id: 'a', output: [{ type: 'input_image', image_url: pixelUrl }] },
    { type: 'function_call_output', call_id: 'b', output: 'seen' },
  ];
  const chat = (await asCodex('openai-chat', [], { input })).received['messages'] as Json[];
  expect(chat.map(({ role, tool_call_id: id }) => id ?? role)).toEqual(['user', 'assistant', 'a', 'b', 'user', 'user']);
  expect([chat[4]?.['content'], JSON.stringify(chat[5]?.['content'])]).toEqual(['Wait', expect.stringContaining(pixelUrl)]);

  const [, , answered] = (await asCodex('anthropic-messages', [], { input })).received['messages'] as { content: Json[] }[];
  expect(answered?.content.map(({ type }) => type)).toEqual(['tool_result', 'tool_result', 'text']);
});
