// Looks for secret shapes in files that arrive in chunks; says file, line and pattern, never the value.
// Each finding has a digest by which a reviewer can accept it without writing the value anywhere.
import { createHash } from 'node:crypto';
import { secretShapes } from '../../src/core/secret-patterns.js';

export type Finding = {
  readonly path: string;
  readonly line: number;
  readonly pattern: string;
  /** Of the pattern's name and the matched text. */
  readonly sha256: string;
};

/** Scanned at once; a match is found where it begins, and may reach this far beyond. */
const windowChars = 64 * 1024;
const overlapChars = 4 * 1024;
const maxFindings = 200;

export class SecretScan {
  /** Those that nobody has reviewed; the first ones only, all are counted. */
  readonly open: Finding[] = [];
  openCount = 0;
  readonly #isReviewed: (finding: Finding) => boolean;
  #path = '';
  #text = '';
  #line = 1;
  /** One character before the window is kept, so that word borders are seen; it is no place for a match to begin. */
  #context = 0;

  constructor(isReviewed: (finding: Finding) => boolean) {
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
    for (const { start, end, rule } of [...secretShapes(text)].sort((one, other) => one.start - other.start || other.end - one.end)) {
      if (start < this.#context || start >= until || start < told) continue;
      this.#found(rule, text, start, end);
      told = end;
    }
    this.#line += lineBreaks(text, this.#context, until);
    this.#text = this.#text.slice(until - 1);
    this.#context = 1;
  }

  #found(pattern: string, text: string, start: number, end: number): void {
    const line = this.#line + lineBreaks(text, this.#context, start);
    const sha256 = createHash('sha256')
      .update(`${pattern}\n${text.slice(start, end)}`, 'latin1')
      .digest('hex');
    const finding = { path: this.#path, line, pattern, sha256 };
    if (this.#isReviewed(finding)) return;
    this.openCount += 1;
    if (this.open.length < maxFindings) this.open.push(finding);
  }
}

function lineBreaks(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) breaks += 1;
  return breaks;
}
