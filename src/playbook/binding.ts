// Computes what is known when a plan is made and keeps the rest as late expressions that the engine can compute alone:
// step ids written out in full, loop items and suite inputs written in as literals, because neither exists at run time.
import type { Json } from '../core/json.js';
import { ExpressionError, evaluate, type Name, namesIn, type Scope } from './expression.js';
import { isList } from './json-kinds.js';
import { hasLate, isLate, isTemplate, type TemplatePart, templateExpression, templateParts } from './template.js';

/** Full ids that a written id stands for (a suite's members, a loop's rounds); empty when left out, null when unknown. */
export type ResolveStep = (written: string) => readonly string[] | null;

export class Binding {
  /** Full ids of steps that late values and conditions name: they must have ended first. */
  readonly needed = new Set<string>();
  readonly #scope: Scope;
  readonly #resolve: ResolveStep;
  /** Inside a suite, `inputs` are the suite's own and unknown at run time. */
  readonly #inline: readonly string[];

  constructor(scope: Scope, resolve: ResolveStep, insideSuite: boolean) {
    this.#scope = scope;
    this.#resolve = resolve;
    this.#inline = insideSuite ? ['inputs', 'item'] : ['item'];
  }

  /** A value with every template computed or made late. A member whose whole template gives null is left out. */
  value(value: Json): Json {
    if (typeof value === 'string') return isTemplate(value) ? this.#text(value) : value;
    if (value === null || typeof value !== 'object') return value;
    if (isList(value)) return value.map((item, index) => located(index, () => this.value(item)));
    const bound: Record<string, Json> = {};
    for (const [key, member] of Object.entries(value)) {
      const result = located(key, () => this.value(member));
      if (result !== null || member === null) bound[key] = result;
    }
    return bound;
  }

  /** A bare condition: decided now, or the expression to decide later. */
  condition(expression: string): { readonly decided: boolean } | { readonly late: string } {
    const names = namesIn(expression);
    if (this.#isLate(names)) return { late: this.#atRunTime(expression, names) };
    const value = evaluate(expression, this.#scope);
    if (typeof value !== 'boolean') throw new ExpressionError('a condition must be true or false', 0);
    return { decided: value };
  }

  /** An expression that is always evaluated at run time: a criterion. */
  runTime(expression: string): string {
    return this.#atRunTime(expression, namesIn(expression));
  }

  #text(text: string): Json {
    const parts = templateParts(text);
    const [only] = parts;
    if (parts.some((part) => 'expression' in part && this.#isLate(namesIn(part.expression)))) {
      return { $late: templateExpression(parts.map((part) => this.#latePart(part))) };
    }
    if (parts.length === 1 && only !== undefined && 'expression' in only)
      return shifted(only.offset, () => evaluate(only.expression, this.#scope));
    return parts
      .map((part) => ('text' in part ? part.text : shifted(part.offset, () => String(evaluate(`text(${part.expression})`, this.#scope)))))
      .join('');
  }

  #latePart(part: TemplatePart): TemplatePart {
    if ('text' in part) return part;
    return shifted(part.offset, () => ({ ...part, expression: this.#atRunTime(part.expression, namesIn(part.expression)) }));
  }

  #isLate(names: readonly Name[]): boolean {
    return names.some((name) => {
      const [root = '', member] = name.segments;
      if (root === 'steps' || root === 'gates') return true;
      const value = root === 'item' ? this.#scope['item'] : memberOf(this.#scope[root], member);
      return value !== undefined && hasLate(value);
    });
  }

  #atRunTime(expression: string, names: readonly Name[]): string {
    let text = expression;
    for (const name of [...names].sort((a, b) => b.start - a.start)) {
      const replaced = this.#replacement(name);
      if (replaced !== null) text = text.slice(0, name.start) + replaced.text + text.slice(replaced.end);
    }
    return text;
  }

  #replacement(name: Name): { readonly text: string; readonly end: number } | null {
    const [root = ''] = name.segments;
    if (root === 'steps') return this.#stepReference(name);
    if (!this.#inline.includes(root)) return null;
    const depth = root === 'item' ? 1 : 2;
    const value = root === 'item' ? this.#scope['item'] : memberOf(this.#scope[root], name.segments[1]);
    return { text: celLiteral(value ?? null), end: name.ends[depth - 1] ?? name.start };
  }

  /** The longest written name that is one step: `steps.smoke.chat` is the step smoke/chat. */
  #stepReference(name: Name): { readonly text: string; readonly end: number } {
    for (let count = name.segments.length; count >= 2; count -= 1) {
      const written = name.segments.slice(1, count).join('/');
      const found = this.#resolve(written);
      if (found === null) continue;
      const [only, second] = found;
      if (only === undefined)
        throw new ExpressionError(`the step ${written} was left out of this plan`, name.start, { hint: 'give this step the same when' });
      if (second !== undefined) throw new ExpressionError(`${written} stands for ${found.length} steps; name one of them`, name.start);
      this.needed.add(only);
      return { text: `steps[${JSON.stringify(only)}]`, end: name.ends[count - 1] ?? name.start };
    }
    throw new ExpressionError(`there is no step ${name.segments.slice(1).join('.')}`, name.start);
  }
}

/** An error inside a member of a value, with the way to it. */
function located<Result>(key: string | number, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof ExpressionError) error.inside.unshift(key);
    throw error;
  }
}

/** An error inside a part of a text, with its offset counted from the beginning of the whole text. */
function shifted<Result>(offset: number, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(error.message, error.offset + offset, {
      missing: error.missing,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function memberOf(value: Json | undefined, member: string | undefined): Json | undefined {
  if (member === undefined || typeof value !== 'object' || value === null || isList(value)) return undefined;
  return Object.hasOwn(value, member) ? (value as Readonly<Record<string, Json>>)[member] : undefined;
}

function celLiteral(value: Json): string {
  if (isLate(value)) return `(${value.$late})`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(celLiteral).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}: ${celLiteral(member)}`)
    .join(', ')}}`;
}
