// The file of reviewed false positives: one finding a line, `<sha256 of the finding>  <path in the package>  <reason>`.
// Plain text, so that it diffs well and needs no parser; a reason is required, because somebody answers for it.
import { RouterctlError } from '../../src/core/errors.js';

export interface Reviewed {
  readonly sha256: string;
  readonly path: string;
}

export function reviewedFindings(text: string, fileName: string): readonly Reviewed[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const [, sha256, path] = /^([0-9a-f]{64}) {2}(\S+) {2}\s*(\S.*)$/.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) {
      throw new RouterctlError('INPUT_INVALID', `${fileName}:${index + 1}: not "<sha256>  <path>  <reason>" with two spaces between`, {
        hint: 'The package check prints the line to copy; write the reason behind it.',
      });
    }
    return [{ sha256, path }];
  });
}
