// The list of models, as OpenAI and as Anthropic publish it. The provider answers for any name; these are only what it lists.
import type { JsonObject } from './json-object.js';

const names = ['echo-1', 'echo-2'];

/** @param forAnthropic the request came with Anthropic's version header */
export function providerModels(forAnthropic: boolean): JsonObject {
  if (!forAnthropic) return { object: 'list', data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'lab' })) };
  const data = names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }));
  return { data, has_more: false, first_id: names[0], last_id: names.at(-1) };
}
