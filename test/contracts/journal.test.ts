// The journal on its real adapter: append, chain, one writer, and every way in which its file can be damaged.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clockNode } from '../../src/adapters/clock-node.js';
import { openJournal, readJournal } from '../../src/adapters/journal-sqlite.js';
import type { Journal } from '../../src/core/ports/journal.js';
import { createRedactor } from '../../src/core/redaction.js';

const hint = 'follow ROLLBACK.md';
let directory: string;
let path: string;
let redactor: ReturnType<typeof createRedactor>;
const opened: Journal[] = [];

function open(): Journal {
  const journal = openJournal(path, { runId: 'r1', clock: clockNode(), redactor, hint });
  opened.push(journal);
  return journal;
}

function note(text: string): Parameters<Journal['append']>[0] {
  return { type: 'note', data: { by: 'alice', text } };
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'routerctl-journal-'));
  path = join(directory, 'journal.sqlite');
  redactor = createRedactor();
});

afterEach(() => {
  for (const journal of opened.splice(0)) journal.close();
  rmSync(directory, { recursive: true });
});

/** Changes a stored line behind the journal's back. */
function tamper(change: (database: Database.Database) => void): void {
  const database = new Database(path);
  change(database);
  database.close();
}

describe('appending', () => {
  test('numbers events from 0 and chains each to the bytes of the one before', () => {
    const journal = open();
    journal.append(note('one'));
    journal.append(note('two'));

    const lines = journal.exportLines().trimEnd().split('\n');
    const events = journal.read();

    expect(events.map((event) => event.seq)).toEqual([0, 1]);
    expect(events[0]?.prev).toBe('0'.repeat(64));
    expect(events[1]?.prev).toBe(
      createHash('sha256')
        .update(lines[0] ?? '')
        .digest('hex'),
    );
  });

  test('goes on where an earlier process stopped', () => {
    open().append(note('one'));
    expect(open().append(note('two')).seq).toBe(1);
  });

  test('writes what checks said before the next event, on reading, on closing, or by itself a moment later', async () => {
    const started = { type: 'check-started', data: { step: 'ready', phase: 'preflight', way: 'forward' } } as const;
    const journal = open();
    journal.append(note('one'));
    const reader = readJournal(path, hint);
    const seen = (): readonly number[] => reader.read().map((event) => event.seq);
    journal.append(started);
    journal.append(note('two'));
    expect(seen()).toEqual([0, 1, 2]);
    journal.append(started);
    expect(journal.read().length).toBe(4);
    journal.append(started);
    while (seen().length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    journal.append(started);
    opened.splice(0).forEach((one) => {
      one.close();
    });
    expect(seen()).toEqual([0, 1, 2, 3, 4, 5]);
    reader.close();
  });

  test('keeps what checks said while it cannot be written, and tells the next who appends', () => {
    const started = { type: 'check-started', data: { step: 'ready', phase: 'preflight', way: 'forward' } } as const;
    const journal = open();
    const other = open();
    journal.append(started);
    other.append(note('a second writer'));
    expect(() => journal.append(note('late'))).toThrowError(expect.objectContaining({ code: 'LEASE_LOST' }));
    expect(other.read().map((event) => event.type)).toEqual(['note']);
  });

  test('hands a reader only what is new to it', () => {
    const journal = open();
    journal.append(note('one'));
    journal.append(note('two'));
    const reader = readJournal(path, hint);
    expect(reader.read(0).map((event) => event.seq)).toEqual([1]);
    expect(reader.read(1)).toEqual([]);
    reader.close();
  });

  test('refuses an event that holds a registered secret, and writes nothing of it', () => {
    const journal = open();
    redactor.register('a-very-secret-token-0123456789', 'file:token');
    expect(() => journal.append(note('it is a-very-secret-token-0123456789'))).toThrow(
      expect.objectContaining({ code: 'SECRET_IN_JOURNAL' }),
    );
    expect(journal.read()).toEqual([]);
    expect(readFileSync(path).includes('a-very-secret-token-0123456789')).toBe(false);
  });

  test('lets only one of two writers go on', () => {
    const first = open();
    const second = open();
    first.append(note('one'));
    expect(() => second.append(note('another'))).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
    expect(first.read()).toHaveLength(1);
  });
});

describe('damage', () => {
  beforeEach(() => {
    const journal = open();
    for (const text of ['one', 'two', 'three']) journal.append(note(text));
    journal.close();
    opened.splice(0);
  });

  test.each([
    ['a changed event', "UPDATE events SET line = replace(line, 'two', 'six') WHERE seq = 1", 2],
    ['a missing event in the middle', 'DELETE FROM events WHERE seq = 1', 2],
    ['an event that is no JSON', "UPDATE events SET line = '{' WHERE seq = 2", 2],
    ['events in another order', 'UPDATE events SET seq = 9 WHERE seq = 0', 1],
  ])('%s is found and named', (_name, sql, seq) => {
    tamper((database) => database.exec(sql));
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'JOURNAL_DAMAGED', message: expect.stringContaining(`event ${seq}`), hint }),
    );
  });

  test('a file that is no database is refused with the way out', () => {
    writeFileSync(path, 'x'.repeat(8192));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'JOURNAL_DAMAGED', hint }));
  });

  test('a file torn in the middle is refused or ends with a whole chain, never with a wrong one', () => {
    const whole = readFileSync(path);
    for (let bytes = 1; bytes < whole.length; bytes += 509) {
      writeFileSync(path, whole);
      truncateSync(path, bytes);
      rmSync(`${path}-wal`, { force: true });
      rmSync(`${path}-shm`, { force: true });
      let events: readonly unknown[] = [];
      try {
        events = open().read();
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/JOURNAL_DAMAGED|STATE_UNWRITABLE/) });
      }
      expect([0, 3]).toContain(events.length);
    }
  });

  test('a torn write-ahead log loses at most the event that was being written', () => {
    const journal = open();
    const before = journal.read().length;
    journal.append(note('four'));
    const wal = readFileSync(`${path}-wal`);
    const copy = join(directory, 'copy.sqlite');
    for (const cut of [1, 100, 2000]) {
      writeFileSync(copy, readFileSync(path));
      writeFileSync(`${copy}-wal`, wal.subarray(0, wal.length - cut));
      const torn = openJournal(copy, { runId: 'r1', clock: clockNode(), redactor, hint });
      expect(torn.read()).toHaveLength(before);
      torn.close();
    }
  });
});
