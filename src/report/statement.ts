// What gets attested: in-toto statements about a run. One of our own kind says what happened; one of the vetted kind
// `test-result` says about an artifact what policy engines understand.
import type { Json } from '../core/json.js';
import { sha256Hex } from './checksum-list.js';
import type { ReportDocument, TimelineEntry } from './report-document.js';

export const statementType = 'https://in-toto.io/Statement/v1';
export const deploymentReportType = 'https://routerctl.dev/attestation/deployment-report/v1';
export const testResultType = 'https://in-toto.io/attestation/test-result/v0.1';

type AttestedResult = 'PASSED' | 'WARNED' | 'FAILED' | 'ROLLED_BACK' | 'ABORTED';

const resultOf: Readonly<Record<ReportDocument['result']['outcome'], AttestedResult>> = {
  upgraded: 'PASSED',
  passed: 'PASSED',
  'rolled-back': 'ROLLED_BACK',
  failed: 'FAILED',
  unmeasured: 'FAILED',
  'rollback-failed': 'FAILED',
  kept: 'FAILED',
  interrupted: 'ABORTED',
  unfinished: 'ABORTED',
};

/** Subjects: every file of the report, by name and digest. */
export function deploymentStatement(report: ReportDocument, files: ReadonlyMap<string, Uint8Array>): string {
  const { tool, target, release, result, counts, journal, playbook } = report;
  return JSON.stringify({
    _type: statementType,
    subject: [...files].map(([name, bytes]) => ({ name, digest: { sha256: sha256Hex(bytes) } })),
    predicateType: deploymentReportType,
    predicate: {
      schemaVersion: 1,
      tool: { ...tool, digest: null },
      run: {
        id: report.runId,
        command: playbook.name,
        startedAt: report.startedAt,
        finishedAt: report.finishedAt,
        exitCode: result.exitCode,
      },
      target: { name: target.name, baseUrlHash: sha256Hex(target.components.map(({ url }) => url ?? '').join('\n')) },
      release: {
        from: { version: release.from },
        to: { version: release.to, artifacts: release.artifacts.map(({ name, sha256 }) => ({ name, digest: { sha256 } })) },
      },
      result: attestedResult(report),
      checks: counts,
      configuration: configurationOf(report),
      journal,
      redaction: report.redaction,
      previousReport: report.previousReport,
      unverified: report.unproven.map(({ what, why }) => `${what}: ${why}`),
    },
  });
}

/** null when the run knows no artifact digest: a statement must be about something. */
export function readinessStatement(report: ReportDocument): string | null {
  const { artifacts } = report.release;
  if (artifacts.length === 0) return null;
  const latest = new Map(
    report.timeline.filter(({ what, way }) => what === 'check' && way === 'forward').map((entry) => [entry.step, entry.status]),
  );
  const named = (...statuses: readonly TimelineEntry['status'][]): string[] =>
    [...latest].filter(([, status]) => statuses.includes(status)).map(([step]) => step);
  const attested = attestedResult(report);
  return JSON.stringify({
    _type: statementType,
    subject: artifacts.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: testResultType,
    predicate: {
      result: attested === 'PASSED' || attested === 'WARNED' ? attested : 'FAILED',
      configuration: configurationOf(report),
      passedTests: named('pass'),
      warnedTests: named('warn', 'waived'),
      failedTests: named('fail', 'inconclusive', 'unfinished'),
    },
  });
}

function attestedResult({ result, counts }: ReportDocument): AttestedResult {
  const attested = resultOf[result.outcome];
  return attested === 'PASSED' && counts.warned + counts.waived > 0 ? 'WARNED' : attested;
}

function configurationOf({ playbook, planHash }: ReportDocument): Json {
  return [
    { name: `playbook ${playbook.name}`, digest: { sha256: playbook.sha256 } },
    { name: 'plan', digest: { sha256: planHash } },
  ];
}
