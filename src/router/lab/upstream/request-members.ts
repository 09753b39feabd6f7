// Members that the three dialects share in kind: whole numbers, names of tools, stop sequences, and those that belong to another
// dialect and therefore mean that a request was translated wrongly.
import type { JsonObject } from './json-object.js';
import { UpstreamRefusal } from './upstream-refusal.js';

/** @throws UpstreamRefusal when a member of another dialect is there */
export function refuseForeign(body: JsonObject, foreign: readonly string[]): void {
  if (typeof body['model'] !== 'string' || body['model'] === '') throw new UpstreamRefusal('model is missing');
  const strange = foreign.find((name) => body[name] !== undefined);
  if (strange !== undefined) throw new UpstreamRefusal(`${strange} is not known here`);
}

export function wholeNumber(body: JsonObject, name: string): number | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    throw new UpstreamRefusal(`${name} must be a whole number from 1`);
  return value;
}

/** Both vendors take these characters only. */
export function demandName(name: unknown): string {
  if (typeof name !== 'string' || !/^[A-Za-z0-9_-]{1,128}$/.test(name))
    throw new UpstreamRefusal('a tool must have a name of letters, digits, _ and -');
  return name;
}

export function stopsOf(stop: unknown): readonly string[] {
  if (stop === undefined || stop === null) return [];
  const stops: unknown = typeof stop === 'string' ? [stop] : stop;
  if (!Array.isArray(stops) || !stops.every((each) => typeof each === 'string')) throw new UpstreamRefusal('stop sequences must be texts');
  return stops;
}
