// A terminal lent to a full screen and given back whatever happens: exit, exception, signals, suspend and continue.
// It knows escape codes and raw mode, and nothing of what is drawn.

export interface ScreenOutput {
  write(text: string): unknown;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

export interface ScreenInput {
  readonly isTTY?: boolean | undefined;
  setRawMode?(raw: boolean): unknown;
  on(event: 'data', listener: (data: Buffer | string) => void): unknown;
  off(event: 'data', listener: (data: Buffer | string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface TerminalSession {
  /** False while suspended and after the end: what is written then lands on the ordinary screen. */
  isHeld(): boolean;
  /** Gives the terminal back; may be called twice. */
  end(): void;
}

interface Options {
  readonly out: ScreenOutput;
  readonly input: ScreenInput;
  readonly onData: (text: string) => void;
  /** Draw everything again: the size changed, or the terminal came back after a suspend. */
  readonly onRedraw: () => void;
  /** SIGINT from elsewhere; in raw mode Ctrl-C arrives as data. */
  readonly onInterrupt: () => void;
  /** Whatever must still reach the ordinary screen once it is back. */
  readonly onGivenBack: () => void;
}

const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J\u001b[H';
const leave = '\u001b[?7h\u001b[?25h\u001b[0m\u001b[?1049l';

export function borrowTerminal(options: Options): TerminalSession {
  const { out, input } = options;
  let held = false;
  let ended = false;

  const onData = (data: Buffer | string): void => options.onData(data.toString());
  const onResize = (): void => {
    if (held) options.onRedraw();
  };

  function take(): void {
    if (held) return;
    held = true;
    input.setRawMode?.(true);
    input.on('data', onData);
    input.resume();
    out.write(enter);
  }

  function give(): void {
    if (!held) return;
    held = false;
    out.write(leave);
    input.off('data', onData);
    input.setRawMode?.(false);
    input.pause();
  }

  function end(): void {
    if (ended) return;
    ended = true;
    give();
    out.off('resize', onResize);
    signals.stop();
    options.onGivenBack();
  }

  function takeBack(): void {
    take();
    options.onRedraw();
  }

  const signals = watchProcess({ end, give, interrupt: options.onInterrupt, back: takeBack });
  out.on('resize', onResize);
  take();
  return { isHeld: () => held, end };
}

/** Stops this process the way the kernel would have, had raw mode not hidden Ctrl-Z from it. */
export function suspendGroup(): void {
  process.kill(0, 'SIGTSTP');
}

function watchProcess(hands: { end(): void; give(): void; interrupt(): void; back(): void }): { stop(): void } {
  const dieBy = (signal: NodeJS.Signals) => (): void => {
    hands.end();
    // Others may want the signal too (to make a state safe); only when nobody does, the default has to happen.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const suspend = (): void => {
    hands.give();
    process.once('SIGCONT', resume);
    process.off('SIGTSTP', suspend);
    process.kill(process.pid, 'SIGTSTP');
  };
  const resume = (): void => {
    process.on('SIGTSTP', suspend);
    hands.back();
  };
  const onTerm = dieBy('SIGTERM');
  const onHangUp = dieBy('SIGHUP');
  // Also the way of an exception that nobody catches: node emits it before it prints the stack.
  process.on('exit', hands.end);
  process.on('SIGINT', hands.interrupt);
  process.on('SIGTERM', onTerm);
  process.on('SIGHUP', onHangUp);
  process.on('SIGTSTP', suspend);
  return {
    stop() {
      process.off('exit', hands.end);
      process.off('SIGINT', hands.interrupt);
      process.off('SIGTERM', onTerm);
      process.off('SIGHUP', onHangUp);
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', resume);
    },
  };
}
