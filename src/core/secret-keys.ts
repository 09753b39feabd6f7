// Members whose name says that their value is a secret, in JSON, YAML, env and header text. Counts such as `prompt_tokens: 12`
// keep their number: usage data would be worthless without it.
import type { SecretRange } from './secret-patterns.js';

const member =
  /((?<![\w-])(?:(?:proxy-)?authorization|(?:set-)?cookie)|api[-_]?key|secret|passw(?:or)?d|passphrase|credential|private[-_]?key|access[-_]?key|token)s?(\\*["'])?\s*([:=])\s*/gi;
const nameTest =
  /^((proxy-)?authorization|(set-)?cookie|.*(api[-_]?key|secret|passw(or)?d|passphrase|credential|private[-_]?key|access[-_]?key|token)s?)$/i;
const harmless =
  /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null|none|undefined|env:[A-Za-z_]\w*|file:.*|command:\[.*|\*\*\*.*|\[redacted\].*|\$\{.*|)$/i;

/** True for `api_key`, `PASSWORD`, `Authorization` and the like. */
export function isSecretName(name: string): boolean {
  return nameTest.test(name);
}

/** True for what may stand under such a name: numbers, references, placeholders. */
export function isHarmlessValue(value: string): boolean {
  return harmless.test(value.trim());
}

export function secretMembers(text: string): readonly SecretRange[] {
  if (!text.includes(':') && !text.includes('=')) return [];
  const ranges: SecretRange[] = [];
  for (const match of text.matchAll(member)) {
    const start = match.index + match[0].length;
    const range = valueRange(text, start, match[3] ?? ':', /authorization|cookie/i.test(match[1] ?? ''));
    if (range !== null && !isHarmlessValue(text.slice(range.start, range.end))) ranges.push({ ...range, rule: 'secret-name' });
  }
  return ranges;
}

const quoted = /(\\*)(["'])/y;
const bare = /[^\s,;&}\]"'\\]+/y;
const restOfLine = /[^\r\n"'\\]+/y;

function valueRange(text: string, at: number, separator: string, wholeLine: boolean): { start: number; end: number } | null {
  quoted.lastIndex = at;
  const quote = quoted.exec(text);
  if (quote !== null) {
    const start = at + quote[0].length;
    return { start, end: endOfQuoted(text, start, quote[1] ?? '', quote[2] ?? '"') };
  }
  const expression = wholeLine ? restOfLine : bare;
  expression.lastIndex = at;
  const value = expression.exec(text)?.[0];
  if (value === undefined || /^[[{(]/.test(value)) return null;
  // "token: missing" is a sentence; a lone lower-case word after a colon is not taken for a secret unless it is long
  if (separator === ':' && /^[a-z]{1,15}[.,;:)]*$/.test(value)) return null;
  return { start: at, end: at + value.length };
}

/** The closing quote has exactly as many backslashes before it as the opening one. */
function endOfQuoted(text: string, start: number, escapes: string, quote: string): number {
  for (let at = text.indexOf(quote, start); at !== -1; at = text.indexOf(quote, at + 1)) {
    let backslashes = 0;
    while (at - backslashes - 1 >= start && text[at - backslashes - 1] === '\\') backslashes += 1;
    if (backslashes <= escapes.length && backslashes % 2 === escapes.length % 2) return at - escapes.length < start ? at : at - backslashes;
  }
  return text.length;
}
