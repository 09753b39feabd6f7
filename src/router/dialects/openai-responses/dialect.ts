import type { Dialect } from '../dialect.js';
import { openAiChat } from '../openai-chat/dialect.js';

export const openAiResponses: Dialect = { ...openAiChat, name: 'openai-responses' };
