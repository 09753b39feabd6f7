// Puts frames on a terminal: at most ten a second, only the lines that changed, in one synchronized write.

export interface FramePainter {
  /** The frame has changed; it is drawn now or within a tenth of a second. */
  soon(): void;
  /** Nothing of what is on the terminal can be relied on. */
  again(): void;
  stop(): void;
}

const frameMs = 100;
const synchronized = { begin: '\u001b[?2026h', end: '\u001b[?2026l' };

/** `frame` gives the lines, or null while the terminal is not ours. */
export function createFramePainter(write: (text: string) => unknown, frame: () => readonly string[] | null): FramePainter {
  let drawn: readonly string[] | null = null;
  let lastDrawnMs = 0;
  let timer: NodeJS.Timeout | null = null;

  function draw(): void {
    timer = null;
    const lines = frame();
    if (lines === null) return;
    lastDrawnMs = Date.now();
    const text = difference(drawn, lines);
    drawn = lines;
    if (text !== '') write(synchronized.begin + text + synchronized.end);
  }

  function soon(): void {
    if (timer !== null) return;
    const waitMs = Math.min(frameMs, lastDrawnMs + frameMs - Date.now());
    if (waitMs <= 0) draw();
    else timer = setTimeout(draw, waitMs);
  }

  return {
    soon,
    again() {
      drawn = null;
      soon();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}

function difference(before: readonly string[] | null, lines: readonly string[]): string {
  const clear = before === null ? '\u001b[2J' : '';
  // Erased before it is written: with automatic wrapping off, the cursor rests on the last column of a full line.
  const changes = lines.map((text, row) => (text === before?.[row] ? '' : `\u001b[${row + 1};1H\u001b[K${text}`)).join('');
  const below = (before?.length ?? 0) > lines.length ? `\u001b[${lines.length + 1};1H\u001b[J` : '';
  return clear + changes + below;
}
