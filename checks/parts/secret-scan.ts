// Looks for secrets in files that arrive in chunks, by shape and by value; says file, line and pattern, never the value.
// Each finding has a digest by which a reviewer can accept it without writing the value anywhere.
import { createHash } from 'node:crypto';
import { type SecretRange, secretShapes } from '../../src/core/secret-patterns.js';
import { secretVariants } from '../../src/core/secret-variants.js';
import { createTextSearch } from '../../src/core/text-search.js';
import type { OwnSecret } from './own-secrets.js';

export type Finding = {
  readonly path: string;
  readonly line: number;
  /** Name of the shape, or where the target keeps the secret. */
  readonly pattern: string;
  /** A secret that the target has in use, found by its value. */
  readonly own: boolean;
  /** Of the pattern's name and the matched text; of the name alone for an own secret, whose value could be guessed from a digest. */
  readonly sha256: string;
};

/** What is looked for besides the shapes that are known everywhere. */
export interface Wanted {
  readonly own: readonly OwnSecret[];
  /** The product's own tokens: expressions by name. */
  readonly forms: Readonly<Record<string, string>>;
}

interface Match extends SecretRange {
  readonly own: boolean;
}

/** Scanned at once; a match is found where it begins, and may reach this far beyond. */
const windowChars = 64 * 1024;
const overlapChars = 4 * 1024;
const maxFindings = 200;

export class SecretScan {
  /** Those that nobody has reviewed; the first ones only, all are counted. */
  readonly open: Finding[] = [];
  openCount = 0;
  readonly #isReviewed: (finding: Finding) => boolean;
  readonly #matches: (text: string) => readonly Match[];
  #path = '';
  #text = '';
  #line = 1;
  /** One character before the window is kept, so that word borders are seen; it is no place for a match to begin. */
  #context = 0;

  constructor(wanted: Wanted, isReviewed: (finding: Finding) => boolean) {
    this.#matches = matcher(wanted);
    this.#isReviewed = isReviewed;
  }

  chunk(path: string, bytes: Uint8Array): void {
    if (path !== this.#path) this.#next(path);
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    while (this.#text.length > windowChars + overlapChars) this.#scan(windowChars);
  }

  end(): void {
    this.#next('');
  }

  #next(path: string): void {
    if (this.#text.length > this.#context) this.#scan(this.#text.length);
    this.#path = path;
    this.#text = '';
    this.#line = 1;
    this.#context = 0;
  }

  /** Takes matches that begin before `until`, then forgets the text up to there, but for one character. */
  #scan(until: number): void {
    const text = this.#text.length > until + overlapChars ? this.#text.slice(0, until + overlapChars) : this.#text;
    let told = 0;
    // A value that fits several patterns is one finding: the longest match that begins first.
    for (const match of this.#matches(text)) {
      if (match.start < this.#context || match.start >= until || match.start < told) continue;
      this.#found(match, text);
      told = match.end;
    }
    this.#line += lineBreaks(text, this.#context, until);
    this.#text = this.#text.slice(until - 1);
    this.#context = 1;
  }

  #found({ rule, start, end, own }: Match, text: string): void {
    const line = this.#line + lineBreaks(text, this.#context, start);
    const sha256 = createHash('sha256')
      .update(own ? `own secret\n${rule}` : `${rule}\n${text.slice(start, end)}`, 'latin1')
      .digest('hex');
    const finding = { path: this.#path, line, pattern: rule, own, sha256 };
    if (this.#isReviewed(finding)) return;
    this.openCount += 1;
    if (this.open.length < maxFindings) this.open.push(finding);
  }
}

/** Ordered by start, the longest first; of two alike the own secret, since it says more. */
function matcher({ own, forms }: Wanted): (text: string) => readonly Match[] {
  const labels = new Map(own.flatMap(({ label, value }) => secretVariants(value).map((variant) => [variant, label] as const)));
  const spellings = [...labels.keys()];
  const search = createTextSearch(spellings);
  const expressions = Object.entries(forms).map(([name, form]) => ({ rule: `${name} token`, expression: new RegExp(form, 'g') }));
  return (text) => {
    const byValue = search(text).map(({ start, end, which }) => ({
      start,
      end,
      rule: labels.get(spellings[which] ?? '') ?? '',
      own: true,
    }));
    const byForm = expressions.flatMap(({ rule, expression }) =>
      [...text.matchAll(expression)].map(({ 0: found, index }) => ({ start: index, end: index + found.length, rule, own: false })),
    );
    const byShape = secretShapes(text).map((range) => ({ ...range, own: false }));
    return [...byValue, ...byForm, ...byShape]
      .filter(({ start, end }) => end > start)
      .sort((one, other) => one.start - other.start || other.end - one.end);
  };
}

function lineBreaks(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) breaks += 1;
  return breaks;
}
