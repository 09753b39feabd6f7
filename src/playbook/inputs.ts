// The inputs of a playbook: declared with a type, given as text on the command line, handed to expressions as values.
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { duration } from '../core/target.js';
import { type Finding, findingAt } from './finding.js';
import type { InputSpec } from './language.js';
import { hintFor } from './nearest.js';
import { describe, valueAt } from './shape-findings.js';
import type { YamlText } from './yaml-text.js';

/** Unused inputs, and defaults that do not fit. */
export function inputFindings(document: YamlText, used: ReadonlySet<string>): readonly Finding[] {
  const declared = valueAt(document.value, ['inputs']);
  if (typeof declared !== 'object' || declared === null || Array.isArray(declared)) return [];
  const inputs = declared as Readonly<Record<string, Json>>;
  return Object.keys(inputs).flatMap((name) => {
    const findings: Finding[] = [];
    if (!used.has(name))
      findings.push(
        findingAt(
          document.file,
          document.text,
          document.keySpan(['inputs', name]),
          `the input ${name} is never used`,
          'use it or remove it',
        ),
      );
    const choices = valueAt(inputs[name], ['choices']);
    const fallback = valueAt(inputs[name], ['default']);
    if (Array.isArray(choices) && fallback !== undefined && !choices.includes(fallback)) {
      const path = ['inputs', name, 'default'];
      findings.push(
        findingAt(
          document.file,
          document.text,
          document.valueSpan(path),
          `the default ${describe(fallback)} is not one of the choices`,
          hintFor(String(fallback), choices.map(String)),
        ),
      );
    }
    if (fallback !== undefined && valueAt(inputs[name], ['optional']) === true) {
      findings.push(
        findingAt(
          document.file,
          document.text,
          document.keySpan(['inputs', name, 'optional']),
          'an input with a default is optional already',
          'remove optional',
        ),
      );
    }
    return findings;
  });
}

/**
 * Given texts as values: numbers and booleans parsed, absent optional ones null. A duration stays text,
 * because that is what the specs of checks and changes take.
 * `artifact` and `file` stay the text that was given; the application resolves them. Throws INPUT_INVALID with every problem.
 */
export function readInputs(
  inputs: Readonly<Record<string, InputSpec>>,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, Json>> {
  const problems: string[] = [];
  const values: Record<string, Json> = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(inputs, name))
      problems.push(`${name}: there is no such input (${hintFor(name, Object.keys(inputs)) ?? 'this playbook has none'})`);
  }
  for (const [name, spec] of Object.entries(inputs)) {
    const text = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = text === undefined ? absent(spec) : parsed(spec, text);
    if (value === undefined)
      problems.push(text === undefined ? `${name}: missing (${spec.help})` : `${name}: ${expected(spec)}, not ${describe(text)}`);
    else values[name] = value;
  }
  if (problems.length > 0)
    throw new RouterctlError('INPUT_INVALID', 'the inputs do not fit the playbook', {
      details: problems,
      hint: 'routerctl playbook show <name> lists the inputs',
    });
  return values;
}

function absent(spec: InputSpec): Json | undefined {
  if ('default' in spec && spec.default !== undefined) return spec.default;
  return spec.optional === true ? null : undefined;
}

function parsed(spec: InputSpec, text: string): Json | undefined {
  if (spec.type === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (spec.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  if (spec.type === 'duration') return duration.safeParse(text).success ? text : undefined;
  if (spec.type === 'choice') return spec.choices.includes(text) ? text : undefined;
  return text === '' ? undefined : text;
}

function expected(spec: InputSpec): string {
  if (spec.type === 'choice') return `one of ${spec.choices.join(', ')}`;
  if (spec.type === 'number') return 'a number';
  if (spec.type === 'boolean') return 'true or false';
  return spec.type === 'duration' ? 'a duration, for example 30s' : 'not empty';
}
