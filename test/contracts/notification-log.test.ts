import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { notificationLogNode } from '../../src/adapters/notification-log-node.js';
import type { NotificationLine } from '../../src/core/ports/notification-log.js';

const directory = mkdtempSync(join(tmpdir(), 'notifications-'));
afterAll(() => rmSync(directory, { recursive: true }));

const sending = (id: string): NotificationLine => ({ what: 'sending', id, event: 'start', at: '2026-11-20T02:14:00.000Z' });

test('what was appended is read back in order, also by somebody else, and nothing before the first line', () => {
  const path = join(directory, 'whole.jsonl');
  const log = notificationLogNode(path);
  expect(log.read()).toEqual([]);
  log.append(sending('a/1'));
  log.append(sending('a/2'));
  expect(notificationLogNode(path).read()).toEqual([sending('a/1'), sending('a/2')]);
});

test('a line that a crash tore is left out, and the next one is not lost with it', () => {
  const path = join(directory, 'torn.jsonl');
  const log = notificationLogNode(path);
  log.append(sending('a/1'));
  appendFileSync(path, '{"what":"told","id":"a');
  expect(log.read()).toEqual([sending('a/1')]);
  log.append(sending('a/2'));
  expect(log.read()).toEqual([sending('a/1'), sending('a/2')]);
});
