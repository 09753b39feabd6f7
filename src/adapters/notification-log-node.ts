// The record of what was told, on disk: one JSON document a line, synced line by line, since a line that a crash swallows is told twice.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { NotificationLine, NotificationLog } from '../core/ports/notification-log.js';

export function notificationLogNode(path: string): NotificationLog {
  const text = (): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return {
    append(line) {
      const torn = !['', '\n'].includes(text().slice(-1));
      const file = openSync(path, 'a', 0o640);
      try {
        writeSync(file, `${torn ? '\n' : ''}${JSON.stringify(line)}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
    read: () => text().split('\n').flatMap(lineOf),
  };
}

/** What is not whole was never said. */
function lineOf(line: string): readonly NotificationLine[] {
  try {
    return [JSON.parse(line) as NotificationLine];
  } catch {
    return [];
  }
}
