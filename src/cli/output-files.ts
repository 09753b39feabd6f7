// `-o FORMAT=FILE`: copies of the parts of a run's report, put where CI looks for them.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import type { Shell } from '../app/shell.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { printProgress } from './print.js';

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

/** Asked before anything runs, so that a report is not lost to a slip of the pen. Throws USAGE, FILE_MISSING, FILE_UNWRITABLE. */
export async function outputFiles(shell: Shell, given: readonly string[] | undefined): Promise<readonly OutputFile[]> {
  const files = (given ?? []).map(outputFile);
  for (const { path } of files) await refuseUnwritable(shell, path);
  return files;
}

async function refuseUnwritable(shell: Shell, path: string): Promise<void> {
  const directory = dirname(path);
  const parent = await stat(directory).catch(() => null);
  if (parent === null)
    throw new RouterctlError('FILE_MISSING', `the directory of ${path} does not exist`, { hint: `mkdir -p ${directory}` });
  if (!parent.isDirectory())
    throw new RouterctlError('FILE_UNWRITABLE', `${path} cannot be written: ${directory} is not a directory`, {
      hint: 'name a file in a directory that is there',
    });
  try {
    // The file is written aside and renamed: that takes the directory, whatever the old file allows.
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new RouterctlError('FILE_UNWRITABLE', `${path} cannot be written: this user may not write in ${directory}`, {
      hint: 'name a file in a directory that may be written',
      cause,
    });
  }
  const there = await shell.ports(shell.stateDirectory).on('local').files.stat(path);
  if (there === null || there.kind === 'file') return;
  const what = there.kind === 'directory' ? 'a directory' : 'not an ordinary file';
  const hint = there.kind === 'directory' ? `name a file in it, for example ${join(path, 'report.xml')}` : 'name an ordinary file';
  throw new RouterctlError('FILE_UNWRITABLE', `${path} cannot be written: it is ${what}`, { hint });
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

/**
 * `ended` is what a run ended with, as JSON; a run that was left has no report yet, and no file is written. What cannot be written is
 * said on stderr and nothing more: the exit code tells what became of the deployment.
 */
export async function writeOutputs(shell: Shell, files: readonly OutputFile[], ended: Json): Promise<void> {
  const directory = reportDirectory(ended);
  if (directory === null) return;
  const host = shell.ports(shell.stateDirectory).on('local');
  for (const { format, path } of files) {
    const part = join(directory, parts[format]);
    try {
      const content = await host.files.read(part, { maxBytes: 256 * 1024 * 1024 });
      await host.acts.files.replace(path, content, { mode: 0o644 });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      printProgress(`NOT written: -o ${format}=${path}: ${why}\n  hint: it is part of the report: cp ${part} FILE`);
    }
  }
}

function reportDirectory(ended: Json): string | null {
  const report = ended !== null && typeof ended === 'object' && 'report' in ended ? ended['report'] : null;
  const directory = report !== null && typeof report === 'object' && 'directory' in report ? report['directory'] : null;
  return typeof directory === 'string' ? directory : null;
}
