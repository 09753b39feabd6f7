// The three dialects by name.
import { anthropicMessages } from './anthropic-messages/dialect.js';
import type { DialectName } from './conversation.js';
import type { Dialect } from './dialect.js';
import { openAiChat } from './openai-chat/dialect.js';
import { openAiResponses } from './openai-responses/dialect.js';

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'openai-chat': openAiChat,
  'openai-responses': openAiResponses,
  'anthropic-messages': anthropicMessages,
};
