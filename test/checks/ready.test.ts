import { expect, test } from 'vitest';
import { ready } from '../../checks/ready.js';
import { askCheck, freeUrl, type Handler, openRoom, profile, sendJson, startServer } from './check-room.js';

const room = openRoom();
const ask = async (handler: Handler, spec: object = {}) => {
  const url = await startServer({ '/readyz': handler });
  return (await askCheck(ready, spec, room, room.context(room.target({}, { url })))).verdict;
};

test.each<[string, Handler, object, string, RegExp]>([
  ['200 with JSON', (_, r) => sendJson(r, { ok: true }), {}, 'pass', /^ready, [\d.]+ ms$/],
  ['a plain ok', (_, r) => r.end('ok'), {}, 'pass', /ready/],
  ['204 without a body', (_, r) => r.writeHead(204).end(), {}, 'pass', /ready/],
  ['503 with its reason', (_, r) => sendJson(r, { ok: false, error: 'license-expired' }, 503), {}, 'fail', /^not ready: license-expired$/],
  ['500', (_, r) => r.writeHead(500).end('boom'), {}, 'fail', /answered 500: boom/],
  ['401', (_, r) => r.writeHead(401).end(), {}, 'fail', /\(401\)/],
  ['a redirect', (_, r) => r.writeHead(302, { location: '/login' }).end(), {}, 'fail', /302, a redirect to \/login/],
  ['an HTML page', (_, r) => r.end('<!doctype html>'), {}, 'fail', /HTML page/],
  ['404', (_, r) => r.writeHead(404).end(), {}, 'fail', /answered 404/],
  ['exactly the wanted status', (_, r) => r.writeHead(299).end(), { status: 299 }, 'pass', /299/],
  ['another status than the wanted one', (_, r) => r.writeHead(200).end(), { status: 204 }, 'fail', /answered 200, not 204/],
  ['silence', () => undefined, { timeout: '100ms' }, 'inconclusive', /does not answer: no complete answer within 100 ms/],
])('%s', async (_, handler, spec, status, words) => {
  const verdict = await ask(handler, spec);
  expect(verdict).toMatchObject({ status, summary: expect.stringMatching(words) });
});

test('nobody listening is not measured, with a hint', async () => {
  const { verdict } = await askCheck(ready, {}, room, room.context(room.target({}, { url: await freeUrl() })));
  expect(verdict).toMatchObject({
    status: 'inconclusive',
    summary: expect.stringMatching(/connection refused/),
    hint: expect.stringMatching(/running/),
  });
});

test('a path of the URL is kept', async () => {
  const url = await startServer({ '/gateway/readyz': (_, r) => r.end('ok') });
  const { verdict } = await askCheck(ready, {}, room, room.context(room.target({}, { url: `${url}/gateway/` })));
  expect(verdict.status).toBe('pass');
});

test('a product without a readiness path, or a component without URL, is skipped with the reason', async () => {
  const target = room.target({}, {});
  expect((await askCheck(ready, {}, room, room.context(target))).verdict).toMatchObject({
    status: 'skip',
    summary: expect.stringMatching(/no URL/),
  });
  const { ready: _, ...paths } = profile.paths;
  expect((await askCheck(ready, {}, room, room.context(target, { profile: { ...profile, paths } }))).verdict).toMatchObject({
    status: 'skip',
    summary: expect.stringMatching(/readiness path/),
  });
});

test('the step running out of time ends the question at once', async () => {
  const url = await startServer({ '/readyz': () => undefined });
  const { verdict } = await askCheck(ready, {}, room, room.context(room.target({}, { url }), { signal: AbortSignal.timeout(50) }));
  expect(verdict).toMatchObject({ status: 'inconclusive', hint: expect.stringMatching(/time was up/) });
});
