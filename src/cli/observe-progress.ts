// What is seen of a run that only asks, while it asks: a list of its checks on a terminal, plain lines everywhere else.
// It alone decides which, so that the command and the run know one word: event.
import type { Plan } from '../core/plan.js';
import type { RunEvent } from '../core/run-event.js';
import { createPlainPrinter, type Verbosity } from '../ui/plain-lines.js';
import { styleFor } from '../ui/style.js';
import { createTaskList } from '../ui/task-list.js';
import type { ViewFlags } from './changing-command.js';
import { printable, printProgress, terminalColumns } from './print.js';

export interface ObserveProgress {
  event(event: RunEvent): void;
  /** Nothing of it is left on the terminal; the result is printed below. */
  close(): Promise<void>;
}

/** In a pipe the result follows at once, and each answer is told there. */
const toldByResult: ReadonlySet<RunEvent['type']> = new Set(['phase-started', 'check-finished', 'step-left-out', 'run-finished']);

export function observeProgress(plan: Plan, flags: ViewFlags, out: NodeJS.WriteStream = process.stderr): ObserveProgress {
  const style = styleFor(process.env, out.isTTY);
  const verbosity = verbosityOf(flags);
  if (!out.isTTY || verbosity !== 'normal') {
    const untold = verbosity === 'normal' ? toldByResult : undefined;
    const printer = createPlainPrinter({
      plan,
      verbosity,
      style,
      columns: terminalColumns(out),
      write: printProgress,
      ...(untold && { untold }),
    });
    const pulse = setInterval(() => printer.tick(Date.now()), 1000);
    return { event: (event) => printer.event(event), close: async () => clearInterval(pulse) };
  }
  // Controls are asked only beside a red check, and would seem to wait for ever.
  const names = plan.phases.flatMap((phase) => phase.steps.map(({ id }) => id));
  const list = createTaskList({ out, style, names });
  return {
    event(event) {
      if (event.type === 'check-started') list.started(event.data.step);
      if (event.type === 'check-finished') list.ended(event.data.step, event.data.verdict.status, printable(event.data.verdict.summary));
      if (event.type === 'step-left-out') list.ended(event.data.step, 'skip', printable(event.data.why));
    },
    close: () => list.close(),
  };
}

function verbosityOf({ quiet, json, verbose }: ViewFlags): Verbosity {
  if (quiet || json) return 'quiet';
  return verbose ? 'verbose' : 'normal';
}
