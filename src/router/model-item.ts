// How a model group is listed: the OpenAI members, and those that agent clients read to know what they may send.
import type { JsonObject } from './http/read-body.js';
import type { ModelGroup } from './routing/target.js';

/** Says only what every target of the group can do, since any of them may answer. */
export function modelItem(group: ModelGroup, ownedBy: string): JsonObject {
  const { targets } = group;
  const image = targets.length > 0 && targets.every(({ modalities }) => modalities.has('image'));
  return {
    id: group.name,
    slug: group.name,
    object: 'model',
    created: 0,
    owned_by: ownedBy,
    display_name: group.displayName,
    context_window: Math.min(...targets.map(({ contextTokens }) => contextTokens)),
    max_output_tokens: Math.min(...targets.map(({ maxOutputTokens }) => maxOutputTokens)),
    input_modalities: image ? ['text', 'image'] : ['text'],
    output_modalities: ['text'],
    supports_tools: targets.every(({ tools }) => tools),
    supports_parallel_tool_calls: targets.every(({ tools, parallelTools }) => tools && parallelTools),
  };
}
