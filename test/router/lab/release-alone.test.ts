import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startLab } from '../../lab/lab.js';
import { basic } from '../access/admin-room.js';
import { readRows } from '../started-router.js';

test('an unpacked release serves chats, rows, reports, pages and metrics with nothing but its own files', async () => {
  const lab = await startLab();
  onTestFinished(() => lab.stop());
  const ask = async (path: string, init?: RequestInit): Promise<{ status: number; type: string; text: string }> => {
    const answer = await fetch(`${lab.url}${path}`, init);
    return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
  };
  const headers = basic('admin', readFileSync(lab.paths.adminPassword, 'utf8').trim());
  const question = { model: 'chat-small', messages: [{ role: 'user', content: 'hi' }] };
  const chat = { method: 'POST', headers: { authorization: `Bearer ${lab.token}` }, body: JSON.stringify(question) };

  expect((await ask('/readyz')).status).toBe(200);
  expect((await ask('/v1/chat/completions', chat)).status).toBe(200);
  await expect
    .poll(() => readRows(lab.paths.database), { timeout: 20_000 })
    .toMatchObject([{ status: 200, requested_model: 'chat-small' }]);
  expect(await ask('/admin/reports/', { headers })).toMatchObject({ status: 200, type: expect.stringContaining('text/html') });
  expect(await ask('/docs/release-notes')).toMatchObject({ status: 200, text: expect.stringContaining('A practice release') });
  expect(await ask('/metrics', { headers })).toMatchObject({ status: 200, text: expect.stringContaining('# TYPE') });

  const native = /\S+better_sqlite3\.node/.exec(readFileSync(`/proc/${lab.routerPid()}/maps`, 'utf8'))?.[0];
  expect(native).toBe(`${lab.paths.versions}/1.0.0/node_modules/better-sqlite3/build/Release/better_sqlite3.node`);
});
