// Secrets by reference on this machine. A value is registered with the redactor before anyone else sees it.
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import { isPlaceholderToken } from '../core/placeholders.js';
import type { Secrets } from '../core/ports/secrets.js';
import type { Redactor } from '../core/redaction.js';
import type { SecretReference } from '../core/target.js';
import { errno } from './durable-file.js';

export interface SecretsNodeOptions {
  readonly redactor: Redactor;
  /** Relative `file:` references start here (the directory of routerctl.yaml). */
  readonly baseDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const commandTimeoutMs = 10_000;

export function secretsNode(options: SecretsNodeOptions): Secrets {
  return {
    read: async (reference) => {
      const value = (await resolveReference(reference, options)).replace(/\r?\n$/, '');
      if (value === '') throw unreadable(reference, 'is empty', 'put the value there, or correct the reference');
      if (isPlaceholderToken(value))
        throw unreadable(reference, 'holds the placeholder of a guide, not a token', 'put the token of a caller there');
      options.redactor.register(value, reference.startsWith('command:') ? 'command' : reference);
      return value;
    },
  };
}

const unreadable = (reference: string, problem: string, hint: string): RouterctlError =>
  new RouterctlError('SECRET_UNREADABLE', `the secret ${reference} ${problem}`, { hint });

async function resolveReference(reference: SecretReference, options: SecretsNodeOptions): Promise<string> {
  const rest = reference.slice(reference.indexOf(':') + 1);
  if (reference.startsWith('env:')) {
    const value = options.environment[rest];
    if (value === undefined)
      throw unreadable(
        reference,
        'is not set in the environment',
        `set the variable ${rest}; a guard outlives your shell and needs file: or command: instead`,
      );
    return value;
  }
  if (reference.startsWith('file:')) return await fromFile(reference, resolve(options.baseDirectory, rest));
  return await fromCommand(reference, rest, options);
}

async function fromFile(reference: string, path: string): Promise<string> {
  try {
    const facts = await stat(path);
    if ((facts.mode & 0o077) !== 0)
      throw unreadable(reference, `can be read by others (mode ${(facts.mode & 0o777).toString(8)})`, `chmod 600 ${path}`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof RouterctlError) throw error;
    if (errno(error) === 'ENOENT')
      throw unreadable(reference, `does not exist (${path})`, 'create it with mode 600, or correct the reference');
    throw unreadable(reference, `cannot be read (${errno(error)} at ${path})`, 'make it readable for this user alone');
  }
}

async function fromCommand(reference: string, text: string, options: SecretsNodeOptions): Promise<string> {
  const [program, ...rest] = argvOf(reference, text);
  const { environment } = options;
  const allowed = ['PATH', 'HOME', 'LANG'].flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]));
  return await new Promise((done, failed) => {
    const settings = {
      env: Object.fromEntries(allowed) as Record<string, string>,
      timeout: commandTimeoutMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 65_536,
    };
    execFile(program, rest, settings, (error, stdout) => {
      if (error === null) return done(stdout);
      // The command's own output may hold the secret, so that nothing of it is repeated.
      const how = error.killed === true ? 'took longer than 10 s' : `failed (${String(error.code ?? error.signal)})`;
      failed(unreadable(reference, how, 'run the command by hand, with only PATH, HOME and LANG set, and see what it says'));
    });
  });
}

function argvOf(reference: string, text: string): [string, ...string[]] {
  try {
    const argv: unknown = JSON.parse(text);
    if (Array.isArray(argv) && argv.every((part): part is string => typeof part === 'string')) {
      const [program, ...rest] = argv;
      if (program !== undefined) return [program, ...rest];
    }
  } catch {
    // Falls through to the one message that covers every malformed list.
  }
  throw unreadable(reference, 'is not a list of words', 'write it as command:["program", "argument"]');
}
