// What is wrong with a measured chat answer, in one line; null when nothing is. Pure, so that every fault has its row in a table.
import { fail, type Verdict } from '../../src/core/verdict.js';
import { refusal } from './ask-router.js';
import type { ChatRequest } from './chat-exchange.js';

export function chatFault(request: ChatRequest, path: string, role: string | null): Verdict | null {
  const { seen, streamed } = request;
  const refused = refusal(seen, `${path} (${request.model})`, role);
  if (refused !== null) return refused;
  const said = streamed === null ? wholeFault(request) : streamFault(request, streamed);
  return said === null
    ? null
    : fail(`${request.model}${streamed === null ? '' : ' streamed'}: ${said.what}`, said.hint === undefined ? {} : { hint: said.hint });
}

type Fault = { readonly what: string; readonly hint?: string };

function wholeFault(request: ChatRequest): Fault | null {
  if (request.answerChars === 0) return emptyAnswer(request.finishReason);
  return missingFields(request);
}

function streamFault(request: ChatRequest, streamed: NonNullable<ChatRequest['streamed']>): Fault | null {
  const { ended, marker, deltas, fault } = streamed;
  const reached = `after ${deltas} content ${deltas === 1 ? 'delta' : 'deltas'} and ${request.answerChars} characters, ${request.tookMs} ms`;
  if (fault !== null) return { what: fault };
  if (ended === 'timeout') return { what: `the stream was not complete in time, stopped ${reached}` };
  if (ended === 'limit') return { what: `the stream is larger than this check reads, stopped ${reached}` };
  if (ended === 'cut')
    return {
      what: `the stream was cut ${reached}${marker ? ', after its terminal marker' : ''}`,
      hint: 'The connection broke; look into the log of the router at that moment.',
    };
  if (!marker)
    return {
      what: `the stream closed without its terminal marker [DONE] ${reached}`,
      hint: 'An answer that ends like this may be shortened without anyone noticing.',
    };
  if (deltas === 0) return emptyAnswer(request.finishReason);
  if (deltas === 1)
    return {
      what: 'the answer came in one piece, not streamed',
      hint: 'Something on the way buffers: the router, or a proxy in front of it.',
    };
  return missingFields(request);
}

function emptyAnswer(finishReason: string | null): Fault {
  const hint =
    finishReason === 'length'
      ? 'A reasoning model may have used all of maxTokens before its answer; raise it.'
      : 'Ask the upstream directly to see whose fault it is.';
  return { what: `the answer is empty (finish_reason ${finishReason ?? 'missing'})`, hint };
}

function missingFields({ usage, finishReason }: ChatRequest): Fault | null {
  if (finishReason === null) return { what: 'finish_reason is missing' };
  if (usage === null)
    return {
      what: 'the usage fields are missing or incomplete',
      hint: 'Without usage nobody can be billed; a streamed answer sends it in its last frame.',
    };
  if (usage.input <= 0 || usage.output <= 0)
    return { what: `usage counts ${usage.input} input and ${usage.output} output tokens for an answer that has text` };
  return null;
}
