// What a suite's own inputs are worth for one use of it: given values, else defaults, else null for optional ones.
import type { Json } from '../core/json.js';
import { duration } from '../core/target.js';
import type { InputSpec } from './language.js';
import { describe } from './shape-findings.js';
import { hasLate } from './template.js';

export interface SuiteValues {
  readonly values: Readonly<Record<string, Json>>;
  readonly problems: readonly { readonly name: string; readonly message: string }[];
}

export function suiteValues(inputs: Readonly<Record<string, InputSpec>>, given: Readonly<Record<string, Json>>): SuiteValues {
  const values: Record<string, Json> = {};
  const problems: { name: string; message: string }[] = [];
  for (const [name, spec] of Object.entries(inputs)) {
    const written = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = written ?? fallback(spec);
    if (value === undefined) problems.push({ name, message: `the input ${name} of the suite has no value here` });
    else if (value !== null && !hasLate(value) && !isA(spec, value))
      problems.push({ name, message: `the input ${name} of the suite is a ${spec.type}, not ${describe(value)}` });
    else values[name] = value;
  }
  return { values, problems };
}

function fallback(spec: InputSpec): Json | undefined {
  if ('default' in spec && spec.default !== undefined) return spec.default;
  return spec.optional === true ? null : undefined;
}

function isA(spec: InputSpec, value: Json): boolean {
  switch (spec.type) {
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && spec.choices.includes(value);
    case 'duration':
      return duration.safeParse(value).success;
    case 'artifact':
      return typeof value === 'object' && !Array.isArray(value);
    case 'string':
    case 'file':
      return typeof value === 'string';
  }
}
