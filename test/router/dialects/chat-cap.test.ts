import { expect, test } from 'vitest';
import { openAiChat } from '../../../src/router/dialects/openai-chat/dialect.js';

const written = (cap: object, outputTokenField: 'max_tokens' | 'max_completion_tokens') => {
  const ask = openAiChat.readAsk({ model: 'small', messages: [{ role: 'user', content: 'hi' }], ...cap });
  return openAiChat.writeAsk(ask, { model: 'm', outputTokenField, maxOutputTokens: 100, omitHostedTools: false });
};

test("a target that wants its cap under the newer name gets it there, in a caller's own body too", () => {
  expect(written({ max_tokens: 7 }, 'max_completion_tokens')).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    max_completion_tokens: 7,
  });
  expect(written({ max_tokens: 7, max_completion_tokens: 5 }, 'max_completion_tokens')).toMatchObject({ max_completion_tokens: 5 });
});

test.each([{ max_tokens: 7 }, { max_completion_tokens: 7 }, {}, { max_tokens: null }])('any other body goes on as it is: %j', (cap) => {
  expect(written(cap, 'max_tokens')).toEqual({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...cap });
});
