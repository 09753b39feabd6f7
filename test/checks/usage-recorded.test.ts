import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { usageRecorded } from '../../checks/usage-recorded.js';
import type { Json } from '../../src/core/json.js';
import type { StepResult } from '../../src/core/step-result.js';
import { askCheck, openRoom, profile } from './check-room.js';

const room = openRoom();
let made = 0;
const next = (): number => {
  made += 1;
  return made;
};

type Row = { id: string; input?: number | null; output?: number | null; total?: number | null; cost?: number | null };
const request = (
  requestId: string | null,
  stream = false,
  usage: Json = { input: 9, output: 4, total: 13 },
  status = 200,
  model = 'small',
): Json => ({ requestId, model, stream, usage, seen: { status } });
const step = (...requests: Json[]): StepResult => ({ verdict: null, observation: { requests }, effects: {} });

function database(rows: readonly Row[]) {
  const path = join(room.directory, `usage-${next()}.db`);
  const db = new Database(path);
  db.exec(
    'CREATE TABLE request_usage (request_id TEXT, ts TEXT, stream INTEGER, input_tokens INTEGER, output_tokens INTEGER, total_tokens INTEGER, total_cost_usd REAL, status INTEGER)',
  );
  const insert = (row: Row) =>
    db
      .prepare('INSERT INTO request_usage VALUES (?, ?, 0, ?, ?, ?, ?, 200)')
      .run(
        row.id,
        't',
        ...(['input', 'output', 'total', 'cost'] as const).map((name, index) =>
          row[name] === undefined ? [9, 4, 13, 0.01][index] : row[name],
        ),
      );
  rows.forEach(insert);
  return { path, insert, close: () => db.close() };
}

const ask = async (results: Record<string, StepResult>, path: string, spec: object = { of: ['plain', 'stream'] }, more: object = {}) =>
  await askCheck(
    usageRecorded,
    spec,
    room,
    room.context(room.target({ databases: { usage: { kind: 'sqlite', path } } }), { results, ...more }),
  );

const plain = step(request('p1'), request('p2'));
const streamed = step(request('s1', true), request('s2', true), request('s3', true));
const all: Row[] = ['p1', 'p2', 's1', 's2', 's3'].map((id) => ({ id }));

test.each<[string, readonly Row[], string, RegExp]>([
  ['every request is recorded', all, 'pass', /5 of 5 requests in request_usage after \d+ ms: 65 tokens, cost 0.05/],
  ['streams left no rows', all.slice(0, 2), 'fail', /^3 of 3 streamed requests left no usage row$/],
  ['one plain request left none', all.slice(1), 'fail', /^1 of 2 plain requests left no usage row$/],
  ['a request was recorded twice', [...all, { id: 's1' }], 'fail', /1 of 3 streamed requests left more than one usage row/],
  ['tokens are zero', [...all.slice(1), { id: 'p1', input: 0, output: 0, total: 0 }], 'fail', /without tokens/],
  ['tokens are null', [...all.slice(1), { id: 'p1', output: null }], 'fail', /without tokens/],
  ['tokens differ from the answer', [...all.slice(1), { id: 'p1', output: 5, total: 14 }], 'fail', /other tokens than the answer named/],
  ['no cost', [...all.slice(1), { id: 'p1', cost: null }], 'fail', /without a cost/],
  [
    'streams are free, plain ones are not',
    [...all.slice(0, 2), ...['s1', 's2', 's3'].map((id) => ({ id, cost: 0 }))],
    'fail',
    /3 of 3 streamed requests left a usage row of cost 0/,
  ],
  [
    'everything is free, as for a local model',
    all.map(({ id }) => ({ id, cost: 0 })),
    'pass',
    /65 tokens, cost 0 \(nothing says that small has a price\)$/,
  ],
])('%s', async (_, rows, status, words) => {
  const { path, close } = database(rows);
  expect((await ask({ plain, stream: streamed }, path)).verdict).toMatchObject({ status, summary: expect.stringMatching(words) });
  close();
});

const free = all.map(({ id }) => ({ id, cost: 0 }));

test('cost 0 for a model that cost something before the change fails, also for every request', async () => {
  const { path, close } = database(free);
  const before = (cost: number, model = 'small'): Json => ({ table: 'request_usage', waitedMs: 1, requests: [{ model, cost }] });
  const asked = async (baseline: Json, more = {}) =>
    (await ask({ plain, stream: streamed }, path, undefined, { baseline, ...more })).verdict;
  expect(await asked(before(0.01))).toMatchObject({
    status: 'fail',
    summary: '3 of 3 streamed requests left a usage row of cost 0 although the model has a price',
    details: ['2 of 2 plain requests left a usage row of cost 0 although the model has a price'],
  });
  expect((await asked(before(0.01), { mode: 'restored' })).status).toBe('fail');
  expect(await asked(before(0))).toMatchObject({ status: 'pass', summary: expect.stringMatching(/nothing says that small has a price/) });
  expect((await asked(before(0.01, 'large'))).status).toBe('pass');
  close();
});

test('the price that a row carries decides whether cost 0 is right', async () => {
  const { path, close } = database(free);
  const priced = {
    ...profile,
    usage: { ...(profile.usage as NonNullable<typeof profile.usage>), inputPrice: 'input_price', outputPrice: 'price' },
  };
  const db = new Database(path);
  db.exec('ALTER TABLE request_usage ADD COLUMN input_price REAL DEFAULT 0; ALTER TABLE request_usage ADD COLUMN price REAL DEFAULT 1.5');
  const asked = async () => (await ask({ plain, stream: streamed }, path, undefined, { profile: priced })).verdict;
  expect(await asked()).toMatchObject({ status: 'fail', summary: expect.stringMatching(/cost 0 although the model has a price/) });
  db.exec('UPDATE request_usage SET total_cost_usd = 0.01');
  expect((await asked()).status).toBe('pass');
  db.exec('UPDATE request_usage SET total_cost_usd = 0, price = 0');
  expect(await asked()).toMatchObject({ status: 'pass', summary: expect.stringMatching(/cost 0 at a price of 0$/) });
  db.close();
  close();
});

test('rows that appear a moment later are waited for', async () => {
  const { path, insert, close } = database([]);
  setTimeout(() => insert({ id: 'p1' }), 120);
  setTimeout(() => insert({ id: 'p2' }), 160);
  const { verdict, observation } = await ask({ plain }, path, { of: ['plain'] });
  expect(verdict.status).toBe('pass');
  expect((observation as { waitedMs: number }).waitedMs).toBeGreaterThan(0);
  close();
});

test('a cut stream counts as served; a refused request, and one without an id, does not', async () => {
  const { path, close } = database([{ id: 'p1' }]);
  const cut = step(request('cut', true, null));
  const refused = step(request('p1'), request('no', false, null, 502), request(null));
  expect((await ask({ plain: refused }, path, { of: ['plain'] })).verdict.status).toBe('pass');
  expect((await ask({ plain: refused, stream: cut }, path)).verdict.summary).toBe('1 of 1 streamed request left no usage row');
  close();
});

test('inside a suite the members are named without their suite', async () => {
  const { path, close } = database([{ id: 'p1' }, { id: 'p2' }]);
  const results = { 'smoke/plain': plain, plain: step(request('other')) };
  expect((await ask({ 'smoke/plain': plain }, path, { of: ['plain'] }, { stepId: 'smoke/usage' })).verdict.status).toBe('pass');
  expect((await ask(results, path, { of: ['plain'] }, { stepId: 'smoke/usage' })).verdict.status).toBe('pass');
  close();
});

test('no ids to look for is not measured', async () => {
  const { path, close } = database([]);
  expect((await ask({}, path)).verdict).toMatchObject({
    status: 'inconclusive',
    summary: expect.stringMatching(/plain, stream left no request ids/),
  });
  close();
});

test('no database, no usage table in the profile: skipped with the reason', async () => {
  const { usage: _, ...without } = profile;
  const target = room.target();
  expect((await askCheck(usageRecorded, { of: ['plain'] }, room, room.context(target, { results: { plain } }))).verdict).toMatchObject({
    status: 'skip',
    summary: expect.stringMatching(/no usage database/),
  });
  expect((await askCheck(usageRecorded, { of: ['plain'] }, room, room.context(target, { profile: without }))).verdict).toMatchObject({
    status: 'skip',
    summary: expect.stringMatching(/no usage table/),
  });
});

test('another database, a missing one and an unknown name are told apart', async () => {
  const path = join(room.directory, 'other.db');
  new Database(path).exec('CREATE TABLE t (x)').close();
  expect((await ask({ plain }, path, { of: ['plain'] })).verdict).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/no table request_usage/),
  });
  expect((await ask({ plain }, join(room.directory, 'none.db'), { of: ['plain'] })).verdict).toMatchObject({
    status: 'fail',
    hint: expect.stringMatching(/writes to/),
  });
  await expect(ask({ plain }, path, { of: ['plain'], database: 'nope' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
