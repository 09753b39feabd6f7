// YAML text to plain values, hardened: this file owns the `yaml` package and is the only way in for files that people write.
// Deep nesting can abort the whole process inside the package's recursive composer, so an iterative pass over the tokens
// measures depth first; aliases, tags and directives are not part of our language at all.
import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, type Node, type Pair, Parser } from 'yaml';
import type { Json } from '../core/json.js';
import { type Finding, findingAt } from './finding.js';
import { type Span, TextPosition } from './text-position.js';

/** Findings are capped too: a megabyte of nonsense deserves a page of errors, not a million. */
export const yamlLimits = { bytes: 1_048_576, depth: 64, findings: 50 } as const;

export type Path = readonly (string | number)[];

/** A read YAML document: its value, and where each part of it stands. */
export interface YamlText {
  readonly file: string;
  readonly text: TextPosition;
  readonly value: Json;
  /** Where a path is written: its key when it has one, else its value; the nearest parent when it is absent. */
  keySpan(path: Path): Span;
  valueSpan(path: Path): Span;
}

export type YamlRead = { readonly document: YamlText } | { readonly findings: readonly Finding[] };

interface Marks {
  readonly key: Span;
  readonly value: Span;
}

type Token = ReturnType<Parser['next']> extends Generator<infer Item, void> ? Item : never;

export function readYaml(file: string, source: string): YamlRead {
  const bytes = Buffer.byteLength(source);
  if (bytes > yamlLimits.bytes) {
    const start = new TextPosition(source.slice(0, 200));
    return { findings: [findingAt(file, start, { start: 0, end: 1 }, `the file is ${bytes} bytes; at most ${yamlLimits.bytes} are read`)] };
  }
  const text = new TextPosition(source);
  const report = (span: Span, message: string, hint?: string): Finding => findingAt(file, text, span, message, hint);
  const control = controlCharacter(source);
  if (control !== null) return { findings: [report({ start: control, end: control + 1 }, 'a control character is not allowed')] };
  const scan = scanTokens(source, report);
  if ('findings' in scan) return scan;
  return composeText(file, text, scan.tokens, report);
}

type Report = (span: Span, message: string, hint?: string) => Finding;

function controlCharacter(source: string): number | null {
  for (let at = 0; at < source.length; at += 1) {
    const code = source.charCodeAt(at);
    if ((code < 32 && code !== 9 && code !== 10 && code !== 13) || code === 127) return at;
  }
  return null;
}

function scanTokens(source: string, report: Report): { readonly tokens: readonly Token[] } | { readonly findings: readonly Finding[] } {
  const parser = new Parser();
  const tokens: Token[] = [];
  let errors = 0;
  for (const lexeme of new Lexer().lex(source)) {
    const at = parser.offset;
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === 'error') errors += 1;
    }
    if (errors > yamlLimits.findings) return { tokens };
    if (parser.stack.length > yamlLimits.depth) {
      return { findings: [report({ start: at, end: at + 1 }, `nested deeper than ${yamlLimits.depth} levels`, 'flatten the file')] };
    }
  }
  for (const token of parser.end()) tokens.push(token);
  const directives = tokens.filter((token) => token.type === 'directive');
  const findings = directives
    .slice(0, yamlLimits.findings)
    .map((token) =>
      report({ start: token.offset, end: token.offset + 1 }, 'directives (lines that begin with %) are not allowed', 'remove the line'),
    );
  return findings.length > 0 ? { findings } : { tokens };
}

function composeText(file: string, text: TextPosition, tokens: readonly Token[], report: Report): YamlRead {
  const end = text.source.length;
  // Our own duplicate check is linear; the package compares every key with every other.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    uniqueKeys: false,
    strict: true,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents = [...composer.compose(tokens, true, end)];
  const findings: Finding[] = [];
  const [document, second] = documents;
  for (const one of documents) {
    for (const problem of [...one.errors, ...one.warnings].slice(0, yamlLimits.findings)) {
      findings.push(
        report(
          { start: problem.pos[0], end: Math.max(problem.pos[1], problem.pos[0] + 1) },
          `not valid YAML: ${lowerFirst(problem.message)}`,
        ),
      );
    }
  }
  if (second !== undefined)
    findings.push(
      report({ start: second.range[0], end: second.range[0] + 1 }, 'a second document begins here', 'one file holds one document'),
    );
  if (document === undefined || findings.length > 0) return { findings };
  const marks = new Map<string, Marks>();
  const value = document.contents === null ? null : new Reading(marks, findings, report).node(document.contents, [], { start: 0, end: 1 });
  if (findings.length > 0) return { findings };
  return { document: new Positioned(file, text, value, marks) };
}

const lowerFirst = (message: string): string => message.charAt(0).toLowerCase() + message.slice(1).split('\n')[0];
const pathKey = (path: Path): string => JSON.stringify(path);

class Positioned implements YamlText {
  constructor(file: string, text: TextPosition, value: Json, marks: ReadonlyMap<string, Marks>) {
    this.file = file;
    this.text = text;
    this.value = value;
    this.#marks = marks;
  }

  readonly file: string;
  readonly text: TextPosition;
  readonly value: Json;
  readonly #marks: ReadonlyMap<string, Marks>;

  keySpan(path: Path): Span {
    return this.#nearest(path).key;
  }

  valueSpan(path: Path): Span {
    return this.#nearest(path).value;
  }

  #nearest(path: Path): Marks {
    for (let length = path.length; length >= 0; length -= 1) {
      const marks = this.#marks.get(pathKey(path.slice(0, length)));
      // An absent member is reported at the key of what should hold it, not at its whole body.
      if (marks !== undefined) return length === path.length ? marks : { key: marks.key, value: marks.key };
    }
    return { key: { start: 0, end: 1 }, value: { start: 0, end: 1 } };
  }
}

/** Walks the composed nodes; recursion is bounded by the depth limit of the token pass. */
class Reading {
  constructor(marks: Map<string, Marks>, findings: Finding[], report: Report) {
    this.#marks = marks;
    this.#findings = findings;
    this.#report = report;
  }

  readonly #marks: Map<string, Marks>;
  readonly #findings: Finding[];
  readonly #report: Report;

  node(node: Node | null, path: Path, key: Span | null): Json {
    const value = spanOf(node) ?? key ?? { start: 0, end: 1 };
    this.#marks.set(pathKey(path), { key: key ?? { start: value.start, end: value.start + 1 }, value });
    if (node === null) return null;
    if (isAlias(node)) return this.#reject(value, 'aliases (*name) are not allowed', 'write the value out');
    const anchor = 'anchor' in node ? node.anchor : undefined;
    if (anchor !== undefined) this.#reject(value, 'anchors (&name) are not allowed', 'write the value out where it is needed');
    if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))
      this.#reject(value, `the tag ${node.tag} is not allowed`, 'remove the tag');
    if (isMap(node)) return this.#map(node.items as readonly Pair<Node, Node | null>[], path);
    if (isSeq(node)) return (node.items as readonly Node[]).map((item, index) => this.node(item, [...path, index], null));
    return isScalar(node) ? this.#scalar(node.value, value) : null;
  }

  #map(pairs: readonly Pair<Node, Node | null>[], path: Path): Json {
    const object: Record<string, Json> = {};
    const seen = new Set<string>();
    for (const pair of pairs) {
      const span = spanOf(pair.key) ?? { start: 0, end: 1 };
      const name = isScalar(pair.key) ? String(pair.key.value) : '';
      if (isAlias(pair.key) || ('anchor' in pair.key && pair.key.anchor !== undefined))
        this.#reject(span, 'anchors and aliases are not allowed');
      else if (name === '__proto__') this.#reject(span, 'the key __proto__ is not allowed');
      else if (seen.has(name)) this.#reject(span, `the key ${JSON.stringify(name)} is written twice`, 'keep one of them');
      else object[name] = this.node(pair.value, [...path, name], span);
      seen.add(name);
    }
    return object;
  }

  #scalar(value: unknown, span: Span): Json {
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) return this.#reject(span, 'not a finite number');
      if (Number.isInteger(value) && !Number.isSafeInteger(value))
        return this.#reject(span, 'too large for an exact number', 'put it in quotes');
      return value;
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    return this.#reject(span, 'a value of this kind is not allowed', 'put it in quotes');
  }

  #reject(span: Span, message: string, hint?: string): null {
    if (this.#findings.length < yamlLimits.findings) this.#findings.push(this.#report(span, message, hint));
    return null;
  }
}

function spanOf(node: Node | null): Span | null {
  const range = node?.range;
  return range === undefined || range === null ? null : { start: range[0], end: Math.max(range[1], range[0] + 1) };
}
