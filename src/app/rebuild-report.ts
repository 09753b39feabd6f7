// Builds the report of a run again from its folder: of one that died before it could, or whose report could not be signed.
import type { Json } from '../core/json.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import { availabilityOf } from '../report/availability.js';
import { type WrittenReport, writeReport } from './build-report.js';
import { readSecrets, registerFileSecrets } from './known-secrets.js';
import { previousReport } from './previous-report.js';
import { PROBE_EVERY_MS, probeSpans, probeStartsMs } from './probe-run.js';
import type { Shell } from './shell.js';
import type { SigningTools } from './sign-report.js';

/** Throws RUN_UNKNOWN and JOURNAL_DAMAGED; what keeps it from being signed is in `problem`. */
export async function rebuildReport(shell: Shell, tools: SigningTools, run: string, out?: string): Promise<WrittenReport> {
  const folder = shell.folders.find(run);
  const plan = folder.plan();
  const unreadable = await learnSecrets(shell, folder);
  const journal = shell.readJournal(folder);
  try {
    const events = journal.read();
    const { approval, window } = folder.order();
    const samples = shell.probeLog(folder).read().lines;
    const evidence = {
      approval: approval as Json,
      window,
      availability: availabilityOf(samples, PROBE_EVERY_MS, probeStartsMs(events), probeSpans(events, Date.parse(events.at(-1)?.ts ?? ''))),
      previousReport: await previousReport(shell, plan, events.at(-1)?.ts ?? ''),
    };
    const blind = unreadable.length > 0;
    const written = await writeReport(
      { ...tools, secrets: shell.ports(plan.target.root).secrets },
      {
        directory: out ?? folder.reportDirectory(),
        plan,
        events,
        journalLines: journal.exportLines(),
        evidence,
        // a leak gate that does not know the secrets cannot find them
        signing: blind ? undefined : plan.target.signing,
        redactor: shell.redactor,
      },
    );
    if (!blind || plan.target.signing === undefined) return written;
    const problem = {
      code: 'SECRET_UNREADABLE',
      message: 'the report was not signed: secrets that it must not hold cannot be read here',
      hint: 'make them readable, then run the same command again',
      details: unreadable,
    };
    return { ...written, problem };
  } finally {
    journal.close();
  }
}

/** Everything that must not leave is known to the redactor afterwards, except what is returned. */
export async function learnSecrets(shell: Shell, folder: RunFolder): Promise<readonly string[]> {
  const { target } = folder.plan();
  const ports = shell.ports(target.root);
  await registerFileSecrets(target, ports, shell.redactor);
  return readSecrets(target, ports);
}
