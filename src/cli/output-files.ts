// `-o FORMAT=FILE`: copies of the parts of a run's report, put where CI looks for them.
import { dirname, join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import type { Shell } from '../app/shell.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';

const parts = { junit: 'junit.xml', json: 'report.json', markdown: 'report.md', html: 'report.html' } as const;
type Format = keyof typeof parts;

export interface OutputFile {
  readonly format: Format;
  readonly path: string;
}

export const outputFlag = Flags.string({
  char: 'o',
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'FORMAT=FILE',
  description: `write a part of the report there as well: ${Object.keys(parts).join(', ')}`,
});

/** Asked before anything runs, so that a report is not lost to a slip of the pen. Throws USAGE, FILE_MISSING. */
export async function outputFiles(shell: Shell, given: readonly string[] | undefined): Promise<readonly OutputFile[]> {
  const files = (given ?? []).map(outputFile);
  for (const { path } of files) {
    if ((await shell.ports(shell.stateDirectory).on('local').files.stat(dirname(path))) === null)
      throw new RouterctlError('FILE_MISSING', `the directory of ${path} does not exist`, { hint: `mkdir -p ${dirname(path)}` });
  }
  return files;
}

function outputFile(text: string): OutputFile {
  const [format = '', ...rest] = text.split('=');
  const path = rest.join('=');
  if (isFormat(format) && path !== '') return { format, path: resolve(path) };
  throw new RouterctlError('USAGE', `-o ${text} is not FORMAT=FILE`, {
    hint: `for example -o junit=report.xml; formats: ${Object.keys(parts).join(', ')}`,
  });
}

function isFormat(word: string): word is Format {
  return Object.hasOwn(parts, word);
}

/** `ended` is what a run ended with, as JSON; a run that was left has no report yet, and no file is written. */
export async function writeOutputs(shell: Shell, files: readonly OutputFile[], ended: Json): Promise<void> {
  const directory = reportDirectory(ended);
  if (directory === null) return;
  const host = shell.ports(shell.stateDirectory).on('local');
  for (const { format, path } of files) {
    const content = await host.files.read(join(directory, parts[format]), { maxBytes: 256 * 1024 * 1024 });
    await host.acts.files.replace(path, content, { mode: 0o644 });
  }
}

function reportDirectory(ended: Json): string | null {
  const report = ended !== null && typeof ended === 'object' && 'report' in ended ? ended['report'] : null;
  const directory = report !== null && typeof report === 'object' && 'directory' in report ? report['directory'] : null;
  return typeof directory === 'string' ? directory : null;
}
