// Signs the report of a known run later. The run is needed, not only the files: its target says which secrets to look for.
import { RouterctlError } from '../core/errors.js';
import { learnSecrets } from './rebuild-report.js';
import type { Shell } from './shell.js';
import { readReport } from './show-report.js';
import type { Signing, SigningTools } from './sign-report.js';
import { signReportFolder } from './sign-report-folder.js';

/** Returns the signed folder. Throws RUN_UNKNOWN, SECRET_UNREADABLE, LEAK_FOUND, KEY_*, REPORT_UNTRUSTED, USAGE. */
export async function signRunReport(shell: Shell, tools: SigningTools, directory: string, given: Signing | null): Promise<string> {
  const { runId } = await readReport(tools.files, directory);
  const folder = shell.folders.find(runId);
  const signing = given ?? folder.plan().target.signing;
  if (signing === undefined)
    throw new RouterctlError('USAGE', `the target of run ${runId} names no signing key`, {
      hint: 'give --key, --identity and --allowed-signers',
    });
  const unreadable = await learnSecrets(shell, folder);
  if (unreadable.length > 0)
    throw new RouterctlError('SECRET_UNREADABLE', 'secrets that the report must not hold cannot be read here', {
      hint: 'make them readable, then run the same command again',
      details: unreadable,
    });
  const secrets = given === null ? shell.ports(folder.plan().target.root).secrets : tools.secrets;
  return signReportFolder({ ...tools, secrets }, directory, signing, shell.redactor);
}
