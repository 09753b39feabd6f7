// The journal of one run in a SQLite file: each event is one row with the exact bytes that the chain hashes. One fsync makes an
// event durable, and with it those before it that nothing had to wait for.
// Several processes may read while the one lease holder writes; a second writer collides on the sequence number.
import { hash } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { RouterctlError } from '../core/errors.js';
import type { Clock } from '../core/ports/clock.js';
import type { Journal, JournalReads } from '../core/ports/journal.js';
import type { Redactor } from '../core/redaction.js';
import type { RunEvent } from '../core/run-event.js';
import { openSqlite, type SqliteConnection } from './sqlite.js';

/** A crash forgets at most what checks said in this time, and checks start afresh on resume; a viewer sees them this much later. */
const UNWAITED_MS = 100;

const FIRST_PREV = '0'.repeat(64);

interface Row {
  readonly seq: number;
  readonly line: string;
}

export interface JournalOptions {
  readonly runId: string;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** What to do when the file cannot be trusted; names the page with the plain commands. */
  readonly hint: string;
}

export function openJournal(path: string, options: JournalOptions): Journal {
  const database = guarded(path, options.hint, () => {
    if (!existsSync(path)) createWhole(path);
    return prepared(path);
  });
  const reader = readsOf(database, path, options.hint);
  const insert = database.prepare<[number, string]>('INSERT INTO events (seq, line) VALUES (?, ?)');
  const insertAll = database.transaction((rows: readonly Row[]) => {
    for (const { seq, line } of rows) insert.run(seq, line);
  });
  let head = headOf(reader);
  /** In the chain but not in the file yet. */
  let unwaited: Row[] = [];
  let timer: NodeJS.Timeout | undefined;
  const write = (rows: readonly Row[]): void => {
    clearTimeout(timer);
    timer = undefined;
    if (rows.length > 0) guarded(path, options.hint, () => insertAll(rows));
    unwaited = [];
  };
  const writeInTime = (): void => {
    try {
      write(unwaited);
    } catch {
      // They are kept: the next event tries again and tells its caller.
    }
  };
  return {
    read(afterSeq) {
      write(unwaited);
      return reader.read(afterSeq);
    },
    exportLines() {
      write(unwaited);
      return reader.exportLines();
    },
    close() {
      writeInTime();
      reader.close();
    },
    append(body) {
      const event = {
        v: 1,
        seq: head.seq + 1,
        ts: new Date(options.clock.nowMs()).toISOString(),
        mono: Math.round(options.clock.bootMs()),
        runId: options.runId,
        prev: head.hash,
        ...body,
      } as RunEvent;
      const line = JSON.stringify(event);
      const labels = options.redactor.scan(line);
      if (labels.length > 0)
        throw new RouterctlError(
          'SECRET_IN_JOURNAL',
          `the event ${body.type} would have carried a secret (${labels.join(', ')}); it was not written`,
        );
      const row = { seq: event.seq, line };
      if (isUnwaited(event)) {
        unwaited.push(row);
        timer ??= setTimeout(writeInTime, UNWAITED_MS);
      } else write([...unwaited, row]);
      head = { seq: event.seq, hash: sha256(line) };
      return event;
    },
  };
}

/** A viewer may look at any moment: the file appears under its name only when it can be read. */
function createWhole(path: string): void {
  const aside = `${path}.new`;
  for (const end of ['', '-wal', '-shm']) rmSync(`${aside}${end}`, { force: true });
  prepared(aside).close();
  renameSync(aside, path);
}

function prepared(path: string): SqliteConnection {
  const opened = openSqlite(path, { busyTimeoutMs: 2000 });
  opened.pragma('journal_mode = WAL');
  opened.pragma('synchronous = FULL');
  opened.exec('CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT');
  return opened;
}

/** Questions change nothing: whatever is done because of an answer is announced by an event that does wait. */
function isUnwaited({ type }: RunEvent): boolean {
  return type === 'check-started' || type === 'check-finished';
}

/** Opens a journal to look at it; never writes and never creates. */
export function readJournal(path: string, hint: string): JournalReads {
  const database = guarded(path, hint, () => openSqlite(path, { readOnly: true, busyTimeoutMs: 2000 }));
  return readsOf(database, path, hint);
}

function readsOf(database: SqliteConnection, path: string, hint: string): JournalReads {
  const rows = (): readonly Row[] =>
    guarded(path, hint, () => database.prepare<[], Row>('SELECT seq, line FROM events ORDER BY seq').all());
  const later = (seq: number): readonly Row[] =>
    guarded(path, hint, () => database.prepare<[number], Row>('SELECT seq, line FROM events WHERE seq >= ? ORDER BY seq').all(seq));
  return {
    read(afterSeq = -1) {
      if (afterSeq < 0) return verifyChain(rows(), { seq: -1, hash: FIRST_PREV }, path, hint);
      const [anchor, ...rest] = later(afterSeq);
      return anchor === undefined ? [] : verifyChain(rest, { seq: anchor.seq, hash: sha256(anchor.line) }, path, hint);
    },
    exportLines: () =>
      rows()
        .map((row) => `${row.line}\n`)
        .join(''),
    close: () => database.close(),
  };
}

interface Head {
  readonly seq: number;
  readonly hash: string;
}

function headOf(reader: JournalReads): Head {
  reader.read();
  const lines = reader.exportLines().split('\n');
  const last = lines.at(-2);
  return last === undefined ? { seq: -1, hash: FIRST_PREV } : { seq: lines.length - 2, hash: sha256(last) };
}

function verifyChain(rows: readonly Row[], from: Head, path: string, hint: string): readonly RunEvent[] {
  let head = from;
  return rows.map(({ seq, line }) => {
    const event = parsed(line, path, seq, hint);
    if (seq !== head.seq + 1 || event.seq !== seq || event.prev !== head.hash) {
      throw new RouterctlError(
        'JOURNAL_DAMAGED',
        `the journal ${path} is not the one that was written: event ${seq} does not follow event ${head.seq}`,
        { hint },
      );
    }
    head = { seq, hash: sha256(line) };
    return event;
  });
}

function parsed(line: string, path: string, seq: number, hint: string): RunEvent {
  try {
    return JSON.parse(line) as RunEvent;
  } catch (cause) {
    throw new RouterctlError('JOURNAL_DAMAGED', `the journal ${path} cannot be read at event ${seq}`, { hint, cause });
  }
}

function sha256(text: string): string {
  return hash('sha256', text);
}

/** Errors of the file under the journal in the words of our catalogue. */
function guarded<Value>(path: string, hint: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY')
      throw new RouterctlError('LEASE_LOST', 'another process wrote to this run: it took the deployment over', { cause: error });
    if (code === 'SQLITE_FULL')
      throw new RouterctlError('NO_ROOM', `no room left for the journal ${path}`, {
        cause: error,
        hint: 'free space on that file system, then: routerctl resume',
      });
    if (code === 'SQLITE_READONLY' || code === 'SQLITE_CANTOPEN')
      throw new RouterctlError('STATE_UNWRITABLE', `the journal ${path} cannot be opened`, {
        cause: error,
        hint: 'run as the user who began the run, or as root',
      });
    if (code.startsWith('SQLITE_'))
      throw new RouterctlError('JOURNAL_DAMAGED', `the journal ${path} cannot be read: ${error instanceof Error ? error.message : code}`, {
        hint,
        cause: error,
      });
    throw error;
  }
}
