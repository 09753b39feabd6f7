import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExpressionError, evaluate, holds, namesIn } from '../../src/playbook/expression.js';

const scope = {
  inputs: { n: 3, f: 0.5, s: 'text', list: ['a', 'b'], none: null },
  steps: { 'smoke/chat': { verdict: 'pass', observation: { status: 200 } } },
};

function failure(act: () => unknown): ExpressionError {
  try {
    act();
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test.each([
  ['inputs.n + 1', 4],
  ['inputs.f * 2.0', 1],
  ['inputs.n == 3', true],
  ['inputs.n > 0.02', true],
  ['inputs.none == null', true],
  ['has(inputs.missing)', false],
  ['inputs.list.exists(x, x == "b")', true],
  ['inputs.list.map(x, x + "!")', ['a!', 'b!']],
  ['steps["smoke/chat"].observation.status == 200', true],
  ['{"a": inputs.n}', { a: 3 }],
  ['size(inputs.list)', 2],
  ['inputs.s.startsWith("te") ? "yes" : "no"', 'yes'],
])('%s is %j', (expression, expected) => {
  expect(evaluate(expression, scope)).toEqual(expected);
});

test.each([
  ['1 +', 'it ends where a value must follow', 3],
  ['inputs.missing', 'no such key: missing', 7],
  ['nothing', 'unknown variable: nothing', 0],
  ['inputs.s.matches("(a+)+$")', 'the function matches is not available in playbooks', 9],
  ['cel.bind(a, 1, a)', 'the function bind is not available in playbooks', 4],
  ['', 'the expression is empty', 0],
  [`"${'a'.repeat(1100)}"`, 'the expression is longer than 1024 characters', 0],
  ['inputs.n / 0', 'division by zero', 0],
])('%s is refused with what and where', (expression, message, offset) => {
  const error = failure(() => evaluate(expression, scope));

  expect({ message: error.message, offset: error.offset }).toEqual({ message, offset });
});

test('a condition about something that is not there yet is false, and one that is no condition is an error', () => {
  expect(holds('steps["later"].verdict == "fail"', scope)).toBe(false);
  expect(holds('observation.status == 401', { observation: null })).toBe(false);
  expect(failure(() => holds('inputs.n', scope)).message).toBe('a condition must be true or false');
});

test('names are found with their members, loop variables left out', () => {
  const names = namesIn('steps.a["b/c"].d + inputs.list.map(i, i.x + inputs.n) ').map(({ segments }) => segments.join('|'));

  expect(names).toEqual(['steps|a|b/c|d', 'inputs|list', 'inputs|n']);
});

test('expressions that would grow without end are refused before they run', () => {
  const doubling = `[["x"]]${'.map(x, x + x)'.repeat(30)}`;
  const nested = 'inputs.list.map(a, inputs.list.map(b, inputs.list.map(c, 1)))';

  expect(failure(() => evaluate(doubling, scope)).message).toBe('more than 4 loops in one expression');
  expect(failure(() => evaluate(nested, scope)).message).toBe('loops nested deeper than 2');
  expect(failure(() => evaluate('('.repeat(500), scope)).message).toMatch(/depth|unexpected|maxDepth/i);
});

test('prototypes cannot be reached', () => {
  for (const member of ['constructor', '__proto__', 'toString', 'prototype'])
    expect(failure(() => evaluate(`inputs.${member}`, scope))).toBeInstanceOf(ExpressionError);
});

const pieces = fc.constantFrom(
  'inputs',
  '.',
  'n',
  's',
  'list',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '+',
  '-',
  '*',
  '/',
  '%',
  '==',
  '!=',
  '<',
  '&&',
  '||',
  '!',
  '?',
  ':',
  ',',
  '1',
  '0.5',
  '9223372036854775807',
  ' ',
  'x',
  'map',
  'all',
  'has',
  'size',
  'string',
  'int',
  'type',
  'null',
  'true',
  'in',
  'b"',
  'r"',
  '\\',
  'timestamp',
  'duration',
  '1u',
);

test('no text makes an expression throw anything but its own error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 24 }).map((parts) => parts.join('')),
        fc.string({ unit: 'binary', maxLength: 60 }),
      ),
      (text) => {
        try {
          JSON.stringify(evaluate(text, scope));
        } catch (error) {
          if (!(error instanceof ExpressionError)) throw error;
        }
      },
    ),
    { numRuns: 5000 },
  );
});
