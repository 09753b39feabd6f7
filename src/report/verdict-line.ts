// The one line that everybody reads, and what to do next. It claims no more than the outcome of the journal supports.
import type { ReportDocument } from './report-document.js';

export interface Ending {
  readonly outcome: ReportDocument['result']['outcome'];
  readonly target: string;
  readonly host: string | null;
  readonly runId: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly serving: string | null;
  readonly changing: boolean;
  /** The new version counts as bad here from now on. */
  readonly markedBad: boolean;
}

export function verdictLine(ending: Ending): string {
  const where = ending.host === null ? ending.target : `${ending.target} @ ${ending.host}`;
  const serves = (version: string | null): string => (version === null ? where : `${where} serves ${version}`);
  switch (ending.outcome) {
    case 'upgraded':
      return `UPGRADED, VERIFIED: ${serves(ending.serving ?? ending.to)}`;
    case 'rolled-back':
      return `ROLLED BACK, VERIFIED: ${serves(ending.serving ?? ending.from)}`;
    case 'passed':
      return `PASSED: ${where}`;
    case 'failed':
      return `FAILED: ${where}${ending.changing ? '; nothing was changed' : ''}`;
    case 'unmeasured':
      return `NOT MEASURED: ${where}${ending.changing ? '; nothing was changed' : ''}`;
    case 'rollback-failed':
      return `A PERSON IS NEEDED: ${where}; the rollback failed or could not be verified`;
    case 'kept':
      return `KEPT, NOT PROVEN: ${where}; the change stays although something required did not pass`;
    case 'interrupted':
      return `INTERRUPTED: ${where}; nothing was changed`;
    case 'unfinished':
      return `UNFINISHED: ${where}; the journal has no end`;
  }
}

export function nextStep(ending: Ending): string {
  switch (ending.outcome) {
    case 'upgraded':
      return 'nothing; the rollback data is kept until cleanup';
    case 'passed':
      return 'nothing';
    case 'rolled-back':
      return ending.to === null || !ending.markedBad
        ? 'nothing; the old version serves'
        : `nothing tonight; ${ending.to} is marked bad here, lift with: routerctl upgrade --despite-bad "reason"`;
    case 'failed':
      return 'repair what failed, then run the same command again';
    case 'unmeasured':
      return 'make the router reachable, then run the same command again';
    case 'rollback-failed':
      return 'follow ROLLBACK.md of the run, then: routerctl smoke';
    case 'kept':
      return `decide: leave it, or take it back with: routerctl rollback ${ending.runId}`;
    case 'interrupted':
      return 'run the same command again';
    case 'unfinished':
      return `routerctl run attach ${ending.runId} if it still goes on, else: routerctl resume ${ending.runId}`;
  }
}
