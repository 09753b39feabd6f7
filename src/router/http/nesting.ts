// How deep a JSON value may be. A parser reads any depth, but what walks or writes a value would run out of stack far down.

/** Deeper than anything that a model is asked: schemas of tools end long before. */
const deepest = 200;

export function isTooDeep(value: unknown, levels = deepest): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const each of Array.isArray(value) ? value : Object.values(value)) if (isTooDeep(each, levels - 1)) return true;
  return false;
}
