// The names in a list of models as OpenAI publishes it: `{"data": [{"id": "…"}]}`.
import type { Json } from '../../src/core/json.js';
import { member } from './ask-router.js';

/** Sorted and unique; null when the document is no such list. */
export function modelIds(json: Json | null): readonly string[] | null {
  const data = member(json, 'data');
  if (!Array.isArray(data)) return null;
  const ids = (data as readonly Json[])
    .map((model) => member(model, 'id'))
    .filter((id): id is string => typeof id === 'string' && id !== '');
  return [...new Set(ids)].sort();
}
