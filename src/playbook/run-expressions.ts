// The expressions of a plan while it runs: late values and conditions over the results that there are by then.
// The engine gets this as an argument, so that it knows nothing of the language.
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { StepResult } from '../core/step-result.js';
import { ExpressionError, holds, type Scope } from './expression.js';
import { stepScope } from './step-scope.js';
import { bindLate, hasLate } from './template.js';

export interface RunScope {
  readonly inputs: Readonly<Record<string, Json>>;
  readonly target: Json;
  readonly profile: Json;
  readonly steps: Readonly<Record<string, StepResult>>;
  readonly observation?: Json;
}

export const runExpressions = {
  /** Every late value inside resolved; throws INPUT_INVALID that names what could not be. */
  bind: (value: Json, scope: RunScope): Json => (hasLate(value) ? told('a value', () => bindLate(value, valuesOf(scope))) : value),
  /** A condition; false when it names something that is not there (yet); throws INPUT_INVALID when it is not true or false. */
  test: (expression: string, scope: RunScope): boolean => told(`the condition ${expression}`, () => holds(expression, valuesOf(scope))),
};

function valuesOf({ inputs, target, profile, steps, observation }: RunScope): Scope {
  return { inputs, target, profile, steps: stepScope(steps), gates: {}, ...(observation === undefined ? {} : { observation }) };
}

function told<Result>(what: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new RouterctlError('INPUT_INVALID', `${what} cannot be computed: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
