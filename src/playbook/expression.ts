// The one expression language of playbooks: CEL, bounded. This file owns the CEL package and decides what of it may be used.
// Expressions come from files that people share, so length, depth, loops and functions are limited: none may hang or fill memory.
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Json } from '../core/json.js';

export const expressionLimits = { characters: 1024, depth: 32, nodes: 512, loops: 4, nestedLoops: 2 } as const;

export type Scope = Readonly<Record<string, Json>>;

/** What is wrong in an expression; `offset` counts from its first character. */
export class ExpressionError extends Error {
  readonly offset: number;
  readonly hint: string | undefined;
  /** The expression names something that is not there (yet). */
  readonly missing: boolean;
  /** Filled in on the way up: where inside a larger value the expression stands. */
  readonly inside: (string | number)[] = [];

  constructor(message: string, offset: number, options: { hint?: string; missing?: boolean } = {}) {
    super(message);
    this.name = 'ExpressionError';
    this.offset = offset;
    this.hint = options.hint;
    this.missing = options.missing ?? false;
  }
}

/** One use of a name: `steps.load.tag` is the segments steps, load, tag, as far as they are written out. */
export interface Name {
  readonly segments: readonly string[];
  readonly start: number;
  /** Offset behind each segment. */
  readonly ends: readonly number[];
}

const loops = ['all', 'exists', 'exists_one', 'map', 'filter'];
// `matches` is absent on purpose: a hostile pattern could run for hours. `cel.bind` would allow doubling a value per letter.
const functions = [
  'size',
  'string',
  'int',
  'double',
  'bool',
  'dyn',
  'type',
  'has',
  'text',
  'timestamp',
  'duration',
  'contains',
  'startsWith',
  'endsWith',
  'lowerAscii',
  'upperAscii',
  'trim',
  'join',
  'split',
  'substring',
  'indexOf',
  'lastIndexOf',
  ...loops,
];

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  limits: {
    maxAstNodes: expressionLimits.nodes,
    maxDepth: expressionLimits.depth,
    maxListElements: 64,
    maxMapEntries: 64,
    maxCallArguments: 4,
  },
});
environment.registerFunction('text(dyn): string', (value: unknown) => asText(value));

type Parsed = ReturnType<Environment['parse']>;

/** The value of the expression as plain JSON. Throws ExpressionError. */
export function evaluate(expression: string, scope: Scope): Json {
  const parsed = parse(expression);
  const used = new Set(walk(parsed.ast).names.map((name) => name.segments[0] ?? ''));
  const context: Record<string, unknown> = {};
  for (const name of used) if (Object.hasOwn(scope, name)) context[name] = celValue(scope[name] ?? null);
  let value: unknown;
  try {
    value = parsed(context);
  } catch (error) {
    throw asExpressionError(error);
  }
  return jsonValue(value);
}

/** Whether a condition is true; a name that is not there (yet) makes it false, anything but true or false is an error. */
export function holds(expression: string, scope: Scope): boolean {
  try {
    const value = evaluate(expression, scope);
    if (typeof value !== 'boolean') throw new ExpressionError('a condition must be true or false', 0);
    return value;
  } catch (error) {
    if (error instanceof ExpressionError && error.missing) return false;
    throw error;
  }
}

/** The names that an expression uses, loop variables left out. Throws ExpressionError when it cannot be read. */
export function namesIn(expression: string): readonly Name[] {
  return walk(parse(expression).ast).names;
}

function parse(expression: string): Parsed {
  if (expression.trim() === '') throw new ExpressionError('the expression is empty', 0);
  if (expression.length > expressionLimits.characters) {
    throw new ExpressionError(`the expression is longer than ${expressionLimits.characters} characters`, 0);
  }
  let parsed: Parsed;
  try {
    parsed = environment.parse(expression);
  } catch (error) {
    throw asExpressionError(error);
  }
  walk(parsed.ast);
  return parsed;
}

interface Walked {
  readonly names: Name[];
  loops: number;
}

function walk(ast: ASTNode): Walked {
  const walked: Walked = { names: [], loops: 0 };
  visit(ast, new Set(), 0, walked);
  return walked;
}

function visit(node: ASTNode, bound: ReadonlySet<string>, depth: number, walked: Walked): void {
  const name = nameOf(node);
  if (name !== null) {
    if (!bound.has(name.segments[0] ?? '')) walked.names.push(name);
    return;
  }
  if (node.op === 'call') requireFunction(node.args[0], node.start);
  if (node.op === 'rcall') {
    const [method, receiver, parameters] = node.args;
    requireFunction(method, receiver.end + 1);
    if (loops.includes(method)) {
      visitLoop(receiver, parameters, node.start, bound, depth, walked);
      return;
    }
  }
  for (const child of childrenOf(node.args)) visit(child, bound, depth, walked);
}

function visitLoop(
  receiver: ASTNode,
  parameters: readonly ASTNode[],
  at: number,
  bound: ReadonlySet<string>,
  depth: number,
  walked: Walked,
): void {
  walked.loops += 1;
  if (walked.loops > expressionLimits.loops) throw new ExpressionError(`more than ${expressionLimits.loops} loops in one expression`, at);
  if (depth + 1 > expressionLimits.nestedLoops) throw new ExpressionError(`loops nested deeper than ${expressionLimits.nestedLoops}`, at);
  visit(receiver, bound, depth, walked);
  const [variable, ...bodies] = parameters;
  const inner = new Set(bound);
  if (variable?.op === 'id') inner.add(variable.args);
  for (const body of bodies) visit(body, inner, depth + 1, walked);
}

function requireFunction(name: string, offset: number): void {
  if (functions.includes(name)) return;
  const hint =
    name === 'matches' ? 'use contains, startsWith or endsWith' : `known: ${functions.filter((known) => known !== 'text').join(', ')}`;
  throw new ExpressionError(`the function ${name} is not available in playbooks`, offset, { hint });
}

function nameOf(node: ASTNode): Name | null {
  if (node.op === 'id') return { segments: [node.args], start: node.start, ends: [node.end] };
  if (node.op !== '.' && node.op !== '[]') return null;
  const parent = nameOf(node.args[0]);
  const last = node.args[1];
  const segment = typeof last === 'string' ? last : last.op === 'value' && typeof last.args === 'string' ? last.args : null;
  if (parent === null || segment === null) return null;
  return { segments: [...parent.segments, segment], start: parent.start, ends: [...parent.ends, node.end] };
}

function childrenOf(value: unknown): readonly ASTNode[] {
  if (Array.isArray(value)) return value.flatMap(childrenOf);
  return isNode(value) ? [value] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'start' in value;
}

function asExpressionError(error: unknown): ExpressionError {
  if (error instanceof ExpressionError) return error;
  const known = error as { summary?: unknown; code?: unknown; range?: { start?: unknown }; message?: unknown };
  const message = inOwnWords(String(known.summary ?? known.message ?? error).split('\n')[0] ?? 'not a valid expression');
  const offset = typeof known.range?.start === 'number' ? known.range.start : 0;
  const missing = known.code === 'no_such_key' || known.code === 'unknown_variable';
  return new ExpressionError(message.charAt(0).toLowerCase() + message.slice(1), offset, { missing });
}

/** "token: EOF" reads like a secret under its name, and the masker takes it for one. */
function inOwnWords(message: string): string {
  const symbol = /^Unexpected token: (\w+)$/.exec(message)?.[1];
  if (symbol === undefined) return message;
  return symbol === 'EOF' ? 'it ends where a value must follow' : `unexpected ${symbol}`;
}

/** CEL keeps whole numbers and fractions apart, JSON does not: whole ones become CEL integers. */
function celValue(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(celValue);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, celValue(member)]));
}

function jsonValue(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint' || typeof value === 'number') {
    const number = Number(value);
    if (Number.isFinite(number) && (typeof value === 'number' || Number.isSafeInteger(number))) return number;
    throw new ExpressionError('the result is not an exact, finite number', 0);
  }
  if (Array.isArray(value)) return value.map(jsonValue);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return jsonValue(Object.fromEntries(value));
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonValue(member)]));
  }
  throw new ExpressionError('the result cannot be used as a value here', 0, { hint: 'use string() or int()' });
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new ExpressionError('only text, numbers, true and false can be put into a text', 0);
}
