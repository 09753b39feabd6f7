// Puts a notifier beside a run whose target asks for one. Whatever hinders it is a note on record, and the run goes on.
import { RouterctlError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import type { Journal } from '../core/ports/journal.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { ProcessIdentity } from '../core/ports/service-processes.js';
import type { RunEvent } from '../core/run-event.js';
import { eventsOf } from './run-events.js';
import type { Shell } from './shell.js';
import { altersDeployment } from './start-run.js';

const LAST_WORDS_MS = 60_000;

/** A run that only saves tells nobody: a nightly backup would ring every night. */
export async function startNotifier(shell: Shell, folder: RunFolder, plan: Plan, journal: Journal): Promise<void> {
  if (plan.target.notify === undefined || !altersDeployment(plan)) return;
  const known = notifierOf(journal.read());
  if (known !== null && shell.processes.isAlive(known)) return;
  try {
    const started = await shell.processes.startDetached(['run', 'notifier', folder.path], { environment: 'bare', log: folder.logPath });
    journal.append({ type: 'notifier-started', data: started });
  } catch (error) {
    if (!(error instanceof RouterctlError) || error.code !== 'COMMAND_FAILED') throw error;
    journal.append({ type: 'note', data: { by: 'notify', text: `nobody is told of this run: ${error.message}` } });
  }
}

/** systemd ends what a guard has started as soon as the guard itself has ended. */
export async function notifierEnded(shell: Shell, folder: RunFolder): Promise<void> {
  const notifier = notifierOf(eventsOf(shell, folder));
  const beganMs = shell.clock.bootMs();
  while (notifier !== null && shell.processes.isAlive(notifier) && shell.clock.bootMs() - beganMs < LAST_WORDS_MS)
    await shell.clock.sleep(100);
}

function notifierOf(events: readonly RunEvent[]): ProcessIdentity | null {
  const last = events.findLast((event) => event.type === 'notifier-started');
  return last?.type === 'notifier-started' ? last.data : null;
}
