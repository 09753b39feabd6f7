// The notifier of a run: a process of its own that reads the journal like any viewer and tells persons what they should know. The
// run never waits for it, and what is in the journal is told even when whoever wrote it is dead by then.
import { RouterctlError } from '../core/errors.js';
import type { Notification, NotificationChannel } from '../core/notification.js';
import type { Plan } from '../core/plan.js';
import type { NotificationLine, NotificationLog } from '../core/ports/notification-log.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { RunEvent } from '../core/run-event.js';
import { notificationsOf, strandedNotification } from '../report/notifications.js';
import { readSecrets, registerFileSecrets } from './known-secrets.js';
import { eventsOf } from './run-events.js';
import { guardMayCome, isDriven } from './run-standing.js';
import type { Shell } from './shell.js';
import { channelsOf, type Teller, type Told, tell } from './tell.js';
import { ABANDONED_MS, HANDOVER_MS } from './watch-run.js';

const LOOK_EVERY_MS = 200;

/** Returns when the run has ended, or when nobody drives it any more, with everything told before. */
export async function notifyRun(shell: Shell, folder: RunFolder): Promise<void> {
  const plan = folder.plan();
  const log = shell.notificationLog(folder);
  await endHooks(shell, log);
  const ports = shell.ports(plan.target.root, ({ pid, startTicks }) => log.append({ what: 'group', pgid: pid, startTicks }));
  await registerFileSecrets(plan.target, ports, shell.redactor);
  await readSecrets(plan.target, ports);
  const teller = { ports, redactor: shell.redactor, target: plan.target };
  const say = (what: Notification): Promise<void> => tellOnce(shell, folder, teller, what);
  const strand = async (events: readonly RunEvent[], why: string): Promise<void> => {
    const stranded = strandedNotification(events, plan, why);
    if (stranded !== null) await say(stranded);
  };
  /** When it was first seen that nobody drives the run; what lies between two looks says nothing. */
  let aloneMs: number | null = null;
  let events: readonly RunEvent[] = [];
  for (;;) {
    const result = folder.result();
    const known = events.at(-1)?.seq ?? -1;
    const fresh = read(shell, folder, known);
    if ('damaged' in fresh) return strand(events, fresh.damaged);
    events = [...events, ...fresh.events];
    const dues = notificationsOf(events, plan, known);
    for (const due of dues) await say(due);
    if (result !== null && result.lastSeq >= (events.at(-1)?.seq ?? -1)) return;
    // Telling takes its time: who drives the run by now is looked at anew.
    const nowMs = shell.clock.bootMs();
    aloneMs = dues.length > 0 || !isAlone(shell, folder, plan) ? null : (aloneMs ?? nowMs);
    const patienceMs = guardMayCome(shell, events) ? ABANDONED_MS : HANDOVER_MS;
    if (aloneMs !== null && nowMs - aloneMs > patienceMs) return strand(events, 'the process that executed it is dead, and no guard came');
    await shell.clock.sleep(LOOK_EVERY_MS);
  }
}

/** A result is written before the lease is given back: without a driver and without a result the run was left. */
function isAlone(shell: Shell, folder: RunFolder, plan: Plan): boolean {
  return !isDriven(shell, folder, plan.target.root) && folder.result() === null;
}

/** What a dead notifier began is at its end before the same is told again. */
async function endHooks(shell: Shell, log: NotificationLog): Promise<void> {
  for (const line of log.read()) if (line.what === 'group') await onward(() => shell.processes.endGroup(line));
}

function read(shell: Shell, folder: RunFolder, known: number): { readonly events: readonly RunEvent[] } | { readonly damaged: string } {
  try {
    return { events: eventsOf(shell, folder, known) };
  } catch (error) {
    if (!(error instanceof RouterctlError) || error.code !== 'JOURNAL_DAMAGED') throw error;
    return { damaged: error.message };
  }
}

async function tellOnce(shell: Shell, folder: RunFolder, teller: Teller, what: Notification): Promise<void> {
  const { notify } = teller.target;
  const { event, id } = what;
  if (notify === undefined || event === 'test' || !notify.on.includes(event)) return;
  const log = shell.notificationLog(folder);
  const left = untold(log.read(), id, channelsOf(notify));
  if (left.length === 0) return;
  const at = (): string => new Date(shell.clock.nowMs()).toISOString();
  await onward(() => log.append({ what: 'sending', id, event, at: at() }));
  const told = await tell(teller, what, left);
  for (const each of told) await onward(() => log.append({ what: 'told', id, event, at: at(), ...each }));
  await onward(() => noteFailures(folder, what, told));
}

function untold(lines: readonly NotificationLine[], id: string, channels: readonly NotificationChannel[]): readonly NotificationChannel[] {
  const done = new Set(lines.flatMap((line) => (line.what === 'told' && line.id === id ? [line.channel] : [])));
  return channels.filter((channel) => !done.has(channel));
}

/** While the run goes on its own process takes this into the journal, and so to the screen and into the report. */
async function noteFailures(folder: RunFolder, { event, exitCode }: Notification, told: readonly Told[]): Promise<void> {
  const failed = told.filter(({ delivered }) => !delivered);
  if (failed.length === 0 || exitCode !== null || folder.result() !== null) return;
  await folder.request('note', 'notify', `${event} was not told: ${failed.map(({ channel, said }) => `${channel} ${said}`).join('; ')}`);
}

/** A record that cannot be kept, on a full disk say, keeps nobody from being told; it is said in the log of the run's processes. */
async function onward(work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.stderr.write(`notifier: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
