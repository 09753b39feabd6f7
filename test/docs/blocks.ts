// The fenced blocks of a Markdown page, each with its language, its line, and the HTML comment right above it, if any.
export interface Block {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What stands in `<!-- … -->` on the line above; empty when nothing does. */
  readonly mark: string;
}

export function blocksOf(page: string, markdown: string): readonly Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const open = /^(\s*)```(\w*)\s*$/.exec(lines[at] ?? '');
    if (open === null) continue;
    const close = lines.findIndex((line, index) => index > at && line.trim() === '```');
    if (close === -1) throw new Error(`${page}:${at + 1}: a block that never ends`);
    const [, indent = '', language = ''] = open;
    const text = lines.slice(at + 1, close).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const above = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '';
    blocks.push({ page, line: at + 1, language, text: `${text.join('\n')}\n`, mark: /^\s*<!-- (.*) -->\s*$/.exec(above)?.[1] ?? '' });
    at = close;
  }
  return blocks;
}
