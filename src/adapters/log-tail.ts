// The last lines of a log file, for the evidence of a start that failed.
import { readFile } from 'node:fs/promises';
import { statOrNull } from './durable-file.js';

const readableBytes = 16 * 1024 * 1024;

/** Empty where there is no file, or one too large to be read for a few lines. */
export async function fileTail(path: string, lines: number): Promise<readonly string[]> {
  const facts = await statOrNull(path);
  if (facts?.isFile() !== true || facts.size > readableBytes) return [];
  return lastLines(await readFile(path, 'utf8'), lines);
}

export const lastLines = (text: string, lines: number): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .slice(-lines);
