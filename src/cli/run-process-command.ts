// A command that is a process of a run: it ends when its work is over, whatever was begun and not waited for. A runner that lingered
// would keep its lease, and an act that ignored its time limit would go on acting beside the successor that it keeps waiting.

import { RouterctlError } from '../core/errors.js';
import type { ExitCode } from '../core/exit-code.js';
import { BaseCommand } from './base-command.js';

export abstract class RunProcessCommand extends BaseCommand {
  protected override end(exitCode: ExitCode, error: unknown): void {
    // An orderly exit waits for what a thread has begun on the file system: with an act that hangs there it would never come.
    if (error !== null && !(error instanceof RouterctlError)) process.kill(process.pid, 'SIGKILL');
    process.exit(exitCode);
  }
}
