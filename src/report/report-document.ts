// The report of a run as data: what `report.json` holds and every renderer draws. JSON, lowerCamelCase, versioned by `schema`.
import type { DiffLine } from '../core/change.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Json } from '../core/json.js';
import type { RunOutcome, Way } from '../core/run-event.js';
import type { VerdictStatus } from '../core/verdict.js';
import type { Availability } from './availability.js';

export const reportSchema = 'routerctl.report/v1';

export type QuestionId = 'run' | 'observed' | 'updated' | 'rolledBack';

export interface TimelineEntry {
  readonly step: string;
  readonly phase: string | null;
  readonly kind: string;
  readonly title: string;
  readonly on: string | null;
  readonly what: 'check' | 'change' | 'revert';
  readonly way: Way;
  readonly required: boolean;
  readonly startedAt: string;
  /** null when the run died, or was left, in the middle of it. */
  readonly endedAt: string | null;
  readonly tookMs: number | null;
  readonly attempts: number;
  readonly status: VerdictStatus | 'done' | 'unchanged' | 'failed' | 'conflict' | 'unfinished';
  readonly summary: string;
  readonly details: readonly string[];
  readonly hint: string | null;
  readonly evidence: Json;
}

export interface Question {
  readonly id: QuestionId;
  readonly title: string;
  /** `inconclusive` when nothing was asked: zero checks never make a pass. */
  readonly status: VerdictStatus;
  readonly answer: string;
  readonly items: readonly { readonly step: string; readonly status: TimelineEntry['status']; readonly summary: string }[];
}

export interface Unproven {
  readonly what: string;
  readonly why: string;
}

export interface ReportDocument {
  readonly schema: typeof reportSchema;
  readonly tool: { readonly name: 'routerctl'; readonly version: string };
  readonly runId: string;
  readonly changeRef: string | null;
  readonly planHash: string;
  readonly playbook: { readonly name: string; readonly title: string; readonly sha256: string };
  readonly inputs: Json;
  readonly target: {
    readonly name: string;
    readonly environment: string;
    readonly host: Json;
    readonly components: readonly { readonly name: string; readonly url: string | null }[];
  };
  readonly people: {
    readonly operator: Json;
    readonly rollbackOwner: string | null;
    readonly approval: Json;
    /** Who answered for the run after whom; the operator is the one who began it. */
    readonly handOvers: readonly { readonly at: string; readonly from: string; readonly to: string }[];
    readonly requests: readonly { readonly at: string; readonly by: string; readonly request: string; readonly reason: string }[];
    readonly notes: readonly { readonly at: string; readonly by: string; readonly text: string }[];
  };
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly release: {
    readonly from: string | null;
    readonly to: string | null;
    readonly artifacts: readonly { readonly name: string; readonly sha256: string }[];
  };
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly result: {
    readonly outcome: RunOutcome | 'unfinished';
    readonly exitCode: ExitCode | null;
    readonly why: string;
    readonly verdictLine: string;
    readonly next: string;
  };
  readonly counts: Readonly<Record<'passed' | 'warned' | 'failed' | 'inconclusive' | 'skipped' | 'waived', number>>;
  readonly questions: readonly Question[];
  readonly phases: readonly { readonly name: string; readonly committed: boolean; readonly entered: boolean }[];
  readonly timeline: readonly TimelineEntry[];
  readonly changes: readonly { readonly step: string; readonly diff: readonly DiffLine[] }[];
  readonly backups: readonly { readonly step: string; readonly proven: boolean; readonly summary: string; readonly evidence: Json }[];
  readonly availability: Availability | null;
  readonly gates: readonly {
    readonly criterion: string;
    readonly when: string;
    readonly then: string;
    readonly why: string;
    readonly met: boolean;
  }[];
  readonly overrides: readonly { readonly rule: string; readonly reason: string; readonly by: string }[];
  readonly rollback: {
    readonly why: string;
    readonly code: string;
    readonly orderedAt: string;
    readonly tookMs: number | null;
    readonly verified: boolean | null;
    readonly failed: readonly string[];
  } | null;
  readonly interruptions: readonly { readonly at: string; readonly what: string }[];
  readonly unproven: readonly Unproven[];
  readonly leftovers: readonly string[];
  readonly journal: { readonly entries: number; readonly head: string; readonly sealed: boolean };
  readonly previousReport: { readonly runId: string; readonly sha256: string } | null;
  readonly redaction: { readonly rulesVersion: number; readonly counts: Readonly<Record<string, number>> };
}
