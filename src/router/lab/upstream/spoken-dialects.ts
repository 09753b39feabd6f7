// The three dialects that the scripted provider speaks, by the path that each is asked at.
import { readChat } from './read-chat.js';
import { readMessages } from './read-messages.js';
import { readResponses } from './read-responses.js';
import type { SpokenDialect } from './spoken-dialect.js';
import { chatFailure, chatFailureFrame, chatFrames, writeChat } from './write-chat.js';
import { messagesFailure, messagesFailureFrame, messagesFrames, writeMessages } from './write-messages.js';
import { responsesFailure, responsesFailureFrame, responsesFrames, writeResponses } from './write-responses.js';

export const spokenDialects: Readonly<Record<string, SpokenDialect>> = {
  '/v1/chat/completions': {
    name: 'openai-chat',
    read: readChat,
    whole: writeChat,
    frames: chatFrames,
    failure: chatFailure,
    failureFrame: chatFailureFrame,
  },
  '/v1/responses': {
    name: 'openai-responses',
    read: readResponses,
    whole: writeResponses,
    frames: responsesFrames,
    failure: responsesFailure,
    failureFrame: responsesFailureFrame,
  },
  '/v1/messages': {
    name: 'anthropic-messages',
    read: readMessages,
    whole: writeMessages,
    frames: messagesFrames,
    failure: messagesFailure,
    failureFrame: messagesFailureFrame,
  },
};
