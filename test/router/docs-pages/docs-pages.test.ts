import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gatewayErrors } from '../../../src/router/gateway-error.js';
import { routes } from '../../../src/router/routes.js';
import { type RouterSettings, type StartedRouter, startRouter } from '../started-router.js';

async function routerWith(settings: RouterSettings = {}): Promise<StartedRouter> {
  const router = await startRouter(settings);
  onTestFinished(() => router.stop());
  return router;
}

/** A router that runs from a package with this release note. */
function packaged(note: string): RouterSettings {
  const packageDirectory = mkdtempSync(join(tmpdir(), 'routerctl-docs-'));
  onTestFinished(() => rmSync(packageDirectory, { recursive: true }));
  writeFileSync(join(packageDirectory, 'RELEASE_NOTES.md'), note);
  return { release: { packageDirectory } };
}

/** What a server answers to a path that no HTTP client would send. */
function rawGet(url: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

const banner = '<strong>Reference Router 1.0.0</strong>, built 2026-01-01T00:00:00Z';

test('the root leads to the pages, and every page carries the banner, the build headers and a policy without scripts', async () => {
  const router = await routerWith(packaged('# reference-router 1.0.0\n\nWords.\n'));
  const root = await fetch(`${router.url}/`, { redirect: 'manual' });
  expect([root.status, root.headers.get('location')]).toEqual([307, '/docs/']);
  expect((await fetch(`${router.url}/docs`, { redirect: 'manual' })).status).toBe(307);
  for (const path of ['/docs/', '/docs/releases', '/docs/releases/', '/docs/release-notes', '/docs/none']) {
    const page = await router.get(path);
    const text = await page.text();
    expect(page.status, path).toBe(path === '/docs/none' ? 404 : 200);
    expect(text, path).toContain(banner);
    expect(text).not.toMatch(/<script|src=|url\(/);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('x-reference-router-version')).toBe('1.0.0');
    expect(page.headers.get('x-reference-router-build-date')).toBe('2026-01-01T00:00:00Z');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='/);
    expect(page.headers.get('x-request-id')).toMatch(/^req_/);
  }
});

test('a page that is not there says its code and the id of its answer', async () => {
  const router = await routerWith();
  const page = await router.get('/docs/none');
  const text = await page.text();

  expect(page.status).toBe(404);
  expect(text).toContain('<code>not-found</code>');
  expect(text).toContain(`<code>${page.headers.get('x-request-id')}</code>`);
});

test('the overview names every endpoint and every error code', async () => {
  const router = await routerWith();
  const text = await (await router.get('/docs/')).text();
  const cells = [...text.matchAll(/<td><code>([^<]+)<\/code><\/td>/g)].map(([, cell = '']) =>
    cell.replace('&lt;', '<').replace('&gt;', '>'),
  );

  expect(Object.keys(routes).filter((path) => !cells.includes(path))).toEqual([]);
  expect(Object.keys(gatewayErrors).filter((code) => !cells.includes(code))).toEqual([]);
});

test('the release note of the package is a page, and the releases that it names are a list', async () => {
  const note =
    '# reference-router 1.0.0\n\n## Rollback\n\n| step | what |\n| --- | --- |\n| 1 | `stop` |\n\n## 0.9.1\n\nEarlier.\n\n## 0.9.0\n';
  const router = await routerWith(packaged(note));
  const notes = await (await router.get('/docs/release-notes')).text();
  const releases = await (await router.get('/docs/releases')).text();

  expect(notes).toContain('<h2>Rollback</h2>');
  expect(notes).toContain('<td><code>stop</code></td>');
  expect([...releases.matchAll(/<tr><td>([\d.]+)<\/td>/g)].map(([, version]) => version)).toEqual(['1.0.0', '0.9.1', '0.9.0']);
  const fromSource = await routerWith();
  expect(await (await fromSource.get('/docs/release-notes')).text()).toContain('carries no release note');
});

test('HTML in a release note is text, its pictures and dangerous links are not followed', async () => {
  const note = [
    '# 1.0.0 <script>alert(1)</script>',
    'an <img src=x onerror=alert(2)> inside, ![picture](http://evil.example/x.png)',
    '<iframe src="http://evil.example"></iframe>',
    '[one](javascript:alert(3)) [two](JaVaScRiPt&colon;alert(4)) [three](data:text/html,x) [four](https://example.org/a?b=1&c="d")',
    '`<b>code</b>` &lt;i&gt; <!-- comment -->',
    '```"><script>\nlet x = "</pre><script>"\n```',
    '| <u>cell</u> |\n| --- |\n| <a href="javascript:1">x</a> |',
  ].join('\n\n');
  const router = await routerWith(packaged(note));
  const text = await (await router.get('/docs/release-notes')).text();
  const [, main = ''] = text.split('<main>');
  const tags = new Set([...main.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag?.toLowerCase()));

  expect([...tags].filter((tag) => ['script', 'img', 'iframe', 'u', 'b', 'i'].includes(tag ?? ''))).toEqual([]);
  expect([...main.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['https://example.org/a?b=1&amp;c=&quot;d&quot;']);
  expect(main).not.toMatch(/<[^>]*\son\w+=/i);
  expect(main).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

test.each([
  '/docs/../config.yaml',
  '/docs/..%2f..%2fetc/passwd',
  '/docs/%2e%2e/%2e%2e/etc/passwd',
  '/docs/%00',
  '/docs/release-notes%00.html',
  '/docs/..\\..\\config.yaml',
  '/docs//etc/passwd',
  '/docs/release-notes/../release-notes',
  '/docs/RELEASE_NOTES.md',
  '/docs/__proto__',
  '/docs/<script>',
])('the path %s leads nowhere', async (path) => {
  const router = await routerWith();
  const answer = await rawGet(router.url, path);

  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).toContain('Page not found');
  expect(answer).not.toContain('<script');
  expect((await rawGet(router.url, '/docs/\0')).slice(0, 12)).toBe('HTTP/1.1 400');
});

test('pages are read only', async () => {
  const router = await routerWith();

  expect((await fetch(`${router.url}/docs/`, { method: 'POST' })).status).toBe(405);
  const head = await fetch(`${router.url}/docs/`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});
