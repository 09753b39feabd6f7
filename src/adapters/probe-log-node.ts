// The prober's file on disk: `[atMs, 1|0, tookMs]` a line, short enough that an hour at 20 a second stays below 3 MiB.
import { appendFileSync, closeSync, existsSync, fstatSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import type { ProbeLine, ProbeLog } from '../core/ports/probe-log.js';

export function probeLogNode(path: string): ProbeLog {
  const ending = `${path}.end`;
  return {
    append(lines) {
      appendFileSync(path, lines.map(({ atMs, ok, tookMs }) => `[${Math.round(atMs)},${ok ? 1 : 0},${Math.round(tookMs)}]\n`).join(''), {
        mode: 0o640,
      });
    },
    read(from = 0) {
      const text = textFrom(path, from);
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      return { lines: whole.split('\n').flatMap(lineOf), next: from + Buffer.byteLength(whole) };
    },
    end: () => writeFileSync(ending, '', { mode: 0o640 }),
    isEnded: () => existsSync(ending),
    reopen: () => rmSync(ending, { force: true }),
  };
}

function textFrom(path: string, from: number): string {
  if (!existsSync(path)) return '';
  const handle = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.max(0, fstatSync(handle).size - from));
    const bytes = readSync(handle, buffer, 0, buffer.length, from);
    return buffer.toString('latin1', 0, bytes);
  } finally {
    closeSync(handle);
  }
}

function lineOf(line: string): readonly ProbeLine[] {
  const [, atMs, ok, tookMs] = /^\[(\d+),([01]),(\d+)\]$/.exec(line) ?? [];
  return atMs === undefined ? [] : [{ atMs: Number(atMs), ok: ok === '1', tookMs: Number(tookMs) }];
}
