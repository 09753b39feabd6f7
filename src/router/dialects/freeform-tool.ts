// A tool that takes any text, offered to a target that knows functions only: one string as its argument, and what the text must look like
// in words, since no schema can say a grammar.
import type { JsonObject } from '../http/read-body.js';

/** The schema of a freeform tool as a function. */
export const freeformParameters: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
  required: ['input'],
  additionalProperties: false,
};

export function describedFreeform(description: unknown, grammar: JsonObject | null): string | null {
  const sentences = typeof description === 'string' ? [description] : [];
  if (grammar !== null && typeof grammar['definition'] === 'string')
    sentences.push(
      `The input must match this ${grammar['syntax'] === 'regex' ? 'regular expression' : 'Lark grammar'}:\n${grammar['definition']}`,
    );
  return sentences.length === 0 ? null : sentences.join('\n\n');
}
