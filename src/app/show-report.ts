// Reads the report of a folder, signed or not, for people who want to see it again.
import { join } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { ReportFiles } from '../core/ports/report-files.js';
import { renderText } from '../report/render-text.js';
import { type ReportDocument, reportSchema } from '../report/report-document.js';

export interface ShownReport {
  readonly report: ReportDocument;
  readonly text: readonly string[];
  /** Said with the text: showing is not verifying. */
  readonly signed: boolean;
}

export async function showReport(files: ReportFiles, directory: string): Promise<ShownReport> {
  const report = await readReport(files, directory);
  const signed = await files.exists(join(directory, 'SHA256SUMS.sig'));
  const note = signed ? `signed; to verify it: routerctl report verify ${directory} --allowed-signers FILE` : 'not signed';
  return { report, signed, text: [...renderText(report), '', ` ${note}`] };
}

/** Throws FILE_MISSING, or REPORT_UNTRUSTED when the file is not a report of this version. */
export async function readReport(files: ReportFiles, directory: string): Promise<ReportDocument> {
  const path = join(directory, 'report.json');
  let value: unknown;
  try {
    value = JSON.parse(await files.readText(path));
  } catch (cause) {
    if (cause instanceof RouterctlError) throw cause;
    throw new RouterctlError('REPORT_UNTRUSTED', `${path} is not JSON`, { cause });
  }
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : null;
  if (schema !== reportSchema)
    throw new RouterctlError('REPORT_UNTRUSTED', `${path} is not a ${reportSchema}`, {
      hint: 'it may have been written by another version of routerctl',
    });
  return value as ReportDocument;
}
