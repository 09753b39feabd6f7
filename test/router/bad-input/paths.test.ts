// Tricks with paths: nothing outside of the pages is ever served, and every refusal has our shape.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basic, startAdminRouter } from '../access/admin-room.js';
import { sendRaw } from '../raw-socket.js';
import type { StartedRouter } from '../started-router.js';

let router: StartedRouter;
beforeAll(async () => {
  router = await startAdminRouter();
});
afterAll(async () => router.stop());

const tricks = [
  ...[
    '..',
    '../',
    '../../package.json',
    '..%2f..%2fpackage.json',
    '%2e%2e/%2e%2e/package.json',
    '%2e%2e%2fusage.sqlite',
    '.%2e/config.yaml',
  ],
  ...[
    '..\\..\\package.json',
    '..%5c..%5cpackage.json',
    '%00',
    'releases%00.html',
    '..;/metrics',
    '....//....//package.json',
    '%252e%252e%252f',
  ],
  ...['//etc/passwd', 'releases/..', 'releases/%2e%2e/', '%c0%ae%c0%ae/', '%zz', '%', '~root', '.git/config', 'releases#x'],
  ...[
    'constructor',
    '__proto__',
    'hasOwnProperty',
    '<id>',
    'requests/<id>',
    'api/request/..%2f..',
    'requests/%00',
    `x${'/y'.repeat(2000)}`,
  ],
];
const get = (target: string, headers: Record<string, string> = {}) => {
  const lines = Object.entries({ Host: 'a', Connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return sendRaw(router.url, `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
};

test.each(['/docs/', '/admin/reports/', '/admin/', '/v1/', '/'])('no trick below %s leads anywhere', async (below) => {
  for (const trick of tricks) {
    const [answer] = await get(`${below}${trick}`, basic('root'));
    const told = `${below}${trick}: ${answer?.text.slice(0, 200)}`;
    expect([400, 404], told).toContain(answer?.status);
    expect(answer?.headers.get('x-request-id'), told).toMatch(/^req_[0-9a-f]{32}$/);
    expect(answer?.text, told).not.toMatch(/root:x:|"dependencies"|SQLite format|password_hash|token_sha256/);
    if (answer?.headers.get('content-type') === 'application/json') expect(answer.text, told).toContain('"request_id"');
  }
});

test.each(tricks)('the reports tell nobody who is not signed in whether %s is there', async (trick) => {
  const [answer] = await get(`/admin/reports/${trick}`);

  expect([400, 401]).toContain(answer?.status);
});

test('a target in its absolute form reaches no further than the same path', async () => {
  const [docs] = await get('http://elsewhere.test/docs/');
  const [trick] = await get('http://elsewhere.test/docs/%2e%2e/config.yaml');
  const [bare] = await get('http://elsewhere.test');

  expect([docs?.status, trick?.status, bare?.status]).toEqual([200, 404, 307]);
  expect(bare?.headers.get('location')).toBe('/docs/');
});

test('a target with the token of somebody in its query is answered without it anywhere', async () => {
  const [answer] = await get('/v1/models?api_key=rt-test-all');

  expect(answer?.status).toBe(401);
  expect(answer?.text).not.toContain('rt-test-all');
});
