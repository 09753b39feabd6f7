// A value that satisfies a JSON Schema, as small as the schema allows: what a model that keeps to its tools would send.
import { isObject, type JsonObject, textOf } from './json-object.js';

export interface SchemaHints {
  /** Text for members by name, for example `city`. */
  readonly texts: Readonly<Record<string, string>>;
  /** Text for every other string. */
  readonly otherwise: string;
}

const formats: Readonly<Record<string, string>> = {
  date: '2026-01-02',
  time: '03:04:05Z',
  'date-time': '2026-01-02T03:04:05Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
};
const deepest = 12;

/** Members that are not required are left out, unless nothing is required and a hint names one. */
export function schemaValue(schema: unknown, hints: SchemaHints): unknown {
  return new SchemaValue(isObject(schema) ? schema : {}, hints).make(schema, '', 0);
}

class SchemaValue {
  readonly #root: JsonObject;
  readonly #hints: SchemaHints;

  constructor(root: JsonObject, hints: SchemaHints) {
    this.#root = root;
    this.#hints = hints;
  }

  make(given: unknown, name: string, depth: number): unknown {
    const schema = this.#resolved(given, depth);
    if ('const' in schema) return schema['const'];
    if (Array.isArray(schema['enum'])) return schema['enum'][0];
    switch (typeOf(schema)) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, name, depth);
      case 'integer':
      case 'number':
        return numberFor(schema);
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return this.#string(schema, name);
    }
  }

  /** The schema itself, what it refers to, or the first of its alternatives; `allOf` is merged. */
  #resolved(given: unknown, depth: number): JsonObject {
    if (!isObject(given) || depth > deepest) return {};
    const reference = textOf(given['$ref']);
    if (reference.startsWith('#/')) {
      const target = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((at, part) => (isObject(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined), this.#root);
      return this.#resolved(target, depth + 1);
    }
    const alternatives = [given['anyOf'], given['oneOf']].find(Array.isArray) as readonly unknown[] | undefined;
    if (alternatives !== undefined)
      return this.#resolved({ ...without(given, 'anyOf', 'oneOf'), ...this.#resolved(alternatives[0], depth + 1) }, depth + 1);
    if (!Array.isArray(given['allOf'])) return given;
    const parts = given['allOf'].map((part) => this.#resolved(part, depth + 1));
    return [without(given, 'allOf'), ...parts].reduce<JsonObject>(merged, {});
  }

  #object(schema: JsonObject, depth: number): JsonObject {
    const properties = isObject(schema['properties']) ? schema['properties'] : {};
    const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
    const hinted = Object.keys(properties).filter((name) => this.#hints.texts[name] !== undefined);
    const names = required.length > 0 ? required : hinted.slice(0, 1);
    return Object.fromEntries(names.map((name) => [name, this.make(properties[name], name, depth + 1)]));
  }

  #array(schema: JsonObject, name: string, depth: number): unknown[] {
    const least = typeof schema['minItems'] === 'number' ? schema['minItems'] : 1;
    // A command as an array is a command line in words.
    const words = name === 'command' ? (this.#hints.texts[name]?.split(' ') ?? null) : null;
    if (words !== null) return words;
    const most = typeof schema['maxItems'] === 'number' ? schema['maxItems'] : least;
    return Array.from({ length: Math.min(least, most) }, () => this.make(schema['items'] ?? { type: 'string' }, name, depth + 1));
  }

  #string(schema: JsonObject, name: string): string {
    const format = formats[textOf(schema['format'])];
    if (format !== undefined) return format;
    const text = this.#hints.texts[name] ?? this.#hints.otherwise;
    const least = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
    const most = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : Number.POSITIVE_INFINITY;
    return text.padEnd(least, '.').slice(0, most);
  }
}

function typeOf(schema: JsonObject): string {
  const { type } = schema;
  const named = Array.isArray(type) ? (type as readonly unknown[]).find((each) => each !== 'null') : type;
  if (typeof named === 'string') return named;
  if ('properties' in schema) return 'object';
  return 'items' in schema ? 'array' : 'string';
}

function numberFor(schema: JsonObject): number {
  const bound = (name: string): number | null => (typeof schema[name] === 'number' ? schema[name] : null);
  const step = bound('multipleOf') ?? 1;
  const least = bound('minimum') ?? (bound('exclusiveMinimum') === null ? null : (bound('exclusiveMinimum') ?? 0) + step);
  const most = bound('maximum') ?? (bound('exclusiveMaximum') === null ? null : (bound('exclusiveMaximum') ?? 0) - step);
  const wanted = least ?? (most === null ? 2 : Math.min(2, most));
  return typeOf(schema) === 'integer' || bound('multipleOf') !== null ? Math.ceil(wanted / step) * step : wanted;
}

function without(schema: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)));
}

function merged(one: JsonObject, other: JsonObject): JsonObject {
  const properties = {
    ...(isObject(one['properties']) ? one['properties'] : {}),
    ...(isObject(other['properties']) ? other['properties'] : {}),
  };
  const required = [...new Set([one['required'], other['required']].flatMap((list) => (Array.isArray(list) ? list.map(String) : [])))];
  return { ...one, ...other, ...(Object.keys(properties).length > 0 ? { properties } : {}), ...(required.length > 0 ? { required } : {}) };
}
