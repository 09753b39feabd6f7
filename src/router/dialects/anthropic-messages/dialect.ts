import type { Dialect } from '../dialect.js';
import { openAiChat } from '../openai-chat/dialect.js';

export const anthropicMessages: Dialect = { ...openAiChat, name: 'anthropic-messages' };
