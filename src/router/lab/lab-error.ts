// A refusal of a lab command that a person can act on. `code` is one of the command line's own error codes, which the commands pass on.

export type LabErrorCode = 'USAGE' | 'FILE_EXISTS' | 'FILE_MISSING' | 'FILE_UNREADABLE' | 'NOT_PERMITTED' | 'UNREACHABLE';

export class LabError extends Error {
  readonly code: LabErrorCode;
  readonly hint: string;

  constructor(code: LabErrorCode, message: string, hint: string) {
    super(message);
    this.name = 'LabError';
    this.code = code;
    this.hint = hint;
  }
}
