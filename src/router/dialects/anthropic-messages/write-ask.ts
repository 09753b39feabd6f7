// Writes what is asked for a Messages provider: the caller's own body with its model replaced, or a new one from another dialect.
import type { JsonObject } from '../../http/read-body.js';
import type { Ask, ToolChoice } from '../conversation.js';
import type { WrittenFor } from '../dialect.js';
import { messagesOf, systemTextOf } from './write-messages.js';

export function writeMessagesAsk(ask: Ask, target: WrittenFor): JsonObject {
  if (ask.dialect === 'anthropic-messages') return { ...ask.body, model: target.model };
  const body: JsonObject = {
    model: target.model,
    messages: messagesOf(ask.turns),
    // The dialect demands a cap.
    max_tokens: ask.maxTokens ?? target.maxOutputTokens,
  };
  const system = systemTextOf(ask.turns);
  if (system !== '') body['system'] = system;
  if (ask.stream) body['stream'] = true;
  if (ask.tools.length > 0) {
    body['tools'] = ask.tools.map(({ name, description, parameters, strict }) => ({
      name,
      ...(description === null ? {} : { description }),
      input_schema: { type: 'object', ...parameters },
      ...(strict ? { strict } : {}),
    }));
    const choice = choiceOf(ask.toolChoice, ask.parallelTools === false);
    if (choice !== null) body['tool_choice'] = choice;
  }
  if (ask.temperature !== null) body['temperature'] = Math.min(1, ask.temperature);
  if (ask.topP !== null) body['top_p'] = ask.topP;
  if (ask.stop.length > 0) body['stop_sequences'] = ask.stop;
  if (ask.outputFormat !== null && ask.outputFormat.schema !== null)
    body['output_config'] = { format: { type: 'json_schema', schema: ask.outputFormat.schema } };
  return body;
}

/** Null for what needs no saying. */
function choiceOf(choice: ToolChoice, oneAtATime: boolean): JsonObject | null {
  if (choice === 'none') return { type: 'none' };
  const single = oneAtATime ? { disable_parallel_tool_use: true } : {};
  if (typeof choice === 'object') return { type: 'tool', name: choice.name, ...single };
  if (choice === 'required') return { type: 'any', ...single };
  return oneAtATime ? { type: 'auto', ...single } : null;
}
