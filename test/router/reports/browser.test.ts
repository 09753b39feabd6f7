import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callerTokens, password, startAdminRouter } from '../access/admin-room.js';
import { ask, type StartedRouter } from '../started-router.js';
import { busyRows, withoutDiagnostics, writeRows } from './usage-rows.js';

const executablePath = '/usr/bin/chromium';
const here = existsSync(executablePath);
const views = [
  { size: 'desktop', width: 1280, height: 900 },
  { size: 'phone', width: 390, height: 844 },
] as const;
const schemes = ['light', 'dark'] as const;

describe.skipIf(!here)(here ? 'in a real browser' : 'skipped: chromium missing, bin/provision installs it', () => {
  let router: StartedRouter;
  let browser: Browser;
  let failed = '';
  // Chromium puts a socket there, and a socket's path is at most 107 bytes: the room of the tests may lie too deep.
  const scratch = mkdtempSync('/tmp/routerctl-b-');
  beforeAll(async () => {
    router = await startAdminRouter({}, { models: { small: 'echo-1', broken: 'status-500' } });
    const now = Date.now();
    writeRows(router.databasePath, [...busyRows(3000, now - 23 * 3_600_000, now)].map(withoutDiagnostics));
    const answer = await router.chat(ask('hello', { model: 'broken' }), { token: callerTokens.alpha });
    failed = (await router.row(answer.headers.get('x-request-id'))).request_id;
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'], env: { ...process.env, TMPDIR: scratch, HOME: scratch } });
  });
  afterAll(async () => {
    await browser?.close();
    await router?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  });

  const pages = () => [
    '/admin/reports/',
    '/admin/reports/?since=31d',
    '/admin/reports/?since=1h',
    '/admin/reports/requests',
    `/admin/reports/requests/${failed}`,
    `/admin/reports/requests/req_${'0'.repeat(32)}`,
    '/admin/reports/?since=soon',
  ];

  async function open(view: { readonly width: number; readonly height: number }, colorScheme: (typeof schemes)[number]): Promise<Page> {
    const context = await browser.newContext({ viewport: view, colorScheme });
    return context.newPage();
  }

  async function signIn(page: Page): Promise<void> {
    await page.goto(`${router.url}/admin/auth/login`);
    await page.getByLabel('User name').fill('root');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
  }

  /** What axe finds; it is evaluated past the page's policy, which lets no script run. */
  async function findings(page: Page): Promise<readonly string[]> {
    await page.evaluate(axe.source);
    const run = async (options: string): Promise<readonly string[]> => {
      const { violations, incomplete } = await page.evaluate<axe.AxeResults>(`axe.run(document, ${options})`);
      const words = (kind: string) => (found: axe.Result) => found.nodes.map((node) => `${kind} ${found.id}: ${String(node.target)}`);
      return [...violations.flatMap(words('violation')), ...incomplete.flatMap(words('undecided'))];
    };
    const tags = "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";
    const found = await run(`{ ${tags}, rules: { 'color-contrast': { enabled: false } } }`);
    // Of what a scrolling region cuts off, axe cannot tell what it stands on: for the colours, every region is unrolled.
    await page.evaluate(`document.querySelectorAll('.sideways').forEach((at) => {
      if (at.scrollWidth > at.clientWidth) at.closest('.card').style.width = 'max-content';
      at.style.overflow = 'visible';
      at.style.maxHeight = 'none';
    })`);
    return [...found, ...(await run("{ runOnly: ['color-contrast'] }"))];
  }

  describe.each(views)('at $size width', (view) => {
    test.each(schemes)(
      'axe finds nothing on any page in %s colours, nothing sticks out, and nothing is asked of another host',
      async (scheme) => {
        const page = await open(view, scheme);
        const foreign: string[] = [];
        const complaints: string[] = [];
        page.on('request', (request) => {
          if (!request.url().startsWith(router.url) && request.url() !== 'data:,') foreign.push(request.url());
        });
        page.on('console', (message) => {
          if (!/status of 4\d\d/.test(message.text())) complaints.push(message.text());
        });
        await page.goto(`${router.url}/admin/auth/login`);
        const found = { login: await findings(page) } as Record<string, readonly string[]>;
        await signIn(page);
        for (const path of pages()) {
          await page.goto(`${router.url}${path}`);
          for (const details of await page.locator('summary').all()) await details.click();
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
          found[path] = await findings(page);
        }
        await page.context().close();

        expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({});
        expect([foreign, complaints]).toEqual([[], []]);
      },
    );
  });

  test('the background follows the scheme that the browser asks for', async () => {
    const backgrounds = [];
    for (const scheme of schemes) {
      const page = await open(views[0], scheme);
      await page.goto(`${router.url}/admin/auth/login`);
      backgrounds.push(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      await page.context().close();
    }

    expect(backgrounds).toEqual(['rgb(245, 246, 248)', 'rgb(17, 20, 26)']);
  });

  test('everything can be reached and done with the keyboard alone, and shows where one is', async () => {
    const page = await open(views[0], 'light');
    await page.goto(`${router.url}/admin/reports/requests`);
    // The form that the refusal carries.
    await page.keyboard.press('Tab');
    await page.keyboard.type('root');
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Requests', level: 1 }).waitFor();
    await page.goto(`${router.url}/admin/reports/`);
    const focused = () =>
      page.evaluate<{ name: string; outline: string; seen: boolean }>(`(() => {
        const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
        return { name: (at.getAttribute('aria-label') || at.textContent).trim(), outline: style.outlineStyle + ' ' + style.outlineWidth, seen: box.width > 0 && box.bottom > 0 };
      })()`);
    await page.keyboard.press('Tab');
    const skip = await focused();
    await page.keyboard.press('Enter');
    const target = await page.evaluate('document.activeElement.id');
    const stops: Awaited<ReturnType<typeof focused>>[] = [];
    for (let tab = 0; tab < 40; tab += 1) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
    }
    await page.context().close();

    expect([skip, target]).toEqual([{ name: 'Skip to content', outline: 'solid 3px', seen: true }, 'content']);
    expect(stops.filter(({ outline, seen }) => outline !== 'solid 3px' || !seen)).toEqual([]);
    const names = stops.map(({ name }) => name);
    for (const name of ['1 hour', '31 days', 'Numbers of requests and errors', 'By caller', 'caller-1'])
      expect(names).toContainEqual(expect.stringContaining(name));
  });

  test('numbers open with a key press, and a filter and a page are followed by links and a form alone', async () => {
    const page = await open(views[0], 'light');
    await signIn(page);
    await page.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('table', { name: /^Requests and errors/ }).isVisible()).toBe(true);
    await page.getByRole('link', { name: '502' }).click();
    await page.getByRole('heading', { name: /\d+ requests/ }).waitFor();
    expect(await page.getByLabel('Status').inputValue()).toBe('502');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('link', { name: 'Older requests' }).click();
    expect(page.url()).toMatch(/status=502.*cursor=/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    const after = await page.goto(`${router.url}/admin/reports/`);
    await page.context().close();

    expect(after?.status()).toBe(401);
  });

  test('a page of another site cannot sign anyone in or out', async () => {
    const page = await open(views[0], 'light');
    await signIn(page);
    const foreign = await page.context().newPage();
    // `localhost` is another site than `127.0.0.1`, for cookies and for Fetch Metadata.
    await foreign.route('http://localhost:1/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method=post action="${router.url}/admin/auth/logout"><button>go</button></form>`,
      }),
    );
    await foreign.goto('http://localhost:1/');
    const [answer] = await Promise.all([foreign.waitForResponse(/logout/), foreign.getByRole('button').click()]);
    const still = await page.goto(`${router.url}/admin/reports/`);
    await page.context().close();

    expect([answer.status(), still?.status()]).toEqual([403, 200]);
  });
});
