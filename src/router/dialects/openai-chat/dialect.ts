// OpenAI Chat Completions. Source: the OpenAI API reference, "Chat Completions" and "Streaming".
import type { Dialect } from '../dialect.js';
import { openAiErrorBody } from '../openai-error-body.js';
import { readChatAsk } from './read-ask.js';
import { readChatReply } from './read-reply.js';
import { ChatStreamReader } from './stream-reader.js';
import { ChatStreamWriter } from './stream-writer.js';
import { writeChatAsk } from './write-ask.js';
import { writeChatReply } from './write-reply.js';

export const openAiChat: Dialect = {
  name: 'openai-chat',
  path: '/chat/completions',
  requestIdHeader: null,
  readAsk: readChatAsk,
  unsaid: () => ({ needs: [], hints: [] }),
  writeAsk: writeChatAsk,
  readReply: readChatReply,
  writeReply: writeChatReply,
  streamReader: (ask) => new ChatStreamReader(ask.wantsStreamUsage),
  streamWriter: (frame) => new ChatStreamWriter(frame),
  errorBody: openAiErrorBody,
  errorEvent: (error, requestId) => `data: ${JSON.stringify(openAiErrorBody(error, requestId))}\n\n`,
};
