// What kind of JSON a value is. `Array.isArray` forgets what readonly lists hold, so the language asks here.
import type { Json } from '../core/json.js';

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
