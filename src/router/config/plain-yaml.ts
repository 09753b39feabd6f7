// Reads the plain part of YAML in which configs are nearly always written, many times faster than the YAML package, so that a
// reload of hundreds of models does not hold requests up. Whatever is not plain beyond doubt is left to the package: null.

export interface PlainYaml {
  readonly value: unknown;
}

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** Thrown where the text stops being plain. */
class NotPlain extends Error {}

/** Tabs, other control characters, and what Unicode calls a line or a byte order. */
const strange = /[\t\r\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff\u2028\u2029]/;
const deepest = 24;

/** Null: the package must decide, also about every mistake. */
export function readPlainYaml(text: string): PlainYaml | null {
  if (strange.test(text)) return null;
  try {
    const reader = new BlockReader(linesOf(text));
    return { value: reader.document() };
  } catch (error) {
    if (error instanceof NotPlain) return null;
    throw error;
  }
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const whole of text.split('\n')) {
    const indent = whole.search(/[^ ]|$/);
    if (/^\s/.test(whole.slice(indent))) throw new NotPlain();
    const comment = whole.charAt(indent) === '#' ? indent : whole.indexOf(' #');
    if (comment !== -1 && comment !== indent && /["']/.test(whole)) throw new NotPlain();
    const cut = (comment === -1 ? whole : whole.slice(0, comment)).replace(/ +$/, '').slice(indent);
    if (cut !== '') lines.push({ indent, text: cut });
  }
  return lines;
}

class BlockReader {
  readonly #lines: Line[];
  #at = 0;

  constructor(lines: Line[]) {
    this.#lines = lines;
  }

  document(): unknown {
    const first = this.#lines[0];
    if (first?.indent !== 0 || isItem(first)) throw new NotPlain();
    const value = this.#mapping(0, 0);
    if (this.#at < this.#lines.length) throw new NotPlain();
    return value;
  }

  #block(indent: number, depth: number): unknown {
    if (depth > deepest) throw new NotPlain();
    const line = this.#lines[this.#at];
    return line !== undefined && isItem(line) ? this.#sequence(indent, depth) : this.#mapping(indent, depth);
  }

  #mapping(indent: number, depth: number): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    for (let line = this.#lines[this.#at]; line !== undefined && line.indent >= indent; line = this.#lines[this.#at]) {
      const [, key = '', rest = ''] = /^([A-Za-z_][\w./-]*):(?: +(.*))?$/.exec(line.text) ?? [];
      if (line.indent > indent || key === '' || key === '__proto__' || Object.hasOwn(members, key) || typeof scalar(key) !== 'string')
        throw new NotPlain();
      this.#at += 1;
      members[key] = rest === '' ? this.#below(indent, depth, true) : this.#inline(rest);
    }
    return members;
  }

  #sequence(indent: number, depth: number): unknown[] {
    const items: unknown[] = [];
    for (let line = this.#lines[this.#at]; line !== undefined && line.indent >= indent; line = this.#lines[this.#at]) {
      if (line.indent === indent && !isItem(line)) break;
      const rest = line.text.slice(2);
      if (line.indent > indent || rest.startsWith(' ') || /^-( |$)/.test(rest)) throw new NotPlain();
      if (rest === '') {
        this.#at += 1;
        items.push(this.#below(indent, depth, false));
      } else if (/^[A-Za-z_][\w./-]*:( |$)/.test(rest)) {
        this.#lines[this.#at] = { indent: indent + 2, text: rest };
        items.push(this.#mapping(indent + 2, depth + 1));
      } else {
        this.#at += 1;
        items.push(this.#inline(rest));
      }
    }
    return items;
  }

  /** What stands on the lines after a key or a dash with nothing behind it; a list may stand as far left as its key. */
  #below(indent: number, depth: number, isMember: boolean): unknown {
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent < indent || (next.indent === indent && !(isMember && isItem(next)))) return null;
    return this.#block(next.indent, depth + 1);
  }

  /** A value on its line; where it goes on below, the line after is too deep for the loop that reads on. */
  #inline(text: string): unknown {
    const first = text.charAt(0);
    if (first === '[' || first === '{') return new FlowReader(text).whole();
    const quoted = /^"([^"\\]*)"$|^'([^']*)'$/.exec(text);
    if (quoted !== null) return quoted[1] ?? quoted[2] ?? '';
    if (/^[,\]}#&*!|>'"%@`?:]|^-( |$)|: |:$/.test(text)) throw new NotPlain();
    return scalar(text);
  }
}

/** A collection in brackets on one line. */
class FlowReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): unknown {
    const value = this.#value(0);
    if (this.#at < this.#text.length) throw new NotPlain();
    return value;
  }

  #value(depth: number): unknown {
    if (depth > deepest) throw new NotPlain();
    if (this.#take(/\[ */y) !== null) return this.#items(depth);
    if (this.#take(/\{ */y) !== null) return this.#members(depth);
    const quoted = this.#take(/"[^"\\]*"|'[^']*'/y);
    if (quoted !== null) {
      if (this.#text.charAt(this.#at) === "'") throw new NotPlain();
      return quoted.slice(1, -1);
    }
    const word = this.#take(/(?:[\w./+@-]|:(?=[\w./]))+/y);
    if (word === null || /^[-:]+$|^[:@]/.test(word)) throw new NotPlain();
    return scalar(word);
  }

  #items(depth: number): unknown[] {
    const items: unknown[] = [];
    if (this.#take(/\]/y) !== null) return items;
    for (;;) {
      items.push(this.#value(depth + 1));
      if (this.#take(/ *\]/y) !== null) return items;
      if (this.#take(/ *, */y) === null) throw new NotPlain();
    }
  }

  #members(depth: number): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    if (this.#take(/\}/y) !== null) return members;
    for (;;) {
      const key = this.#take(/[A-Za-z_][\w./-]*(?=: )/y);
      if (key === null || key === '__proto__' || Object.hasOwn(members, key) || typeof scalar(key) !== 'string') throw new NotPlain();
      this.#take(/: +/y);
      members[key] = this.#value(depth + 1);
      if (this.#take(/ *\}/y) !== null) return members;
      if (this.#take(/ *, */y) === null) throw new NotPlain();
    }
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }
}

function isItem({ text }: Line): boolean {
  return text === '-' || text.startsWith('- ');
}

/** By the core schema, https://yaml.org/spec/1.2.2/#1032-tag-resolution; numbers in unusual spellings are not plain. */
function scalar(text: string): unknown {
  const first = text.charAt(0);
  if (first >= '0' && first <= '9') return number(text);
  if (first === '-' || first === '+' || first === '.') return number(text);
  if (first === '~' && text.length === 1) return null;
  if (/^(?:null|Null|NULL)$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  return text;
}

function number(text: string): unknown {
  if (/^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?$/.test(text) && text !== '-0') return Number(text);
  if (/^[-+]?(?:\d+|\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?$|^0o[0-7]+$|^0x[\da-fA-F]+$|^[-+]?\.(?:inf|nan)$/i.test(text)) throw new NotPlain();
  return text;
}
