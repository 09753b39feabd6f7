// The files of the project as the architecture tests see them: paths from the root, sorted, without what is built or fetched.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const skipped = new Set(['node_modules', 'dist', 'coverage']);

/** Every file below `folder`; nothing when there is no such folder. */
export function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !skipped.has(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]))
    .sort();
}

/** Names in `folder` (not below) that end with `ending`, without it. */
export function stems(folder: string, ending: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

export const sources = (): readonly string[] => [...filesBelow('src'), ...filesBelow('checks')].filter((file) => file.endsWith('.ts'));
export const testSources = (): readonly string[] => filesBelow('test').filter((file) => file.endsWith('.ts'));
export const text = (file: string): string => readFileSync(file, 'utf8');
