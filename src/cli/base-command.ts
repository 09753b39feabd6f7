// What every command shares: the global flags, one place that prints results, and one that turns errors into words and exit codes.
// oclif's own handling gives a JSON failure another exit code than the same failure in text, so `catch` decides here for both.
import { Command, Errors, Flags } from '@oclif/core';
import { RouterctlError } from '../core/errors.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Json } from '../core/json.js';
import { printJson, printProgress, printResult } from './print.js';

/** What a command hands back: text for people on stdout, one document for `--json`, and the exit code for both. */
export interface CommandResult {
  readonly exitCode: ExitCode;
  readonly text: readonly string[];
  readonly json: Json;
}

export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ description: 'print one JSON document on stdout', helpGroup: 'GLOBAL' }),
    quiet: Flags.boolean({ char: 'q', description: 'print results only, no progress', helpGroup: 'GLOBAL' }),
    verbose: Flags.boolean({ char: 'v', description: 'print every step and detail', helpGroup: 'GLOBAL' }),
    config: Flags.string({ description: 'routerctl.yaml to use (default: searched upwards, then XDG)', helpGroup: 'GLOBAL' }),
    target: Flags.string({ char: 't', description: 'target of the config (default: the only one)', helpGroup: 'GLOBAL' }),
  };

  protected abstract perform(): Promise<CommandResult>;

  async run(): Promise<void> {
    const result = await this.perform();
    if (this.wantsJson()) printJson(result.json);
    else for (const line of result.text) printResult(line);
    this.end(result.exitCode, null);
  }

  protected override async catch(error: unknown): Promise<void> {
    const failure = describeFailure(error);
    if (this.wantsJson()) {
      const { exitCode, code, message, hint, details } = failure;
      printJson({ error: { code, message, hint: hint ?? null, details }, exitCode });
    } else printFailure(failure);
    this.end(failure.exitCode, error);
  }

  /** The last thing that a command does, `error` null when it did its work. The process ends when nothing is under way any more. */
  protected end(exitCode: ExitCode, _error: unknown): void {
    process.exitCode = exitCode;
  }

  protected wantsJson(): boolean {
    return this.argv.includes('--json');
  }
}

function printFailure(failure: Failure): void {
  const lines = [`error: ${failure.message}`, ...failure.details.map((line) => `  ${line}`)];
  if (failure.hint !== undefined) lines.push(`  hint: ${failure.hint}`);
  if (failure.stack !== undefined) lines.push(failure.stack);
  printProgress(lines.join('\n'));
}

interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly stack: string | undefined;
}

function describeFailure(error: unknown): Failure {
  if (error instanceof RouterctlError) {
    const { exitCode, code, message, hint, details } = error;
    return { exitCode, code, message, hint, details, stack: code === 'SECRET_IN_JOURNAL' ? error.stack : undefined };
  }
  if (error instanceof Errors.CLIError) {
    const message = usageMessage(error.message);
    return { exitCode: 2, code: 'USAGE', message, hint: 'add --help to see flags and examples', details: [], stack: undefined };
  }
  const bug = error instanceof Error ? error : new Error(String(error));
  const hint = 'this is a bug in routerctl; where a run is under way, its journal and ROLLBACK.md say how it stands: routerctl run list';
  return { exitCode: 1, code: 'BUG', message: bug.message, hint, details: [], stack: bug.stack };
}

/** oclif lists what is missing on lines of their own, and then refers to its help. */
function usageMessage(text: string): string {
  const [first = 'wrong usage', ...rest] = text.split('\n').map((line) => line.trim().replace(/ {2,}/g, ': '));
  const listed = rest.filter((line) => line !== '' && !line.startsWith('See more help'));
  return first.endsWith(':') ? `${first} ${listed.join(', ')}` : first;
}
