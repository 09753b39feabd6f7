// How a change is closed in the words of change management, from what the run proved.
import type { ReportDocument } from './report-document.js';

export type CloseCode = 'successful' | 'successful with issues' | 'backed out' | 'failed';

/** null while the run has not ended. */
export function closeCode({ result, counts, overrides, interruptions }: ReportDocument, exitCode: number | null): CloseCode | null {
  switch (result.outcome) {
    case 'upgraded':
    case 'passed': {
      const issues = exitCode !== 0 || counts.warned + counts.waived + overrides.length + interruptions.length > 0;
      return issues ? 'successful with issues' : 'successful';
    }
    case 'kept':
      return 'successful with issues';
    case 'rolled-back':
      return 'backed out';
    case 'failed':
    case 'unmeasured':
    case 'interrupted':
    case 'rollback-failed':
      return 'failed';
    case 'unfinished':
      return null;
  }
}
