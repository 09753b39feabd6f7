// Everything that is journalled, hashed or signed is plain JSON; canonical text makes equal values equal bytes.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** JSON text with sorted keys and no insignificant space: equal values give equal text. Numbers must be finite. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
