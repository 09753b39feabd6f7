// A link inside the docs leads somewhere: the file exists, and so does the heading after `#`.
import { existsSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { text } from '../architecture/tree.js';
import { pages } from './pages.js';

const slug = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
const headings = (markdown: string) => [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => slug(heading));

function broken(page: string): readonly string[] {
  const prose = text(page)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
  return links
    .filter((link) => {
      const [path = '', anchor] = link.split('#');
      const file = path === '' ? page : normalize(`${dirname(page)}/${path}`);
      return !existsSync(file) || (anchor !== undefined && file.endsWith('.md') && !headings(text(file)).includes(anchor));
    })
    .map((link) => `${page}: ${link}`);
}

test('every link inside the docs leads somewhere', () => {
  expect(pages().flatMap(broken)).toEqual([]);
});
