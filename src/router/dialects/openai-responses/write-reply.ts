// Writes a whole answer of the Responses dialect for a caller whose answer came in another one.
import type { JsonObject } from '../../http/read-body.js';
import type { Reply } from '../conversation.js';
import type { ReplyFrame } from '../dialect.js';
import { callItem, callItemId, callTypeOf, itemId, messageItem } from './output-items.js';
import { incompleteReason, responseObject } from './response-object.js';

export function writeResponsesReply(reply: Reply, frame: ReplyFrame): JsonObject {
  const last = reply.parts.length - 1;
  const output = reply.parts.map((part, index) => {
    const status = index === last && incompleteReason(reply.stop) !== null ? 'incomplete' : 'completed';
    if (part.kind === 'text') return messageItem(itemId('msg', frame, index), part.text, status);
    return callItem(frame.ask, callItemId(callTypeOf(frame.ask, part.name), frame, index), part, status);
  });
  return responseObject(frame, output, reply);
}
