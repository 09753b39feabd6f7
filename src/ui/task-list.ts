// Checks that run side by side on a terminal, each with its own line: listr2 draws them and does nothing else. Its rollback,
// its signal handling and its exit codes stay unused, because a screen must never decide anything.
import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { terminalText } from '../core/terminal-text.js';
import type { VerdictStatus } from '../core/verdict.js';
import { stopwatch } from './figures.js';
import { inLocale, type Style } from './style.js';

export interface TaskList {
  started(name: string): void;
  ended(name: string, status: VerdictStatus, summary: string): void;
  /** Takes the list off the screen, so that the result is printed once, as ordinary lines. */
  close(): Promise<void>;
}

interface Row {
  title(text: string): void;
  settle(outcome: 'done' | 'skipped' | 'failed', text: string): void;
  readonly done: Promise<{ readonly outcome: 'done' | 'skipped' | 'failed'; readonly text: string }>;
}

const outcomes: Readonly<Record<VerdictStatus, 'done' | 'skipped' | 'failed'>> = {
  pass: 'done',
  warn: 'done',
  waived: 'done',
  skip: 'skipped',
  fail: 'failed',
  inconclusive: 'failed',
};

/** How often a waiting person sees that time passes. */
const everyMs = 1000;

export function createTaskList(options: {
  readonly out: NodeJS.WriteStream;
  readonly style: Style;
  readonly names: readonly string[];
}): TaskList {
  const { out, style, names } = options;
  const shown = (text: string): string => inLocale(terminalText(text), style);
  const rows = new Map<string, Row>(names.map((name) => [name, newRow()]));
  const list = new Listr(
    [...rows].map(([name, row]) => ({
      title: shown(`${name}  waits`),
      task: async (_context: unknown, task: { title?: string | undefined; skip(text?: string): void }) => {
        row.title = (text) => {
          task.title = text;
        };
        const { outcome, text } = await row.done;
        task.title = text;
        if (outcome === 'skipped') task.skip(text);
        if (outcome === 'failed') throw new Error(text);
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: 'default',
      rendererOptions: {
        clearOutput: true,
        collapseErrors: false,
        showErrorMessage: false,
        logger: new ListrLogger({ processOutput: new ProcessOutput(out, out) }),
      },
    },
  );
  const running = list.run();
  const since = new Map<string, number>();
  const tell = (name: string): void => rows.get(name)?.title(shown(`${name}  ${stopwatch(Date.now() - (since.get(name) ?? Date.now()))}`));
  const clock = setInterval(() => [...since.keys()].forEach(tell), everyMs);
  return {
    started(name) {
      since.set(name, Date.now());
      tell(name);
    },
    ended(name, status, summary) {
      since.delete(name);
      rows.get(name)?.settle(outcomes[status], shown(`${name}  ${summary}`));
    },
    async close() {
      clearInterval(clock);
      since.clear();
      for (const [name, row] of rows) row.settle('skipped', shown(`${name}  not asked`));
      await running;
    },
  };
}

function newRow(): Row {
  let settle: Row['settle'] = () => undefined;
  const done = new Promise<{ readonly outcome: 'done' | 'skipped' | 'failed'; readonly text: string }>((resolve) => {
    settle = (outcome, text) => resolve({ outcome, text });
  });
  return { title: () => undefined, settle, done };
}
