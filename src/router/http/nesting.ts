// How deep a JSON value may be. A parser reads any depth, but what walks or writes a value would run out of stack far down.

/** Deeper than anything that a model is asked: schemas of tools end long before. */
const deepest = 200;

/** @param characters of the JSON text, where it is known: a short one cannot be deep */
export function isTooDeep(value: unknown, characters = Number.POSITIVE_INFINITY): boolean {
  return characters > 2 * deepest && isDeeper(value, deepest);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const each of Array.isArray(value) ? value : Object.values(value)) if (isDeeper(each, levels - 1)) return true;
  return false;
}
