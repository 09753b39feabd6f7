// The reference pages that are shipped beside the program, read when somebody asks; the only reader of docs at run time.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExplainSources, ReferencePage } from '../app/explain.js';

/** The directory that holds package.json: above src/cli in the sources and above dist/src/cli when built. */
function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json')) && dirname(directory) !== directory) directory = dirname(directory);
  return directory;
}

export function readExplainSources(root = packageRoot()): ExplainSources {
  const glossary = join(root, 'docs', 'glossary.md');
  return { pages: readPages(join(root, 'docs', 'reference')), glossary: existsSync(glossary) ? readFileSync(glossary, 'utf8') : '' };
}

function readPages(directory: string): ReferencePage[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map((path) => {
      const folder = relative(directory, dirname(join(directory, path)));
      return { folder, name: basename(path, '.md'), text: readFileSync(join(directory, path), 'utf8') };
    });
}
