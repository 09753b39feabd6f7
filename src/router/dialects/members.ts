// Reads members of a request body that must have a certain shape. A refusal names the member and the shape, never the value.
import { GatewayError } from '../gateway-error.js';
import { isJsonObject, type JsonObject } from '../http/read-body.js';

/** @throws GatewayError `invalid-request`, always */
export function refuse(member: string, shape: string): never {
  throw new GatewayError('invalid-request', `"${member}" must be ${shape}`);
}

export function modelOf(body: JsonObject): string {
  const { model } = body;
  if (typeof model !== 'string' || model === '') throw new GatewayError('missing-model', '"model" must name a model group');
  return model;
}

/** Absent and null are the same to every dialect. */
export function flagOf(body: JsonObject, member: string): boolean | null {
  const value = body[member] ?? null;
  return value === null || typeof value === 'boolean' ? value : refuse(member, 'true or false');
}

export function numberOf(body: JsonObject, member: string): number | null {
  const value = body[member] ?? null;
  return value === null || (typeof value === 'number' && Number.isFinite(value)) ? value : refuse(member, 'a number');
}

/** A cap on tokens: a whole number from 1. */
export function capOf(body: JsonObject, member: string): number | null {
  const value = numberOf(body, member);
  if (value === null || (Number.isSafeInteger(value) && value >= 1)) return value;
  return refuse(member, value > Number.MAX_SAFE_INTEGER ? 'at most 9007199254740991' : 'a whole number from 1');
}

export function textOf(body: JsonObject, member: string): string | null {
  const value = body[member] ?? null;
  return value === null || typeof value === 'string' ? value : refuse(member, 'a string');
}

/** A string that must be there and say something, of an object that stands at `at`. */
export function nameOf(body: JsonObject, member: string, at: string): string {
  const value = body[member];
  return typeof value === 'string' && value !== '' ? value : refuse(`${at}.${member}`, 'a string that is not empty');
}

export function objectOf(body: JsonObject, member: string): JsonObject | null {
  const value = body[member] ?? null;
  if (value === null) return null;
  return isJsonObject(value) ? value : refuse(member, 'an object');
}

export function listOf(body: JsonObject, member: string, at = member): readonly JsonObject[] {
  return objectsOf(body[member] ?? [], at);
}

export function objectsOf(value: unknown, at: string): readonly JsonObject[] {
  if (!Array.isArray(value)) return refuse(at, 'an array');
  const strange = value.findIndex((each) => !isJsonObject(each));
  if (strange >= 0) return refuse(`${at}[${strange}]`, 'an object');
  return value as JsonObject[];
}

/** A string or an array of strings. */
export function wordsOf(body: JsonObject, member: string): readonly string[] {
  const value = body[member] ?? [];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
    ? value
    : refuse(member, 'a string or an array of strings');
}

/** Which of the named members are there and say something: not null, and not one of their harmless values. */
export function saying(
  body: JsonObject,
  members: readonly string[],
  harmless: Readonly<Record<string, readonly unknown[]>> = {},
): string[] {
  return members.filter((member) => {
    const value = body[member] ?? null;
    if (value === null || (harmless[member] ?? []).includes(value)) return false;
    return !(Array.isArray(value) && value.length === 0) && !(isJsonObject(value) && Object.keys(value).length === 0);
  });
}
