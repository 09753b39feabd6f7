// Verifies a report folder against the reader's own trust files.
import type { ReportFiles } from '../core/ports/report-files.js';
import { type Verification, verifyReport } from '../report/verify.js';
import { readTrust, type TrustPaths } from './sign-report.js';

/** Throws FILE_MISSING and the like when the folder or the trust files cannot be read. */
export async function verifyReportFolder(files: ReportFiles, directory: string, trust: TrustPaths): Promise<Verification> {
  return verifyReport(await files.read(directory), await readTrust(files, trust));
}
