// The pages that readers get, and their blocks.
import { existsSync } from 'node:fs';
import { filesBelow, text } from '../architecture/tree.js';
import { type Block, blocksOf } from './blocks.js';

const top = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

export const pages = (): readonly string[] => [
  ...top.filter((file) => existsSync(file)),
  ...filesBelow('docs').filter((file) => file.endsWith('.md')),
];

export const blocksIn = (languages: readonly string[]): readonly Block[] =>
  pages().flatMap((page) => blocksOf(page, text(page)).filter(({ language }) => languages.includes(language)));
