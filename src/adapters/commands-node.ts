// Operator hooks on this machine. The group is on record before the program runs, and nothing of it is left behind.
import type { Readable } from 'node:stream';
import { RouterctlError } from '../core/errors.js';
import type { CommandOutcome, Commands } from '../core/ports/commands.js';
import type { Redactor } from '../core/redaction.js';
import { spawnGated } from './gated-child.js';
import { endGroup, type ProcessGroup } from './process-group.js';

export interface CommandsNodeOptions {
  readonly redactor: Redactor;
  /** Must have recorded the group durably when it resolves; only then does the program start. */
  readonly onGroup: (group: ProcessGroup, argv: readonly string[]) => Promise<void>;
  readonly host?: string;
}

const capBytes = 64 * 1024;

export function commandsNode({ redactor, onGroup, host = 'local' }: CommandsNodeOptions): Commands {
  return {
    host,
    run: async (argv, options): Promise<CommandOutcome> => {
      if (argv[0] === undefined || argv[0].startsWith('-'))
        throw new RouterctlError('USAGE', `a command needs a program as its first word, not ${JSON.stringify(argv[0] ?? '')}`);
      const environment = { ...inherited(), ...options.environment };
      const { directory = '/', input } = options;
      const gated = await spawnGated(argv, { directory, environment, stdout: 'pipe', stderr: 'pipe', input });
      const group = { pgid: gated.identity.pid, startTicks: gated.identity.startTicks };
      const output = { stdout: capture(gated.child.stdout), stderr: capture(gated.child.stderr) };
      const ended = new Promise<{ code: number | null; signal: string | null }>((done, failed) => {
        gated.child.once('exit', (code, signal) => {
          // What the program left running in its group must not go on acting behind our back.
          endGroup(group).then(() => done({ code, signal }), failed);
        });
      });
      try {
        await onGroup(group, argv);
      } catch (error) {
        gated.withdraw();
        await ended;
        throw error;
      }
      gated.open();
      const { timedOut, code, signal } = await limited(group, ended, options);
      const text = (bytes: Buffer) => cut(redactor.mask(bytes.toString('utf8')));
      return { exitCode: code, signal, timedOut, stdout: text(output.stdout()), stderr: text(output.stderr()) };
    },
  };
}

/** What a child of routerctl gets of our own environment: nothing that could carry a secret. */
export function inherited(): Record<string, string> {
  const entries = ['PATH', 'HOME', 'LANG'].flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...Object.fromEntries(entries) };
}

async function limited(
  group: ProcessGroup,
  ended: Promise<{ code: number | null; signal: string | null }>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<{ timedOut: boolean; code: number | null; signal: string | null }> {
  let timedOut = false;
  let refused: (error: unknown) => void = () => undefined;
  // A program that became another user is waited for no longer than it may be ended.
  const notEnded = new Promise<never>((_done, failed) => {
    refused = failed;
  });
  const stop = () => void endGroup(group).catch(refused);
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  try {
    return { ...(await Promise.race([ended, notEnded])), timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Keeps a little more than the cap, so that a secret across the cut is masked whole before the text is shortened. */
function capture(stream: Readable | null): () => Buffer {
  const kept: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (bytes < capBytes + 8192) kept.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(kept).subarray(0, capBytes + 8192);
}

const cut = (text: string): string =>
  Buffer.byteLength(text) <= capBytes ? text : Buffer.from(text).subarray(0, capBytes).toString('utf8');
