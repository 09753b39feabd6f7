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
  if (isAboutFile(error)) return fileRefusal(error);
  if (!(error instanceof Error) || error.name !== 'LabError' || !('code' in error) || !('hint' in error)) return error;
  const code = String(error.code);
  return isOurs(code) ? new RouterctlError(code, error.message, { hint: String(error.hint), cause: error }) : error;
}

type FileError = NodeJS.ErrnoException & { readonly path: string };

/** A path that was handed in and does not do, which is no bug. */
function isAboutFile(error: unknown): error is FileError {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' && 'syscall' in error && 'code' in error;
}

function fileRefusal(error: FileError): RouterctlError {
  const reads = ['scandir', 'stat', 'lstat', 'read', 'readlink', 'realpath'].includes(error.syscall ?? '');
  const why = { EACCES: 'this user may not', EPERM: 'this user may not', ENOTDIR: 'a part of it is not a directory' }[error.code ?? ''];
  return new RouterctlError(
    reads ? 'FILE_UNREADABLE' : 'FILE_UNWRITABLE',
    `${error.path} cannot be ${reads ? 'read' : 'used'}: ${why ?? error.message}`,
    {
      cause: error,
      hint: 'name a directory of your own, new or empty',
    },
  );
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
