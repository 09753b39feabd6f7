import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { canDrawScreen, createLiveScreen, type ScreenKey } from '../../src/ui/live-screen.js';
import { runView } from '../../src/ui/run-view.js';
import { plainStyle } from '../../src/ui/style.js';
import { syntheticPlan } from './synthetic-plan.js';
import * as runs from './synthetic-run.js';

/** A terminal as far as a screen can tell: what was written, a size, and keys. */
class Terminal extends EventEmitter {
  written = '';
  raw = false;
  columns = 80;
  rows = 24;
  write(text: string): boolean {
    this.written += text;
    return true;
  }
  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
  resume(): void {}
  pause(): void {}
  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }
}

function open() {
  const terminal = new Terminal();
  const keys: ScreenKey[] = [];
  const screen = createLiveScreen({ out: terminal, input: terminal, style: plainStyle, onKey: (key) => keys.push(key) });
  const story = runs.inChange();
  const view = runView(syntheticPlan(), story.events, { nowMs: story.nowMs, zone: 'UTC' });
  return { terminal, keys, screen, view };
}

const alternate = { enter: '\u001b[?1049h', leave: '\u001b[?1049l' };

test('the screen takes the terminal, hands out the keys, and ignores what is no key', () => {
  const { terminal, keys, screen } = open();

  expect(terminal.raw).toBe(true);
  for (const typed of ['d', 'H', 'r', 'n', 'l', 'x', '\u001b[A', '\u0003']) terminal.type(typed);
  screen.close();

  expect(keys).toEqual(['d', 'h', 'r', 'n', 'l', 'ctrl-c']);
});

test('closing gives back cursor, wrapping, cooked mode and screen, and leaves the phases, not the log, as ordinary lines', () => {
  const { terminal, screen, view } = open();
  screen.show(view);
  screen.log('02:13:12Z  guard armed');

  screen.close();
  screen.close();

  const [, after = ''] = terminal.written.split(alternate.leave);
  expect(terminal.raw).toBe(false);
  expect(terminal.written).toContain('\u001b[?25h');
  expect(terminal.written).toContain('\u001b[?7h');
  expect(terminal.written.split(alternate.leave)).toHaveLength(2);
  expect(after).toContain('3 change');
  expect(after).not.toContain('guard armed');
  expect(after).not.toMatch(/\u001b|KEYS/);
});

test('only lines that changed are written again; a new size draws everything', async () => {
  const { terminal, screen, view } = open();
  screen.show(view);
  const first = terminal.written.length;
  expect(terminal.written).toContain('PRODUCTION');

  void screen.ask('Hold?', ['y']);
  await expect.poll(() => terminal.written.slice(first)).toContain('Hold?');
  expect(terminal.written.slice(first)).not.toContain('PRODUCTION');

  terminal.emit('resize');
  await expect.poll(() => terminal.written.slice(first)).toContain('PRODUCTION');
  screen.close();
});

test('a question takes one of its keys, and Esc or Ctrl-C is no answer', async () => {
  const { terminal, keys, screen, view } = open();
  screen.show(view);

  const first = screen.ask('Detach, hold or roll back?', ['d', 'h', 'r']);
  terminal.type('x');
  terminal.type('R');
  const second = screen.ask('Detach, hold or roll back?', ['d', 'h', 'r']);
  terminal.type('\u001b');
  const third = screen.ask('Detach, hold or roll back?', ['d', 'h', 'r']);
  terminal.type('\u0003');

  expect([await first, await second, await third]).toEqual(['r', null, null]);
  expect(keys).toEqual([]);
  screen.close();
});

test('a note is typed with backspace and Enter; pasted text arrives whole', async () => {
  const { terminal, screen } = open();

  const note = screen.askText('Note:');
  terminal.type('hellö x');
  terminal.type('\u007f');
  terminal.type('world\r');

  expect(await note).toBe('hellö world');
  screen.close();
});

test('closing answers an open question with nothing', async () => {
  const { screen } = open();
  const answer = screen.ask('Hold?', ['y']);

  screen.close();

  expect(await answer).toBeNull();
});

test('a signal handler never outlives the screen', () => {
  const count = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGTSTP', 'SIGCONT', 'exit'].map((name) => process.listenerCount(name));
  const before = count();
  const { screen } = open();

  expect(count()).not.toEqual(before);
  screen.close();
  expect(count()).toEqual(before);
});

test('a dumb terminal and a pipe get no screen', () => {
  expect(canDrawScreen({ TERM: 'xterm' }, true)).toBe(true);
  expect(canDrawScreen({ TERM: 'dumb' }, true)).toBe(false);
  expect(canDrawScreen({}, true)).toBe(false);
  expect(canDrawScreen({ TERM: 'xterm' }, false)).toBe(false);
});
