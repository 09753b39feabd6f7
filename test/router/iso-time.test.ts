import { expect, test } from 'vitest';
import { isoTime } from '../../src/router/iso-time.js';

const second = Date.UTC(2026, 10, 20, 12, 0, 0);

test.each([0, 7, 99, 999, 1000, 59_999, 60_000, 3_600_000, -1, -86_400_000])(
  'a moment %s ms after another one is told as RFC 3339 in UTC, whichever was told before it',
  (afterMs) => {
    expect(isoTime(second)).toBe('2026-11-20T12:00:00.000Z');
    expect(isoTime(second + afterMs)).toBe(new Date(second + afterMs).toISOString());
    expect(isoTime(second)).toBe('2026-11-20T12:00:00.000Z');
  },
);
