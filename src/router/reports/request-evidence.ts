// Whether everything that a request should have left behind is there, section by section: present, not applicable, or missing.
import type { WholeRequest } from './report-questions.js';

export interface EvidenceSection {
  /** The table. */
  readonly name: string;
  readonly status: 'present' | 'not_applicable' | 'missing';
  readonly rows: number;
  readonly expected: number;
}

export interface RequestEvidence {
  readonly requestId: string;
  /** `minimal`: nothing but its usage row, as routers left it before they kept diagnostics. */
  readonly diagnosticCompleteness: 'complete' | 'partial_expected' | 'partial_missing' | 'minimal';
  readonly evidenceSections: readonly EvidenceSection[];
}

export function requestEvidence({ usage, attempts, trace, error, fallbacks }: WholeRequest): RequestEvidence {
  const sections = [
    section('request_usage', 1, 1),
    section('request_attempts', attempts.length, usage.attempts),
    // The first thing and the last thing that happened are always told.
    section('request_trace_events', trace.length, 2),
    section('request_errors', error === null ? 0 : 1, usage.error === null ? 0 : 1),
    section('request_fallback_transitions', fallbacks.length, usage.fallback_used === 1 ? Math.max(1, usage.attempts - 1) : 0),
  ];
  const beside = sections.slice(1);
  const some = (status: EvidenceSection['status']): boolean => beside.some((one) => one.status === status);
  const completeness = beside.every(({ rows }) => rows === 0)
    ? 'minimal'
    : some('missing')
      ? 'partial_missing'
      : some('not_applicable')
        ? 'partial_expected'
        : 'complete';
  return { requestId: usage.request_id, diagnosticCompleteness: completeness, evidenceSections: sections };
}

function section(name: string, rows: number, expected: number): EvidenceSection {
  return { name, status: rows < expected ? 'missing' : expected === 0 && rows === 0 ? 'not_applicable' : 'present', rows, expected };
}
