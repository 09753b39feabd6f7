// What the lab commands share: a refusal of the lab, which knows nothing of routerctl, becomes one of our own with the same code.

import { type ErrorCode, errorCatalogue, RouterctlError } from '../core/errors.js';
import { BaseCommand, type CommandResult } from './base-command.js';

export abstract class LabCommand extends BaseCommand {
  protected abstract practise(): Promise<CommandResult>;

  protected override async perform(): Promise<CommandResult> {
    try {
      return await this.practise();
    } catch (error) {
      throw asOurs(error);
    }
  }
}

function asOurs(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'LabError' || !('code' in error) || !('hint' in error)) return error;
  const code = String(error.code);
  return isOurs(code) ? new RouterctlError(code, error.message, { hint: String(error.hint), cause: error }) : error;
}

function isOurs(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalogue, code);
}

/** Aborted by the first SIGINT or SIGTERM, which then do nothing else. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort());
  return controller.signal;
}
