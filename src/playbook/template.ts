// `${{ … }}` inside YAML values: alone it keeps the type of its result, among other text it becomes text.
// Also home of late values, because a template that needs a step's result is kept as an expression until that step has ended.
import type { Json } from '../core/json.js';
import type { Late } from '../core/plan.js';
import { ExpressionError, evaluate, type Scope } from './expression.js';
import { isList } from './json-kinds.js';

export type TemplatePart =
  | { readonly text: string }
  | { readonly expression: string /** Of the expression's first character in the whole text. */; readonly offset: number };

export const isTemplate = (text: string): boolean => text.includes('${{');

/** The literal and computed parts of a text, in order. Throws ExpressionError for a `${{` without its `}}`. */
export function templateParts(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (let open = text.indexOf('${{'); open !== -1; open = text.indexOf('${{', at)) {
    if (open > at) parts.push({ text: text.slice(at, open) });
    const close = closingOf(text, open + 3);
    if (close === null) throw new ExpressionError('${{ is never closed', open, { hint: 'write ${{ expression }}' });
    const inner = text.slice(open + 3, close);
    const lead = inner.length - inner.trimStart().length;
    parts.push({ expression: inner.trim(), offset: open + 3 + lead });
    at = close + 2;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
}

/** Offset of the `}}` that ends the expression: not one in quotes, not one that closes maps inside. */
function closingOf(text: string, from: number): number | null {
  let quote = '';
  let braces = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '{') braces += 1;
    else if (char === '}' && braces > 0) braces -= 1;
    else if (char === '}' && text.charAt(at + 1) === '}') return at;
  }
  return null;
}

/** One expression for a whole template: itself when it stands alone, else its parts joined as text. */
export function templateExpression(parts: readonly TemplatePart[]): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && 'expression' in only) return only.expression;
  return parts.map((part) => ('text' in part ? JSON.stringify(part.text) : `text(${part.expression})`)).join(' + ');
}

export function isLate(value: Json): value is Json & Late {
  return typeof value === 'object' && value !== null && !isList(value) && '$late' in value && typeof value['$late'] === 'string';
}

export function hasLate(value: Json): boolean {
  if (isLate(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasLate);
}

/** Every late value inside replaced by its result. Throws ExpressionError when one cannot be computed. */
export function bindLate(value: Json, scope: Scope): Json {
  if (isLate(value)) return computed(value.$late, scope);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => bindLate(item, scope));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, bindLate(member, scope)]));
}

/** Late expressions were rewritten when the plan was bound, so an error names the whole of it. */
function computed(expression: string, scope: Scope): Json {
  try {
    return evaluate(expression, scope);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(`${expression}: ${error.message}`, error.offset, {
      missing: error.missing,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}
