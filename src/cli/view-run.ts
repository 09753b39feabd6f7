// The terminal as viewer of a run: a live screen where it can be drawn, plain lines on stderr otherwise. Leaving it never stops
// the run; keys become requests that the run reads when it is safe.
import { readFileSync } from 'node:fs';
import { attemptStartMs } from '../app/last-attempt.js';
import { PROBE_EVERY_MS } from '../app/probe-run.js';
import { eventsOf } from '../app/run-events.js';
import { operator } from '../app/run-order.js';
import type { Shell } from '../app/shell.js';
import type { StartedRun } from '../app/start-run.js';
import { type WatchEnd, type Watcher, watchRun } from '../app/watch-run.js';
import { RouterctlError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import type { RunEvent, RunRequest } from '../core/run-event.js';
import { availabilityOf, type ProbeSample } from '../report/availability.js';
import { canDrawScreen, createLiveScreen, type LiveScreen, type ScreenKey } from '../ui/live-screen.js';
import { createPlainPrinter, plainLine } from '../ui/plain-lines.js';
import { runView } from '../ui/run-view.js';
import { styleFor } from '../ui/style.js';
import { printProgress, terminalColumns } from './print.js';

export interface ViewOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  /** What a signal means where nobody can be asked: the operator's own command makes the state safe, one who looks on only leaves. */
  readonly onSignal?: 'stop' | 'leave';
}

export type ViewEnd = Exclude<WatchEnd, { how: 'never-began' }>;

export async function viewRun(
  shell: Shell,
  started: Pick<StartedRun, 'folder' | 'afterSeq'> & { runner: StartedRun['runner'] | null },
  options: ViewOptions,
): Promise<ViewEnd> {
  const plan = started.folder.plan();
  const drawn = !options.quiet && !options.json && process.stderr.isTTY && process.stdin.isTTY && canDrawScreen(process.env, true);
  const end = drawn ? await onScreen(shell, started, plan) : await inLines(shell, started, plan, options);
  if (end.how !== 'never-began') return end;
  throw neverBegan(shell, started);
}

/** The runner ended before its run had begun: nothing was changed, and its own words say why. */
function neverBegan(shell: Shell, { folder, afterSeq }: Pick<StartedRun, 'folder' | 'afterSeq'>): RouterctlError {
  const log = readLog(folder.logPath);
  const [first = 'the process that should execute the run ended at once', ...rest] = log.slice(-6);
  if (afterSeq < 0) shell.folders.remove(folder);
  return new RouterctlError(/another run|holds/.test(first) ? 'LEASE_HELD' : 'STATE_UNWRITABLE', first.replace(/^error: /, ''), {
    details: rest,
    hint: afterSeq < 0 ? 'nothing was changed' : `the run is as it was: routerctl run show ${folder.runId}`,
  });
}

function readLog(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

type Started = Parameters<typeof viewRun>[1];

async function inLines(shell: Shell, { folder, runner, afterSeq }: Started, plan: Plan, options: ViewOptions): Promise<WatchEnd> {
  const style = styleFor(process.env, process.stderr.isTTY);
  const verbosity = options.quiet || options.json ? 'quiet' : options.verbose ? 'verbose' : 'normal';
  const printer = createPlainPrinter({ plan, verbosity, style, columns: terminalColumns(process.stderr), write: printProgress });
  let asked = false;
  const looksOn = options.onSignal === 'leave';
  const onSignal = (name: NodeJS.Signals): void => {
    if (!asked && !looksOn) void folder.request('stop', String(operator()['user']), name);
    asked = true;
  };
  // Without a terminal nobody can be asked: the state is made safe first, and the command waits for that.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  try {
    return await watchRun(
      shell,
      folder,
      runner,
      {
        event: (event) => printer.event(event),
        tick: (nowMs, _samples, awaited) => printer.tick(nowMs, awaited),
        leave: () => looksOn && asked,
      },
      afterSeq,
    );
  } finally {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, onSignal);
  }
}

async function onScreen(shell: Shell, { folder, runner, afterSeq }: Started, plan: Plan): Promise<WatchEnd> {
  const style = styleFor(process.env, true);
  const events: RunEvent[] = [...earlierEvents(shell, folder, afterSeq)];
  let left = false;
  const request = (kind: RunRequest, reason: string): void => void folder.request(kind, String(operator()['user']), reason);
  const screen: LiveScreen = createLiveScreen({ out: process.stderr, style, onKey: (key) => void onKey(key) });
  async function onKey(key: ScreenKey): Promise<void> {
    if (key === 'd') left = true;
    if (key === 'ctrl-c') {
      const answer = await screen.ask('[d]etach and let it go on, [h]old, [r]oll back, or Esc to stay', ['d', 'h', 'r']);
      if (answer === 'd') left = true;
      if (answer === 'h') request('hold', 'held from the terminal');
      if (answer === 'r') await confirmRollback();
    }
    if (key === 'h') await hold();
    if (key === 'r') await confirmRollback();
    if (key === 'n') await note();
  }
  async function note(): Promise<void> {
    const text = await screen.askText('a note for the record, or Esc');
    if (text !== null && text !== '') request('note', text);
  }
  async function hold(): Promise<void> {
    const held = events.findLast((event) => event.type === 'hold-started' || event.type === 'hold-ended')?.type === 'hold-started';
    if (!held) return request('hold', 'held from the terminal');
    const answer = await screen.ask('held: [c]ontinue, [k]eep it as it is, [r]oll back, or Esc', ['c', 'k', 'r']);
    if (answer === 'c') request('resume', 'continued from the terminal');
    if (answer === 'k') request('keep', 'kept from the terminal');
    if (answer === 'r') await confirmRollback();
  }
  async function confirmRollback(): Promise<void> {
    const reason = await screen.askText('roll back: say why, or Esc');
    if (reason !== null) request('rollback', reason === '' ? 'asked for at the terminal' : reason);
  }
  const watcher: Watcher = {
    event(event) {
      events.push(event);
      const text = plainLine(event, plan, 'normal');
      if (text !== null) screen.log(text);
    },
    tick: (nowMs, samples, alone) =>
      screen.show(runView(plan, events, { nowMs, runId: folder.runId, alone, probe: probeNumbers(sinceOpened(samples, events), nowMs) })),
    leave: () => left,
  };
  try {
    return await watchRun(shell, folder, runner, watcher, afterSeq);
  } finally {
    screen.close();
  }
}

function earlierEvents(shell: Shell, folder: Started['folder'], afterSeq: number): readonly RunEvent[] {
  return afterSeq < 0 ? [] : eventsOf(shell, folder).filter((event) => event.seq <= afterSeq);
}

/** What users noticed before the run was opened again is not what this attempt does to them. */
function sinceOpened(samples: readonly ProbeSample[], events: readonly RunEvent[]): readonly ProbeSample[] {
  const startedMs = attemptStartMs(events);
  return startedMs === null ? samples : samples.filter(({ atMs }) => atMs >= startedMs);
}

/** A prober writes four times a second, and an answer may take two seconds. */
const silentMs = 5000;

function probeNumbers(
  samples: readonly ProbeSample[],
  nowMs: number,
): { perSecond: number; ok: number; failed: number; downMs: number } | null {
  const seen = availabilityOf(samples, PROBE_EVERY_MS);
  // Of one that fell silent no figure is shown as if it were of now.
  if (seen === null || seen.downtimeMs === null || nowMs - seen.toMs > silentMs) return null;
  return { perSecond: 1000 / PROBE_EVERY_MS, ok: seen.requests - seen.failures, failed: seen.failures, downMs: seen.downtimeMs };
}
