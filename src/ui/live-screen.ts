// The screen of a running run on a terminal: draws the newest RunView and hands keys to its owner. It never acts on a run;
// it also asks the owner's questions, because while it lives nobody else may use the terminal.
import { createFramePainter } from './frame-painter.js';
import { line, piece, renderLine } from './line.js';
import { renderFinishedView, renderRunView } from './render-run-view.js';
import type { RunView } from './run-view.js';
import { questionAfter, questionLine, type ScreenQuestion, splitKeys } from './screen-question.js';
import type { Style } from './style.js';
import { borrowTerminal, type ScreenInput, type ScreenOutput, suspendGroup } from './terminal-session.js';

export type ScreenKey = 'd' | 'l' | 'h' | 'r' | 'n' | 'ctrl-c';

export interface LiveScreen {
  show(view: RunView): void;
  /** Kept for the log pane (`l`); the journal keeps it for good. */
  log(text: string): void;
  /** One key of `keys` (lower case), or null for Esc and Ctrl-C. */
  ask(question: string, keys: readonly string[]): Promise<string | null>;
  /** A line of text, or null for Esc and Ctrl-C. */
  askText(question: string): Promise<string | null>;
  /** Gives the terminal back and leaves the last frame as ordinary lines. */
  close(): void;
}

export interface LiveScreenOptions {
  readonly out: ScreenOutput;
  readonly input?: ScreenInput;
  readonly style: Style;
  readonly onKey: (key: ScreenKey) => void;
}

interface ScreenState {
  view: RunView | null;
  readonly logged: string[];
  logOpen: boolean;
  question: ScreenQuestion | null;
}

const keptLines = 500;

/** A terminal that can be redrawn: a TTY that knows cursor movement. */
export function canDrawScreen(environment: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  return isTty && environment['TERM'] !== 'dumb' && (environment['TERM'] ?? '') !== '';
}

export function createLiveScreen(options: LiveScreenOptions): LiveScreen {
  const { out, style, onKey } = options;
  const state: ScreenState = { view: null, logged: [], logOpen: false, question: null };
  const columns = (): number => Math.max(20, out.columns || 80);
  const painter = createFramePainter(
    (text) => out.write(text),
    () => (session.isHeld() && state.view !== null ? frame(state, state.view, columns(), Math.max(5, out.rows || 24), style) : null),
  );

  function press(key: string): void {
    if (key === '\u001a') return suspendGroup();
    if (state.question !== null) state.question = questionAfter(state.question, key);
    else {
      const letter = commandKey(key);
      if (letter === 'l') state.logOpen = !state.logOpen;
      if (letter !== null) onKey(letter);
    }
    painter.soon();
  }

  function put(text: string, keys: readonly string[] | null): Promise<string | null> {
    state.question?.answer(null);
    return new Promise((answer) => {
      state.question = { text, keys, typed: '', answer };
      painter.soon();
    });
  }

  function leaveBehind(): void {
    painter.stop();
    state.question?.answer(null);
    const lines = state.view === null ? [] : renderFinishedView(state.view, columns(), style);
    if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
  }

  const session = borrowTerminal({
    out,
    input: options.input ?? process.stdin,
    onData: (data) => splitKeys(data).forEach(press),
    onRedraw: painter.again,
    onInterrupt: () => press('\u0003'),
    onGivenBack: leaveBehind,
  });

  return {
    show(view) {
      state.view = view;
      painter.soon();
    },
    log(text) {
      state.logged.push(renderLine(line(text), Number.POSITIVE_INFINITY, style));
      if (state.logged.length > keptLines) state.logged.shift();
      if (state.logOpen) painter.soon();
    },
    ask: (question, keys) => put(question, keys),
    askText: (question) => put(question, null),
    close: () => session.end(),
  };
}

function commandKey(key: string): ScreenKey | null {
  const letter = key.toLowerCase();
  if (key === '\u0003') return 'ctrl-c';
  return letter === 'd' || letter === 'l' || letter === 'h' || letter === 'r' || letter === 'n' ? letter : null;
}

function frame(state: ScreenState, view: RunView, columns: number, rows: number, style: Style): string[] {
  const lines = renderRunView(view, columns, style, rows);
  // A question stands where the keys are told, since they do not work while it waits.
  const shown = state.question === null ? lines : [...lines.slice(0, -1), renderLine(questionLine(state.question), columns, style)];
  const room = rows - shown.length - 1;
  if (!state.logOpen || room < 1) return shown;
  const tail = state.logged.slice(-room).map((text) => renderLine(line([piece(` ${text}`, 'quiet')]), columns, style));
  return [...shown, '', ...tail];
}
