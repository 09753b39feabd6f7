// One process's part in a run: take the lease, end what a predecessor left running, drive the engine, write the report.
// Runner, guard, resume and rollback are the same function on the same journal; only the reason differs.
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { personName } from '../core/person-name.js';
import type { Plan } from '../core/plan.js';
import type { Journal } from '../core/ports/journal.js';
import type { Lease, LeaseHolder } from '../core/ports/lease.js';
import type { RunFolder, RunResult } from '../core/ports/run-folders.js';
import type { RunEvent } from '../core/run-event.js';
import { stateOf } from '../engine/fold-event.js';
import type { EngineParts } from '../engine/parts.js';
import { run } from '../engine/run.js';
import { runExpressions } from '../playbook/run-expressions.js';
import { availabilityOf } from '../report/availability.js';
import { concludeRun } from './conclude-run.js';
import { readSecrets, registerFileSecrets } from './known-secrets.js';
import { maskedJournal } from './masked-journal.js';
import { planHash } from './plan-hash.js';
import { PROBE_EVERY_MS, probedComponent, probeSpans, probeStartsMs } from './probe-run.js';
import { proveRun } from './prove-run.js';
import { runCreated } from './run-created.js';
import { operator } from './run-order.js';
import type { Shell } from './shell.js';
import { startNotifier } from './start-notifier.js';

export interface Taking {
  readonly by: LeaseHolder['purpose'];
  readonly reason: string;
}

/** Throws LEASE_HELD when somebody else drives, LEASE_LOST when a successor took over in between; the result is on disk when it returns. */
export async function executeRun(shell: Shell, folder: RunFolder, taking: Taking): Promise<RunResult> {
  const plan = folder.plan();
  // A successor may come because the disk is full: its lease and its first events are what the reserve is for.
  if (taking.by !== 'runner') folder.freeReserve();
  const lease = shell.leases.acquire(plan.target.root, folder.runId, taking.by);
  const journal = maskedJournal(shell.openJournal(folder), shell.redactor);
  try {
    begin(shell, folder, plan, journal, lease, taking);
    await startNotifier(shell, folder, plan, journal);
    await endPredecessor(shell, plan, journal);
    const ports = shell.ports(plan.target.root, (group) => {
      journal.append({ type: 'group-started', data: { pgid: group.pid, startTicks: group.startTicks } });
    });
    await registerFileSecrets(plan.target, ports, shell.redactor);
    await readSecrets(plan.target, ports);
    await startProber(shell, folder, plan, journal, taking);
    const proof = earlyProof(shell, folder, plan, taking);
    const parts: EngineParts = {
      plan,
      journal,
      lease,
      ports,
      catalogue: await shell.catalogue(),
      expressions: runExpressions,
      undoDirectory: (stepId) => folder.undoDirectory(stepId),
      prove: () => proof ?? proveRun(shell, folder, plan),
      armGuard: () =>
        shell.processes.startGuard(['run', 'guard', folder.path], {
          runId: folder.runId,
          how: plan.target.policy.guard,
          log: folder.logPath,
        }),
      requests: { take: () => folder.requests(), forget: (id) => folder.forgetRequest(id) },
      signal: shell.processes.keepSignals().first,
      writeByHand: (lines) => folder.writeByHand(lines),
      freeReserve: () => folder.freeReserve(),
      endProber: () => endProber(shell, folder, journal),
      holdMs: plan.target.policy.hold,
    };
    const finished = await run(parts);
    const result = await concludeRun(shell, folder, plan, journal, finished);
    lease.release();
    return result;
  } finally {
    journal.close();
  }
}

/** The proof that comes before the first change is taken while the preflight asks: the router does not wait for it. */
function earlyProof(shell: Shell, folder: RunFolder, plan: Plan, taking: Taking): ReturnType<typeof proveRun> | null {
  if (!plan.changing || taking.by !== 'runner') return null;
  const proof = proveRun(shell, folder, plan);
  // Awaited only where it is needed; until then a failure is nobody's unhandled rejection.
  proof.catch(() => undefined);
  return proof;
}

function begin(shell: Shell, folder: RunFolder, plan: Plan, journal: Journal, lease: Lease, taking: Taking): void {
  const order = folder.order();
  const known = journal.read();
  const created = known[0];
  if (created?.type === 'run-created' && created.data.planHash !== planHash(plan)) {
    throw new RouterctlError('JOURNAL_DAMAGED', `the plan of run ${folder.runId} is not the one that its journal began with`, {
      hint: `the plain commands that undo the change: ${folder.byHandPath}; then: routerctl run close ${folder.runId} --reason "what you did"`,
    });
  }
  if (created === undefined) journal.append(runCreated(shell, plan, order));
  const { epoch, pid, startTicks, bootId } = lease.holder;
  // First: a run that was opened again and died right here must not look finished.
  folder.forgetResult();
  journal.append({ type: 'lease-taken', data: { epoch, by: taking.by, pid, startTicks, bootId, reason: taking.reason } });
  handOver(plan, journal, known, taking);
  const bootMs = shell.clock.bootMs() + (order.deadlineMs - shell.clock.nowMs());
  const limited = known.some((event) => event.type === 'deadline-set');
  if (!limited) journal.append({ type: 'deadline-set', data: { atMs: order.deadlineMs, bootId, bootMs: Math.round(bootMs) } });
}

/** Who takes a run up answers for it; a guard is nobody. */
function handOver(plan: Plan, journal: Journal, known: readonly RunEvent[], { by }: Taking): void {
  if (by !== 'resume' && by !== 'rollback') return;
  const from = stateOf(plan, known).answers;
  const to = personName(operator());
  if (from !== null && from !== to) journal.append({ type: 'handed-over', data: { from, to } });
}

/** Children of a dead predecessor may still be writing; they are gone before anything is inspected. */
async function endPredecessor(shell: Shell, plan: Plan, journal: Journal): Promise<void> {
  const { groups } = stateOf(plan, journal.read());
  for (const group of groups) await shell.processes.endGroup(group);
}

/** A rollback begins to act at once: its prober must have asked first, else nobody sees the downtime. */
async function startProber(shell: Shell, folder: RunFolder, plan: Plan, journal: Journal, { by }: Taking): Promise<void> {
  if (!plan.changing || probedComponent(plan.target) === null) return;
  const log = shell.probeLog(folder);
  log.reopen();
  const last = journal.read().findLast((event) => event.type === 'prober-started');
  if (last?.type === 'prober-started' && shell.processes.isAlive(last.data)) return;
  const started = await shell.processes.startDetached(['run', 'probe', folder.path], { environment: 'bare', log: folder.logPath });
  journal.append({ type: 'prober-started', data: started });
  if (by !== 'rollback') return;
  const { next } = log.read();
  for (let waits = 0; waits < 150 && log.read(next).lines.length === 0 && shell.processes.isAlive(started); waits += 1)
    await shell.clock.sleep(20);
}

async function endProber(shell: Shell, folder: RunFolder, journal: Journal): Promise<Json> {
  const last = journal.read().findLast((event) => event.type === 'prober-started');
  if (last?.type !== 'prober-started') return null;
  const log = shell.probeLog(folder);
  const endMs = shell.clock.nowMs();
  log.end();
  for (let waits = 0; waits < 150 && shell.processes.isAlive(last.data); waits += 1) await shell.clock.sleep(20);
  const events = journal.read();
  const spans = probeSpans(events, endMs);
  return availabilityOf(log.read().lines, PROBE_EVERY_MS, probeStartsMs(events), spans) as unknown as Json;
}
