// `routerctl usage-report` on what a real router recorded, spawned as a script would.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operator as newOperator, type Operator } from '../e2e/operator.js';

let operator: Operator;
const ids: string[] = [];

beforeAll(async () => {
  operator = await newOperator();
  const ask = async (model: string, token = operator.lab.token): Promise<Response> => {
    const body = { model, messages: [{ role: 'user', content: 'reply with exactly: PONG' }] };
    const headers = { authorization: `Bearer ${token}` };
    return fetch(`${operator.lab.url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  for (const model of ['chat-small', 'chat-small', 'chat-large', 'no-such-model']) {
    const answer = await ask(model);
    await answer.text();
    ids.push(answer.headers.get('x-request-id') ?? '');
  }
});
afterAll(async () => operator.leave());

const config = (): string => operator.lab.paths.targetConfig;

test('the usage of the target of the config is a table whose last row is the total', async () => {
  writeFileSync(join(operator.desk, 'ids.txt'), ids.join('\n'));
  const said = await operator.routerctl(
    'usage-report',
    '--config',
    config(),
    '--by',
    'model-group',
    '--expect',
    join(operator.desk, 'ids.txt'),
  );

  expect([said.code, said.err]).toEqual([0, '']);
  const lines = said.out.trimEnd().split('\n');
  expect(lines[0]).toMatch(/usage\.sqlite, from \S+Z to \S+Z$/);
  expect(lines.slice(1, -1).map((line) => line.trim().split(/ {2,}/).slice(0, 8))).toEqual([
    ['model-group', 'requests', 'errors', 'fallbacks', 'input', 'output', 'tokens', 'cost USD'],
    ['chat-small', '2', '0', '0', '16', '4', '20', '0.000014'],
    ['-', '1', '1', '0', '0', '0', '0', '0.000000'],
    ['chat-large', '1', '0', '0', '8', '2', '10', '0.000070'],
    ['total', '4', '1', '0', '24', '6', '30', '0.000084'],
  ]);
  expect(lines.at(-1)).toBe('all 4 expected requests were recorded');
});

test('as JSON it is one document, from the file that is named', async () => {
  const said = await operator.routerctl('usage-report', '--db', operator.lab.paths.database, '--since', '1d', '--by', 'status', '--json');

  expect(said.code).toBe(0);
  expect(JSON.parse(said.out)).toMatchObject({
    database: operator.lab.paths.database,
    by: 'status',
    total: { requests: 4, errors: 1, totalTokens: 30, totalCostUsd: 0.000084 },
    groups: [
      { key: '200', requests: 3 },
      { key: '403', requests: 1 },
    ],
    expected: null,
    unrecorded: [],
  });
});

test('an expected request that was not recorded ends with 3 and is named', async () => {
  const file = join(operator.desk, 'more.txt');
  writeFileSync(file, `${ids[0]}\n\nreq_never\n`);
  const args = ['usage-report', '--config', config(), '--expect', file];
  const said = await operator.routerctl(...args);

  expect(said.code).toBe(3);
  expect(said.out).toContain('1 of 2 expected requests were not recorded:\n  req_never\n');
  expect(JSON.parse((await operator.routerctl(...args, '--json')).out)).toMatchObject({
    expected: { requests: 2, missing: ['req_never'] },
    exitCode: 3,
  });
});

test.each([
  [['--since', 'yesterday'], 2, 'no span of time'],
  [['--by', 'weather'], 2, 'weather'],
  [['--expect', 'gone.txt'], 2, 'gone.txt'],
  [['--db', 'gone.sqlite'], 3, 'does not exist'],
])('%j ends with %s and says what is wrong and what to do', async (more, code, words) => {
  const said = await operator.routerctl('usage-report', '--config', config(), ...more);

  expect([said.code, said.out]).toEqual([code, '']);
  expect(said.err).toContain(words);
  expect(said.err).toContain('hint: ');
});
