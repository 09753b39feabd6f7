// What a process really runs: the script when its executable is an interpreter, else the executable itself.
// Answers null rather than guess when a link on the way was repointed, or the file edited, after the process had started.
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { procArguments, procLink, startedAtMs } from './proc.js';

const interpreters = /^(node|nodejs|bun|deno|python[\d.]*|pypy[\d.]*|ruby[\d.]*|perl[\d.]*|php[\d.]*|sh|dash|bash|busybox|ksh|zsh)$/;
/** Start times are known to a hundredth of a second. */
const roundingMs = 50;

export const isInterpreter = (program: string): boolean => interpreters.test(basename(program));

/** Index of the script in argv: the first word after the interpreter that is not an option; -1 without one. */
export function scriptIndex(argv: readonly string[]): number {
  return argv.findIndex((word, index) => index > 0 && !word.startsWith('-'));
}

export async function runningProgram(pid: number, startTicks: number): Promise<{ readonly path: string; readonly sha256: string } | null> {
  try {
    const executable = procLink(pid, 'exe') ?? '';
    // /proc/<pid>/exe opens the running file even after it was deleted or replaced on disk.
    if (!isInterpreter(executable)) return { path: executable, sha256: await digest(`/proc/${pid}/exe`) };
    const argv = procArguments(pid);
    const script = argv[scriptIndex(argv)];
    const directory = procLink(pid, 'cwd');
    if (script === undefined || directory === null) return null;
    const path = isAbsolute(script) ? script : join(directory, script);
    const limitMs = startedAtMs(startTicks) + roundingMs;
    if (linkChangedSince(path, limitMs) || statSync(path).mtimeMs > limitMs) return null;
    const resolved = realpathSync(path);
    return { path: resolved, sha256: await digest(resolved) };
  } catch {
    return null;
  }
}

function linkChangedSince(path: string, limitMs: number): boolean {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const facts = lstatSync(at);
    if (facts.isSymbolicLink() && facts.ctimeMs > limitMs) return true;
  }
  return false;
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
