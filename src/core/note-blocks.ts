// A release note's Markdown cut into headings and items, each with its line. Stands alone because what counts as a heading or an item
// is a question of Markdown, and what it means is one of releases. HTML comments and front matter are not part of what a reader sees.

export type NoteBlock =
  | { readonly is: 'heading'; readonly level: number; readonly text: string; readonly line: number }
  /** One list item with its continuation, one paragraph, or one line of a fenced block. */
  | { readonly is: 'item'; readonly text: string; readonly line: number };

interface Cursor {
  readonly blocks: NoteBlock[];
  open: { readonly line: number; readonly indent: number; readonly texts: string[] } | null;
  fence: string | null;
}

export function noteBlocks(text: string): readonly NoteBlock[] {
  const cursor: Cursor = { blocks: [], open: null, fence: null };
  visibleLines(text).forEach((line, index) => {
    readLine(cursor, line, index + 1);
  });
  close(cursor);
  return cursor.blocks;
}

/** Every line under its own number, comments and front matter emptied. */
function visibleLines(text: string): readonly string[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n');
  const front = lines[0]?.trimEnd() === '---' ? lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---') : -1;
  let inComment = false;
  let fence: string | null = null;
  return lines.map((line, index) => {
    if (index <= front) return '';
    if (!inComment) fence = fenceAfter(fence, line);
    if (fence !== null && !inComment) return line;
    const seen = withoutComments(line, inComment);
    inComment = seen.inComment;
    return seen.text;
  });
}

function withoutComments(line: string, inComment: boolean): { readonly text: string; readonly inComment: boolean } {
  let rest = line;
  let text = '';
  let inside = inComment;
  while (rest !== '') {
    const mark = inside ? '-->' : '<!--';
    const at = rest.indexOf(mark);
    if (!inside) text += at === -1 ? rest : rest.slice(0, at);
    if (at === -1) break;
    rest = rest.slice(at + mark.length);
    inside = !inside;
  }
  return { text, inComment: inside };
}

/** The open fence after this line; one of backticks is not closed by one of tildes. */
function fenceAfter(open: string | null, line: string): string | null {
  const [, mark = ''] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
  if (mark === '') return open;
  if (open === null) return mark;
  return mark[0] === open[0] && mark.length >= open.length && line.trim() === mark ? null : open;
}

function readLine(cursor: Cursor, line: string, number: number): void {
  const fence = fenceAfter(cursor.fence, line);
  if (fence !== null || cursor.fence !== null) {
    if (fence !== null && cursor.fence !== null && line.trim() !== '') cursor.blocks.push({ is: 'item', text: line.trim(), line: number });
    else close(cursor);
    cursor.fence = fence;
    return;
  }
  const heading = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/.exec(line);
  if (heading !== null) return pushHeading(cursor, heading[1]?.length ?? 1, heading[2] ?? '', number);
  const underline = /^ {0,3}(=+|-+)[ \t]*$/.exec(line)?.[1];
  if (underline !== undefined && underlines(cursor)) {
    const text = cursor.open?.texts.join(' ') ?? '';
    const from = cursor.open?.line ?? number;
    cursor.open = null;
    return pushHeading(cursor, underline.startsWith('=') ? 1 : 2, text, from);
  }
  readText(cursor, line, number);
}

/** A paragraph of one line is underlined; a list item is only followed by a rule. */
const underlines = ({ open }: Cursor): boolean => open !== null && open.indent === 0 && open.texts.length === 1;

function readText(cursor: Cursor, line: string, number: number): void {
  // A blank line ends a list item too: what is indented below it is an item of its own.
  if (line.trim() === '' || isRule(line)) return close(cursor);
  const item = /^([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+(.*)$/.exec(line);
  const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
  const nested = cursor.open !== null && cursor.open.indent > 0 && indent >= cursor.open.indent;
  if (item !== null && !nested) {
    close(cursor);
    cursor.open = { line: number, indent: indent + 2, texts: [item[2]?.trim() ?? ''] };
  } else if (cursor.open === null) cursor.open = { line: number, indent: 0, texts: [line.trim()] };
  else cursor.open.texts.push(item === null ? line.trim() : (item[2]?.trim() ?? ''));
}

const isRule = (line: string): boolean => /^ {0,3}([-*_])[-*_ \t]*$/.test(line) && /^([-*_])\1{2,}$/.test(line.replace(/[ \t]/g, ''));

function close(cursor: Cursor): void {
  const { open } = cursor;
  cursor.open = null;
  if (open === null) return;
  const text = open.texts.join(' ').trim();
  if (text !== '') cursor.blocks.push({ is: 'item', text, line: open.line });
}

function pushHeading(cursor: Cursor, level: number, text: string, line: number): void {
  close(cursor);
  cursor.blocks.push({ is: 'heading', level, text: text.replace(/[ \t]+#+[ \t]*$/, '').trim(), line });
}
