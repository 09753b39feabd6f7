import { describe, expect, test } from 'vitest';
import { changeWindow } from '../../src/app/change-window.js';

const at = (text: string): number => new Date(text).getTime();

describe('by the clock of the machine', () => {
  test.each([
    ['before it opens, today', '02:00-03:00', '2026-03-10T01:00', '2026-03-10T02:00', '2026-03-10T03:00'],
    ['while it is open', '02:00-03:00', '2026-03-10T02:30', '2026-03-10T02:00', '2026-03-10T03:00'],
    ['after it closed, tomorrow', '02:00-03:00', '2026-03-10T04:00', '2026-03-11T02:00', '2026-03-11T03:00'],
    ['over midnight, seen from the evening', '23:00-01:00', '2026-03-10T23:30', '2026-03-10T23:00', '2026-03-11T01:00'],
    ['over midnight, seen from the morning', '23:00-01:00', '2026-03-11T00:30', '2026-03-10T23:00', '2026-03-11T01:00'],
  ])('%s', (_name, text, now, from, to) => {
    expect(changeWindow(text, at(now))).toEqual({ from: new Date(at(from)).toISOString(), to: new Date(at(to)).toISOString() });
  });
});

test('two instants are taken as they are', () => {
  expect(changeWindow('2026-01-31T02:00:00Z/2026-01-31T05:00:00+02:00', 0)).toEqual({
    from: '2026-01-31T02:00:00.000Z',
    to: '2026-01-31T03:00:00.000Z',
  });
});

test.each(['', 'tonight', '25:00-26:00', '02:00', '02:00-02:00', '2026-01-31/2026-02-01', '2026-01-31T03:00:00Z/2026-01-31T02:00:00Z'])(
  '%j is refused',
  (text) => {
    expect(() => changeWindow(text, 0)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);
