// Members whose name says that their value is a secret, in JSON, YAML, env and header text. Counts such as `prompt_tokens: 12`
// keep their number: usage data would be worthless without it.
import type { SecretRange } from './secret-patterns.js';

// `api_key`, `clientSecret`; `db_pass`, `OPENAI_KEY_2`, but neither `3 pass` nor the shell's `PWD`.
const header = '(?:proxy-)?authorization|(?:set-)?cookie';
const word = '(?:api[-_]?key|secret|passw(?:or)?d|passphrase|credential|private[-_]?key|access[-_]?key|token)s?';
const lastWord = '(?<=[a-z0-9][-_])(?:pass|pwd|pw|dsn|auth|keys?)';
const field = '(?<=[;?&] ?)(?:pass|pwd)';
const number = String.raw`(?:[-_]?\d{1,3})?`;
const about = 'FILE|PATH|DIR|DIRECTORY|NAME|PREFIX|HEADER|TYPE|SIZE|LENGTH|BITS|ALGORITHM|FORMAT|TTL|TIMEOUT|LIMIT|COUNT|VERSION';

const member = new RegExp(String.raw`((?<![\w-])(?:${header})s?|(?:${word}|${lastWord}|${field})${number})(\\*["'])?\s*([:=])\s*`, 'gi');
/** A variable of the environment may say more behind the word: `OPENAI_KEY_EU`, `DB_PASSWORD_OLD`. */
const variable = new RegExp(
  String.raw`(?<![a-z])((?:KEY|PASS(?:WORD)?|PWD|SECRET|TOKEN|DSN|CREDENTIALS?)\d{0,3}_(?!(?:${about}|ID|URL)(?![A-Z]))[A-Z0-9]{1,16})(\\*["'])?\s*([:=])\s*`,
  'g',
);
const nameTest = new RegExp(`^(?:(?:${header})s?|.*(?:${word}|${lastWord})${number})$`, 'i');
/** `sort_key` and `foreign_key` are no secrets, `OPENAI_KEY` is one; under a plain name only what looks random is one. */
const plainKey = /(?<!(?:api|private|access)[-_]?)keys?[-_]?\d{0,3}$/i;
const random = /^(?=.*\d)\S{8,}$/;
const harmless =
  /^(-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null|none|undefined|env:[A-Za-z_]\w*|file:.*|command:\[.*|\*\*\*.*|\[redacted\].*|\$\{.*|bearer \$[A-Z_][A-Z0-9_]*(&.*)?|)$/i;

/** True for what must not be said under this name: `api_key`, `PASSWORD`, `Authorization` and the like. */
export function isSecretMember(name: string, value: string): boolean {
  return nameTest.test(name) && isTold(name, value);
}

/** Numbers, references and placeholders may stand under any name. */
function isTold(name: string, value: string): boolean {
  if (harmless.test(value.trim())) return false;
  return !plainKey.test(name) || name === name.toUpperCase() || random.test(value);
}

/** True for the name of a variable whose value is a secret; `KEY_FILE` and the like only say where one lies. */
export function isSecretVariable(name: string): boolean {
  return secretVariable.test(name) && !aboutSecret.test(name);
}

const secretVariable =
  /(secret|passw(or)?d|passphrase|credential|private|access_?key|api_?key|token|dsn|auth|webhook)|(^|_)(keys?|pass|pwd|pw)_?\d*(_|$)/i;
const aboutSecret = new RegExp(`_(?:${about})$`, 'i');

export function secretMembers(text: string): readonly SecretRange[] {
  if (!text.includes(':') && !text.includes('=')) return [];
  const ranges: SecretRange[] = [];
  for (const match of [...text.matchAll(member), ...text.matchAll(variable)]) {
    const name = match[1] ?? '';
    const start = match.index + match[0].length;
    const range = valueRange(text, start, match[3] ?? ':', /authorization|cookie/i.test(name));
    if (range !== null && isTold(name, text.slice(range.start, range.end))) ranges.push({ ...range, rule: 'secret-name' });
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
  // Neither the list or object behind a name nor the mark-up behind a text is its value.
  if (value === undefined || /^([[{(]|<\/[a-z])/.test(value)) return null;
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
