// The engine's own copy of the run: every event is appended to the journal and folded into the state in one move,
// and only while the lease is still ours.
import type { Plan } from '../core/plan.js';
import type { Journal } from '../core/ports/journal.js';
import type { Lease } from '../core/ports/lease.js';
import type { RunEvent, RunEventBody } from '../core/run-event.js';
import { foldEvent, stateOf } from './fold-event.js';
import type { RunState } from './run-state.js';

export class Recorder {
  readonly state: RunState;
  readonly runId: string;
  readonly #plan: Plan;
  readonly #journal: Journal;
  readonly #lease: Lease;

  constructor(plan: Plan, journal: Journal, lease: Lease) {
    const events = journal.read();
    const first = events[0];
    if (first === undefined) throw new Error('a run has at least its run-created event');
    this.runId = first.runId;
    this.state = stateOf(plan, events);
    this.#plan = plan;
    this.#journal = journal;
    this.#lease = lease;
  }

  record(body: RunEventBody): RunEvent {
    this.#lease.assertHeld();
    const event = this.#journal.append(body);
    foldEvent(this.#plan, this.state, event);
    return event;
  }
}
