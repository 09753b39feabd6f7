// Turns a run into its report folder: build, mask, render, scan, sign, write. A report that cannot be signed is still written,
// but where nobody mistakes it for a signed one.
import { join } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import { type Masker, maskJson, type Redactor } from '../core/redaction.js';
import type { RunEvent } from '../core/run-event.js';
import type { Target } from '../core/target.js';
import { buildReport, type ReportEvidence } from '../report/build.js';
import { sha256Hex } from '../report/checksum-list.js';
import type { ReportDocument } from '../report/report-document.js';
import { contentFiles, type NamedFiles } from '../report/report-files.js';
import { openSigner, refuseLeaks, type SigningTools, signContent } from './sign-report.js';

export interface ReportOrder {
  /** The folder to write, normally `<run directory>/report`. */
  readonly directory: string;
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  /** The journal's JSONL export, byte for byte. */
  readonly journalLines: string;
  readonly evidence: Omit<ReportEvidence, 'journal'>;
  readonly signing: Target['signing'] | undefined;
  readonly redactor: Redactor & Partial<Pick<Masker, 'counts'>>;
}

export interface WrittenReport {
  /** Where the files lie: the folder asked for, or `unsigned/` in it. */
  readonly directory: string;
  readonly verdictLine: string;
  readonly signed: boolean;
  readonly report: ReportDocument;
  /** Why a signature that was wanted is missing; the caller's exit code becomes 8 where it would be 0. */
  readonly problem?: { readonly code: string; readonly message: string; readonly hint: string | null; readonly details: readonly string[] };
}

/** Expected failures of signing are in `problem`; throws only when nothing could be written (NO_ROOM, STATE_UNWRITABLE). */
export async function writeReport(tools: SigningTools, order: ReportOrder): Promise<WrittenReport> {
  const { directory, plan, events, journalLines, evidence, signing, redactor } = order;
  const journal = journalFacts(journalLines);
  const counts = redactor.counts?.() ?? {};
  const raw = buildReport(events, plan, { redactionCounts: counts, ...evidence, journal });
  const report = maskJson(raw as unknown as Json, redactor) as unknown as ReportDocument;
  const content = contentFiles(report, journalLines);
  const { verdictLine } = report.result;
  try {
    refuseLeaks(content, redactor);
    if (signing === undefined) {
      await tools.files.write(directory, content, { mode: 0o644 });
      return { directory, verdictLine, signed: false, report };
    }
    const signed = signContent(report, content, await openSigner(tools, signing));
    await tools.files.write(directory, signed, { mode: 0o644 });
    return { directory, verdictLine, signed: true, report };
  } catch (error) {
    if (!(error instanceof RouterctlError) || error.code === 'NO_ROOM' || error.code === 'STATE_UNWRITABLE') throw error;
    await tools.files.write(directory, quarantined(content), { mode: 0o600 });
    const { code, message, hint, details } = error;
    return {
      directory: join(directory, 'unsigned'),
      verdictLine,
      signed: false,
      report,
      problem: { code, message, hint: hint ?? null, details },
    };
  }
}

function journalFacts(lines: string): ReportEvidence['journal'] {
  const texts = lines.split('\n').filter((line) => line !== '');
  return { entries: texts.length, head: texts.length === 0 ? '0'.repeat(64) : sha256Hex(texts.at(-1) ?? '') };
}

function quarantined(content: NamedFiles): NamedFiles {
  return new Map([...content].map(([name, bytes]) => [`unsigned/${name}`, bytes]));
}
