// The one reading of KEY=value files: the process is started with what a change has edited, so both must see the same values.
// Offsets are kept, so that an edit can replace one value and leave every other byte alone.

export interface EnvEntry {
  readonly key: string;
  readonly value: string;
  readonly quote: '"' | "'" | '';
  /** Where the raw value, quotes included, begins and ends in the text. */
  readonly from: number;
  readonly to: number;
  /** 1-based line of the key. */
  readonly line: number;
}

/** Lines that are neither blank, a comment nor `[export ]KEY=value` are left out, and told as `unread` line numbers. */
export function readEnvFile(text: string): { readonly entries: readonly EnvEntry[]; readonly unread: readonly number[] } {
  const entries: EnvEntry[] = [];
  const unread: number[] = [];
  for (let at = 0, line = 1; at < text.length; ) {
    const entry = entryAt(text, at, line);
    const lineEnd = endOfLine(text, entry?.to ?? at);
    if (entry !== null) entries.push(entry);
    else if (!/^\s*(#.*)?$/.test(text.slice(at, lineEnd))) unread.push(line);
    line += text.slice(at, lineEnd).split('\n').length;
    at = lineEnd + 1;
  }
  return { entries, unread };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function entryAt(text: string, at: number, line: number): EnvEntry | null {
  const head = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=/.exec(text.slice(at, endOfLine(text, at)));
  if (head === null) return null;
  const key = head[1] ?? '';
  const from = at + head[0].length;
  const first = text[from];
  if (first === '"' || first === "'") {
    const closed = first === '"' ? /^"((?:[^"\\]|\\[\s\S])*)"/ : /^'([^']*)'/;
    const match = closed.exec(text.slice(from));
    if (match === null) return null;
    const inner = match[1] ?? '';
    const value = first === '"' ? inner.replace(/\\([\s\S])/g, (_whole, char: string) => (char === 'n' ? '\n' : char)) : inner;
    return { key, value, quote: first, from, to: from + match[0].length, line };
  }
  // A comment needs a space before it, as a # inside a value is common.
  const rest = text
    .slice(from, endOfLine(text, from))
    .replace(/(^|[ \t])#.*$/, '')
    .trimEnd();
  return { key, value: rest, quote: '', from, to: from + rest.length, line };
}
