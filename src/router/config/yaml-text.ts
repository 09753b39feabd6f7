// YAML to values and back, with the place of every value; the only file of the router that knows the YAML package. Deep
// nesting can end the whole process inside the package's recursive composer, so the tokens are counted first, without recursion.

import { Composer, type Document, isMap, isNode, isPair, isScalar, isSeq, Lexer, LineCounter, Parser, stringify } from 'yaml';
import { readPlainYaml } from './plain-yaml.js';

export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

export interface YamlProblem {
  readonly place: YamlPlace;
  readonly message: string;
}

export interface YamlText {
  /** Null when there are errors. */
  readonly value: unknown;
  readonly errors: readonly YamlProblem[];
  /** Where the value of a path stands, or its nearest parent that exists. */
  placeOf(path: readonly (string | number)[]): YamlPlace;
}

/** A megabyte of nonsense deserves a page of errors, not a million; `depth` is far above what a config needs. */
export const yamlLimits = { bytes: 4 * 1024 * 1024, depth: 64, findings: 50, aliases: 100 } as const;

type Token = ReturnType<Parser['next']> extends Generator<infer Item, void> ? Item : never;

interface Problem {
  readonly offset: number;
  readonly message: string;
}

export function readYaml(text: string): YamlText {
  const plain = Buffer.byteLength(text) > yamlLimits.bytes ? null : readPlainYaml(text);
  if (plain === null) return readAnyYaml(text);
  // Places are asked for findings only, which is when time no longer matters.
  let slow: YamlText | null = null;
  const placeOf: YamlText['placeOf'] = (path) => {
    slow ??= readAnyYaml(text);
    return slow.placeOf(path);
  };
  return { value: plain.value, errors: [], placeOf };
}

function readAnyYaml(text: string): YamlText {
  const lines = new LineCounter();
  const place = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const refused = (problems: readonly Problem[]): YamlText => ({
    value: null,
    errors: problems.slice(0, yamlLimits.findings).map(({ offset, message }) => ({ place: place(offset), message })),
    placeOf: () => ({ line: 1, column: 1 }),
  });
  lines.addNewLine(0);
  const bytes = Buffer.byteLength(text);
  if (bytes > yamlLimits.bytes)
    return refused([{ offset: 0, message: `the file is ${bytes} bytes; at most ${yamlLimits.bytes} are read` }]);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  const { tokens, tooDeepAt } = tokensOf(text);
  if (tooDeepAt !== null) return refused([{ offset: tooDeepAt, message: `nested deeper than ${yamlLimits.depth} levels` }]);
  const [document, second] = new Composer({ prettyErrors: false, uniqueKeys: false, logLevel: 'silent' }).compose(
    tokens,
    true,
    text.length,
  );
  if (document === undefined) return refused([{ offset: 0, message: 'the file is empty' }]);
  if (second !== undefined) return refused([{ offset: second.range[0], message: 'a second document begins here; one file holds one' }]);
  const mistakes = document.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
  const problems = mistakes.length > 0 ? mistakes : repeatedKeys(document.contents);
  if (problems.length > 0) return refused(problems);
  const value = plainValue(document);
  if (value instanceof Error) return refused([{ offset: 0, message: value.message }]);
  return { value, errors: [], placeOf: (path) => place(offsetOf(document, path)) };
}

export function writeYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

/** Stops at the first token that is too deep, or when there are errors enough. */
function tokensOf(text: string): { readonly tokens: readonly Token[]; readonly tooDeepAt: number | null } {
  const parser = new Parser();
  const tokens: Token[] = [];
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const at = parser.offset;
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === 'error') errors += 1;
    }
    if (parser.stack.length > yamlLimits.depth) return { tokens, tooDeepAt: at };
    if (errors > yamlLimits.findings) return { tokens, tooDeepAt: null };
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens, tooDeepAt: null };
}

function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: yamlLimits.aliases });
  } catch (error) {
    const dangling = error instanceof Error && error.message.startsWith('Unresolved alias');
    const problem = dangling ? 'an alias (*name) names nothing' : `aliases (*name) stand for more than ${yamlLimits.aliases} values`;
    return new Error(`${problem}; write the values out`);
  }
}

/** The package compares every key with every other, which a large file would feel. */
function repeatedKeys(node: unknown, found: Problem[] = []): readonly Problem[] {
  if (found.length >= yamlLimits.findings) return found;
  if (isSeq(node)) for (const item of node.items) repeatedKeys(item, found);
  if (!isMap(node)) return found;
  const seen = new Set<unknown>();
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const { value, range } = pair.key;
    if (seen.has(value)) found.push({ offset: range?.[0] ?? 0, message: `the key ${JSON.stringify(value)} is written twice; keep one` });
    seen.add(value);
    repeatedKeys(pair.value, found);
  }
  return found;
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
