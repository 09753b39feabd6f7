// What a message of either OpenAI dialect contains: a string, or parts that each dialect reads by itself.
import type { JsonObject } from '../http/read-body.js';
import type { ContentPart } from './conversation.js';
import { objectsOf, refuse } from './members.js';

/** @throws GatewayError `invalid-request`, naming the member */
export function openAiContent(content: unknown, at: string, partOf: (part: JsonObject, at: string) => ContentPart[]): ContentPart[] {
  if (content === null || content === '') return [];
  if (typeof content === 'string') return [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return refuse(at, 'a string or an array of parts');
  return objectsOf(content, at).flatMap((part, index) => partOf(part, `${at}[${index}]`));
}
