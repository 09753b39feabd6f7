// A run that only asks: no lease, no guard, nothing beside the deployment. It is executed in this process, and its folder lies
// below the state directory, with a journal and a report like any other run.
import type { Plan } from '../core/plan.js';
import type { Journal } from '../core/ports/journal.js';
import type { Lease } from '../core/ports/lease.js';
import type { Ports } from '../core/ports/ports.js';
import type { RunFolder, RunResult } from '../core/ports/run-folders.js';
import type { EventOf, RunEvent } from '../core/run-event.js';
import type { EngineParts } from '../engine/parts.js';
import { run } from '../engine/run.js';
import { runExpressions } from '../playbook/run-expressions.js';
import { concludeRun } from './conclude-run.js';
import { readSecrets, registerFileSecrets } from './known-secrets.js';
import { maskedJournal } from './masked-journal.js';
import { runCreated } from './run-created.js';
import { runOrder } from './run-order.js';
import type { Shell } from './shell.js';

export interface Observing {
  readonly changeRef: string | null;
  /** Aborted with the name of a signal: the run ends at once, since nothing must be made safe. */
  readonly stop: AbortSignal;
  event(event: RunEvent): void;
}

export interface ObservedRun {
  readonly folder: RunFolder;
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
}

export async function observeRun(shell: Shell, plan: Plan, observing: Observing): Promise<ObservedRun> {
  const { changeRef, stop } = observing;
  const order = runOrder(shell, { limitMs: plan.target.policy.limit, window: null, changeRef, approval: null, overrides: [] });
  const folder = await shell.folders.create(shell.stateDirectory, plan, order);
  const journal = told(maskedJournal(shell.openJournal(folder), shell.redactor), observing);
  try {
    const ports = shell.ports(shell.stateDirectory);
    await registerFileSecrets(plan.target, ports, shell.redactor);
    await readSecrets(plan.target, ports);
    journal.append(runCreated(shell, plan, order));
    const engine = open(journal);
    const ended = run(await engineParts(shell, plan, folder, engine, ports)).finally(() => engine.end());
    const finished = await Promise.race([ended, stopped(stop, engine, journal)]);
    return { folder, result: await concludeRun(shell, folder, plan, journal, finished), events: journal.read() };
  } finally {
    journal.close();
  }
}

function told(journal: Journal, { event: tell }: Observing): Journal {
  return {
    ...journal,
    append(body) {
      const event = journal.append(body);
      tell(event);
      return event;
    },
  };
}

/** The engine's own view of the journal: once it is ended, questions still under way can say nothing more. */
function open(journal: Journal): Journal & { end(): void } {
  let over = false;
  return {
    ...journal,
    append(body) {
      if (over) throw new Error('the run has ended');
      return journal.append(body);
    },
    end: () => {
      over = true;
    },
  };
}

function stopped(stop: AbortSignal, engine: { end(): void }, journal: Journal): Promise<EventOf<'run-finished'>['data']> {
  return new Promise((resolve) => {
    const end = (): void => {
      engine.end();
      const signal = String(stop.reason);
      const exitCode = signal === 'SIGHUP' ? 129 : signal === 'SIGTERM' ? 143 : 130;
      const finished = { outcome: 'interrupted', exitCode, why: `signal ${signal}; nothing was changed` } as const;
      journal.append({ type: 'signal-received', data: { signal } });
      journal.append({ type: 'run-finished', data: finished });
      resolve(finished);
    };
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { once: true });
  });
}

async function engineParts(shell: Shell, plan: Plan, folder: RunFolder, journal: Journal, ports: Ports): Promise<EngineParts> {
  const never = (what: string) => (): never => {
    throw new Error(`a run that only asks needs no ${what}`);
  };
  return {
    plan,
    journal,
    lease: noLease(shell, folder.runId),
    ports,
    catalogue: await shell.catalogue(),
    expressions: runExpressions,
    undoDirectory: never('undo'),
    prove: never('guard'),
    armGuard: never('guard'),
    requests: { take: () => folder.requests(), forget: (id) => folder.forgetRequest(id) },
    signal: () => null,
    writeByHand: never('way back'),
    freeReserve: never('reserve'),
    endProber: async () => null,
    holdMs: plan.target.policy.hold,
  };
}

/** Nobody's right to change the deployment is touched. */
function noLease(shell: Shell, runId: string): Lease {
  const nobody = { epoch: 0, host: '', bootId: shell.clock.bootId(), pid: process.pid, startTicks: 0, user: '', takenAt: '' };
  return { holder: { ...nobody, runId, purpose: 'runner' }, assertHeld: () => undefined, release: () => undefined };
}
