// The screen of a running run on a terminal: draws the newest RunView at most ten times a second and hands keys to its owner.
// It never acts on a run; it also asks the owner's questions, because while it lives nobody else may use the terminal.
import { line, piece, renderLine } from './line.js';
import { renderFinishedView, renderRunView } from './render-run-view.js';
import type { RunView } from './run-view.js';
import type { Style } from './style.js';
import { borrowTerminal, type ScreenInput, type ScreenOutput, suspendGroup } from './terminal-session.js';

export type ScreenKey = 'd' | 'l' | 'h' | 'r' | 'n' | 'ctrl-c';

export interface LiveScreen {
  show(view: RunView): void;
  /** Kept for the log pane (`l`), and for the ordinary screen after `close`. */
  log(text: string): void;
  /** One key of `keys` (lower case), or null for Esc and Ctrl-C. */
  ask(question: string, keys: readonly string[]): Promise<string | null>;
  /** A line of text, or null for Esc and Ctrl-C. */
  askText(question: string): Promise<string | null>;
  /** Gives the terminal back and leaves the last frame and the logged lines as ordinary lines. */
  close(): void;
}

export interface LiveScreenOptions {
  readonly out: ScreenOutput;
  readonly input?: ScreenInput;
  readonly style: Style;
  readonly onKey: (key: ScreenKey) => void;
}

type Question = { readonly text: string; readonly keys: readonly string[] | null; typed: string; readonly answer: (value: string | null) => void };

const frameMs = 100;
const keptLines = 500;
const synchronized = { begin: '\u001b[?2026h', end: '\u001b[?2026l' };

/** A terminal that can be redrawn: a TTY that knows cursor movement. */
export function canDrawScreen(environment: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  return isTty && environment['TERM'] !== 'dumb' && (environment['TERM'] ?? '') !== '';
}

export function createLiveScreen(options: LiveScreenOptions): LiveScreen {
  const { out, style, onKey } = options;
  const state = { view: null as RunView | null, logged: [] as string[], logOpen: false, question: null as Question | null, closed: false };
  let drawn: readonly string[] = [];
  let lastDrawnMs = 0;
  let timer: NodeJS.Timeout | null = null;

  const size = (): { columns: number; rows: number } => ({ columns: Math.max(20, out.columns || 80), rows: Math.max(5, out.rows || 24) });

  function draw(): void {
    timer = null;
    if (!session.isHeld() || state.view === null) return;
    lastDrawnMs = Date.now();
    const { columns, rows } = size();
    const lines = frame(state.view, state, columns, rows, style);
    // Erased before it is written: with automatic wrapping off, the cursor rests on the last column of a full line.
    const changes = lines.map((text, row) => (text === drawn[row] ? '' : `\u001b[${row + 1};1H\u001b[K${text}`)).join('');
    const below = drawn.length > lines.length ? `\u001b[${lines.length + 1};1H\u001b[J` : '';
    drawn = lines;
    if (changes !== '' || below !== '') out.write(synchronized.begin + changes + below + synchronized.end);
  }

  function soon(): void {
    if (timer !== null || state.closed) return;
    const waitMs = Math.max(0, lastDrawnMs + frameMs - Date.now());
    if (waitMs === 0) draw();
    else timer = setTimeout(draw, waitMs);
  }

  function redraw(): void {
    drawn = [];
    if (session.isHeld()) out.write('\u001b[2J');
    soon();
  }

  function key(text: string): void {
    if (text === '\u001a') return suspendGroup();
    if (state.question !== null) return answerKey(text);
    if (text === '\u0003') return onKey('ctrl-c');
    const letter = text.toLowerCase();
    if (letter === 'l') {
      state.logOpen = !state.logOpen;
      soon();
    }
    if (letter === 'd' || letter === 'l' || letter === 'h' || letter === 'r' || letter === 'n') onKey(letter);
  }

  function answerKey(text: string): void {
    const { question } = state;
    if (question === null) return;
    const outcome = answered(question, text);
    if (outcome !== undefined) {
      state.question = null;
      question.answer(outcome);
    }
    soon();
  }

  function put(text: string, keys: readonly string[] | null): Promise<string | null> {
    state.question?.answer(null);
    return new Promise((answer) => {
      state.question = { text, keys, typed: '', answer };
      soon();
    });
  }

  function leaveBehind(): void {
    if (timer !== null) clearTimeout(timer);
    state.closed = true;
    state.question?.answer(null);
    const { columns } = size();
    const lines = [...(state.view === null ? [] : renderFinishedView(state.view, columns, style)), ...state.logged];
    if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
  }

  const session = borrowTerminal({
    out,
    input: options.input ?? process.stdin,
    onData: (data) => {
      for (const each of splitKeys(data)) key(each);
    },
    onRedraw: redraw,
    onInterrupt: () => key('\u0003'),
    onGivenBack: leaveBehind,
  });

  return {
    show(view) {
      state.view = view;
      soon();
    },
    log(text) {
      state.logged.push(renderLine(line(text), Number.POSITIVE_INFINITY, style));
      if (state.logged.length > keptLines) state.logged.shift();
      if (state.logOpen) soon();
    },
    ask: (question, keys) => put(question, keys),
    askText: (question) => put(question, null),
    close: () => session.end(),
  };
}

/** Single keys; an escape sequence (arrows, mouse) stays whole so that its letters are not taken for commands. */
function splitKeys(data: string): string[] {
  if (data.startsWith('\u001b')) return [data];
  return [...data];
}

/** undefined: still asking. */
function answered(question: Question, key: string): string | null | undefined {
  if (key === '\u001b' || key === '\u0003') return null;
  if (question.keys !== null) return question.keys.includes(key.toLowerCase()) ? key.toLowerCase() : undefined;
  if (key === '\r' || key === '\n') return question.typed;
  if (key === '\u007f' || key === '\b') question.typed = [...question.typed].slice(0, -1).join('');
  else if (!key.startsWith('\u001b') && key >= ' ') question.typed += key;
  return undefined;
}

function frame(view: RunView, state: { logged: readonly string[]; logOpen: boolean; question: Question | null }, columns: number, rows: number, style: Style): string[] {
  const asking = state.question === null ? [] : [renderLine(line([piece(` ${state.question.text} `, 'attention'), piece(state.question.typed)]), columns, style)];
  const lines = renderRunView(view, columns, style, rows - asking.length);
  const shown = state.question === null ? lines : [...lines.slice(0, -1), ...asking];
  const room = rows - shown.length - 1;
  if (!state.logOpen || room < 1) return shown;
  const tail = state.logged.slice(-room).map((text) => renderLine(line([piece(` ${text}`, 'quiet')]), columns, style));
  return [...shown, '', ...tail];
}
