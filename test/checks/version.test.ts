import { expect, test } from 'vitest';
import { version } from '../../checks/version.js';
import { askCheck, openRoom, sendJson, startServer } from './check-room.js';

const room = openRoom();
const document = { version: '1.1.0', commit: 'abc1234', build_date: '2026-11-01T10:00:00Z', go_version: 'x' };
const ask = async (answer: unknown, spec: object = {}, more: object = {}) => {
  const url = await startServer({
    '/version': (_, response) => (typeof answer === 'string' ? response.end(answer) : sendJson(response, answer)),
  });
  return await askCheck(version, spec, room, room.context(room.target({}, { url }), more));
};

test.each<[string, unknown, object, string, RegExp]>([
  ['a release without expectations', document, {}, 'pass', /version 1\.1\.0, built 2026-11-01T10:00:00Z/],
  ['null as expectation, from an input without a value', document, { version: null, buildDate: null }, 'pass', /1\.1\.0/],
  [
    'all as expected, the date written otherwise',
    document,
    { version: '1.1.0', commit: 'abc1234', buildDate: '2026-11-01T11:00:00+01:00' },
    'pass',
    /1\.1\.0/,
  ],
  ['another version', document, { version: '1.2.0' }, 'fail', /version 1\.1\.0 answers, expected 1\.2\.0/],
  ['another build date', document, { buildDate: '2026-11-01T10:00:01Z' }, 'fail', /build date .* expected/],
  ['another commit', document, { commit: 'ffff' }, 'fail', /commit abc1234 answers/],
  ['no commit', { ...document, commit: '' }, {}, 'fail', /does not say its commit/],
  ['no build date', { version: '1.1.0', commit: 'a' }, {}, 'fail', /does not say its build date/],
  ['no date at all', { ...document, build_date: 'yesterday-ish' }, {}, 'fail', /is no date/],
  ['an HTML page', '<html>docs</html>', {}, 'fail', /HTML page instead of JSON/],
  ['broken JSON', '{"version":', {}, 'fail', /broken/],
  ...['dev', 'unknown', '1.1.0-dirty', '1.1.0-dev.3', 'v1.1.0+dirty', ''].map((word): [string, unknown, object, string, RegExp] => [
    `version ${word}`,
    { ...document, version: word },
    { version: word === '' ? undefined : word },
    'fail',
    /no release|does not say/,
  ]),
])('%s', async (_, answer, spec, status, words) => {
  expect((await ask(answer, spec)).verdict).toMatchObject({ status, summary: expect.stringMatching(words) });
});

test('after a rollback it must be exactly the version of before, whatever the step expects', async () => {
  const { observation: baseline } = await ask(document);
  const restored = { baseline, mode: 'restored' };
  expect((await ask(document, { version: '1.2.0' }, restored)).verdict).toMatchObject({
    status: 'pass',
    summary: expect.stringMatching(/again/),
  });
  expect((await ask({ ...document, version: '1.2.0' }, {}, restored)).verdict).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/not as before: version 1\.2\.0, before the change 1\.1\.0/),
  });
  expect((await ask({ ...document, build_date: '2026-11-02T10:00:00Z' }, {}, restored)).verdict.status).toBe('fail');
  expect((await ask(document, {}, { baseline: null, mode: 'restored' })).verdict.status).toBe('inconclusive');
});
