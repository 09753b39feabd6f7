// A reference page on a terminal: headings stand out, paragraphs are broken at the width, code keeps its shape.
import { wrap } from './display-width.js';
import { line, piece, renderLine } from './line.js';
import type { Style } from './style.js';
import { tableLines } from './table.js';

type Block = { readonly kind: 'text' | 'code' | 'table' | 'heading' | 'gap'; readonly lines: string[] };

export function markdownLines(markdown: string, columns: number, style: Style): string[] {
  return blocks(markdown).flatMap((block) => blockLines(block, columns, style));
}

function blocks(markdown: string): Block[] {
  const found: Block[] = [];
  let inCode = false;
  const add = (kind: Block['kind'], text: string, fresh: boolean): void => {
    const last = found.at(-1);
    if (last === undefined || last.kind !== kind || fresh) found.push({ kind, lines: [text] });
    else last.lines.push(text);
  };
  for (const text of markdown.split('\n')) {
    if (text.startsWith('```')) inCode = !inCode;
    else if (inCode) add('code', text, false);
    else if (text.startsWith('|')) add('table', text, false);
    else if (/^#+ /.test(text)) add('heading', text.replace(/^#+ +/, ''), true);
    else if (text.trim() === '') add('gap', '', false);
    else add('text', text, listMark.test(text));
  }
  return found;
}

const listMark = /^ *(?:[-*]|\d+\.) +/;

function blockLines({ kind, lines }: Block, columns: number, style: Style): string[] {
  const print = (text: string): string => renderLine(line(text), Number.POSITIVE_INFINITY, style);
  switch (kind) {
    case 'gap':
      return [''];
    case 'heading':
      return [renderLine(line([piece(plainWords(lines[0] ?? ''), 'strong')]), Number.POSITIVE_INFINITY, style)];
    case 'code':
      return lines.map((text) => print(`    ${text}`));
    case 'table':
      return tableBlock(lines, style);
    case 'text':
      return paragraph(lines, columns).map(print);
  }
}

function paragraph(lines: readonly string[], columns: number): string[] {
  const text = plainWords(lines.map((each, index) => (index === 0 ? each : each.trim())).join(' '));
  const mark = listMark.exec(text)?.[0] ?? '';
  const [first = '', ...rest] = wrap(text.slice(mark.length), columns - mark.length);
  return [mark + first, ...rest.map((each) => ' '.repeat(mark.length) + each)];
}

function tableBlock(lines: readonly string[], style: Style): string[] {
  const rows = lines.filter((text) => !/^\|[\s|:-]+\|$/.test(text) || !text.includes('-')).map(cells);
  const [head = [], ...body] = rows;
  const table = tableLines(
    head.map((title) => ({ title })),
    body,
    style,
  );
  return head.every((title) => title === '') ? table.slice(1) : table;
}

const cells = (row: string): string[] =>
  row
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => plainWords(cell.trim().replaceAll('\\|', '|')));

/** Links keep their words, code its text. */
const plainWords = (text: string): string =>
  text
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll('**', '');
