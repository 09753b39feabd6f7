// A reference page on a terminal: headings stand out, paragraphs are broken at the width, code keeps its shape.
import { wrap } from './display-width.js';
import { line, piece, renderLine } from './line.js';
import type { Style } from './style.js';

export function markdownLines(markdown: string, columns: number, style: Style): string[] {
  const whole = Number.POSITIVE_INFINITY;
  const lines: string[] = [];
  let paragraph: string[] = [];
  let inCode = false;
  const flush = (): void => {
    if (paragraph.length === 0) return;
    const [first = ''] = paragraph;
    const hanging = /^( *(?:[-*]|\d+\.) +)/.exec(first)?.[1]?.length ?? 0;
    const [head = '', ...rest] = wrap(paragraph.map((text, index) => (index === 0 ? text : text.trim())).join(' '), columns);
    const broken = rest.length === 0 ? [head] : [head, ...wrap(rest.join(' '), columns - hanging).map((text) => ' '.repeat(hanging) + text)];
    lines.push(...broken.map((text) => renderLine(line(plainWords(text)), whole, style)));
    paragraph = [];
  };
  for (const text of markdown.split('\n')) {
    const heading = /^#+ +(.+)$/.exec(text);
    const kept = inCode || text.startsWith('|');
    if (text.startsWith('```')) {
      flush();
      inCode = !inCode;
    } else if (kept) {
      flush();
      lines.push(renderLine(line(inCode ? `    ${text}` : plainWords(text)), whole, style));
    } else if (heading !== null) {
      flush();
      lines.push(renderLine(line([piece(plainWords(heading[1] ?? ''), 'strong')]), whole, style));
    } else if (text.trim() === '') {
      flush();
      lines.push('');
    } else {
      if (/^ *(?:[-*]|\d+\.) /.test(text)) flush();
      paragraph.push(text);
    }
  }
  flush();
  return lines;
}

/** Links keep their words, code its text. */
const plainWords = (text: string): string => text.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll('`', '').replaceAll('**', '');
