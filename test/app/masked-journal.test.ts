// What a failed start leaves in the log of a router becomes evidence: nobody registered the secrets in there, and none may stay.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clockNode } from '../../src/adapters/clock-node.js';
import { openJournal } from '../../src/adapters/journal-sqlite.js';
import { maskedJournal } from '../../src/app/masked-journal.js';
import type { Json } from '../../src/core/json.js';
import type { Journal } from '../../src/core/ports/journal.js';
import { createRedactor, type Redactor } from '../../src/core/redaction.js';
import type { RunEventBody } from '../../src/core/run-event.js';
import { findLeaks } from '../../src/report/leak-gate.js';

const log = [
  'connecting to postgres://router:hunter2@db/x',
  'database_password=correct-horse',
  'upstream asked with Authorization: Basic cm91dGVyOmh1bnRlcjI=',
  '{"level":50,"err":"redis://:s3same@cache:6379 refused","smtp":{"password":"letmein1"}}',
];
const secrets = ['hunter2', 'correct-horse', 'cm91dGVyOmh1bnRlcjI', 's3same', 'letmein1', 'open-sesame'];
const maskerOff: Redactor = { register: () => undefined, mask: (text) => text, scan: () => [], ranges: () => [] };

let directory: string;
let opened: Journal[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'routerctl-masked-'));
  opened = [];
});
afterEach(() => {
  for (const journal of opened) journal.close();
  rmSync(directory, { recursive: true });
});

function open(redactor: Redactor): Journal {
  const file = openJournal(join(directory, 'journal.sqlite'), { runId: 'r1', clock: clockNode(), redactor, hint: '' });
  opened.push(file);
  return maskedJournal(file, redactor);
}

const finished = (evidence: Json): RunEventBody => ({
  type: 'change-finished',
  data: { step: 'up', phase: 'change', status: 'failed', summary: 'ended', hint: null, effects: {}, evidence, tookMs: 1 },
});
const intent = (undo: Json, input: Json = {}): RunEventBody => ({
  type: 'change-intent',
  data: { step: 'pin', phase: 'change', attempt: 1, undo, expects: {}, with: input },
});
const evidence = { log, settings: { database: { password: 'open-sesame' } }, pid: 7, file: '/srv/router/config.yaml' };

test('the log of a failed start is journalled without the secrets that nobody registered', () => {
  const redactor = createRedactor();
  const journal = open(redactor);
  journal.append(finished(evidence));
  const lines = journal.exportLines();
  for (const secret of secrets) expect(lines).not.toContain(secret);
  expect(lines).toContain('connecting to postgres://***url-user***@db/x');
  expect(lines).toContain('"pid":7,"file":"/srv/router/config.yaml"');
  expect(findLeaks(new Map([['journal.jsonl', Buffer.from(lines)]]), redactor)).toEqual([]);
});

test('the control with the masker off stores them all, and the leak gate finds them', () => {
  const journal = open(maskerOff);
  journal.append(finished({ log }));
  const lines = journal.exportLines();
  for (const secret of secrets.slice(0, 5)) expect(lines).toContain(secret);
  expect(findLeaks(new Map([['journal.jsonl', Buffer.from(lines)]]), createRedactor())).toEqual([
    { file: 'journal.jsonl', rules: ['url-user', 'secret-name'] },
  ]);
});

test('undo data are never altered: with a secret in them the event is refused', () => {
  const journal = open(createRedactor());
  expect(() => journal.append(intent({}, { key: 'DATABASE_URL', value: 'postgres://router:hunter2@db/x' }))).toThrow(
    expect.objectContaining({ code: 'SECRET_IN_JOURNAL', message: expect.stringContaining('url-user') as string }),
  );
  expect(() => journal.append({ type: 'fact', data: { step: 'up', name: 'said', value: 'database_password=hunter2' } })).toThrow(
    expect.objectContaining({ code: 'SECRET_IN_JOURNAL' }),
  );
  expect(journal.read()).toEqual([]);
  expect(readFileSync(join(directory, 'journal.sqlite')).includes('hunter2')).toBe(false);
});

test('digests under the names of secrets, as undo data hold them, are stored as they are', () => {
  const digest = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
  const journal = open(createRedactor());
  journal.append(intent({ file: '/srv/router/.env', before: digest, keys: { OPENAI_API_KEY: digest } }));
  expect(journal.exportLines()).toContain(`"OPENAI_API_KEY":"${digest}"`);
});
