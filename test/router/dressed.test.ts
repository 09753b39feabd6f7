// The router under another product's name: every surface follows from the config, so that a suite can practise on it.
import { expect, onTestFinished, test } from 'vitest';
import { labLicense } from '../../src/router/lab/lab-license.js';
import { licensedRouter } from './license/licensed-router.js';
import { ask, startRouter, tokens } from './started-router.js';

const grants = { admin_auth: { policy: [{ subject: 'caller:everyone', domain: '*', object: '*', action: '*' }] } };

test('the product name alone dresses headers, metrics, version pin, pages, models and license', async () => {
  const product = 'smart-llmrouter';
  const { router } = await licensedRouter(
    { product, expires_at: new Date(Date.now() - 86_400_000).toISOString(), grace_days: 7 },
    { config: { product, ...grants }, environment: { SMART_LLMROUTER_VERSION: '1.0.0' } },
  );
  const docs = await router.get('/docs/');
  const chat = await router.chat(ask('hi'));
  const metrics = await (await router.get('/metrics', tokens.all)).text();
  const models = (await (await router.get('/v1/models', tokens.all)).json()) as { data: { owned_by: string }[] };

  expect(await (await router.get('/version')).json()).toMatchObject({ product });
  expect((await router.get('/readyz')).status).toBe(200);
  expect(docs.headers.get('x-smart-llmrouter-version')).toBe('1.0.0');
  expect(await docs.text()).toContain('<strong>Smart Llmrouter 1.0.0</strong>');
  expect(chat.headers.get('x-smart-llmrouter-warning')).toContain('license expired');
  expect(metrics).toContain('\nsmart_llmrouter_requests_total{');
  expect(metrics.split('\n').filter((line) => line !== '' && !/^(# (HELP|TYPE) )?smart_llmrouter_/.test(line))).toEqual([]);
  expect(new Set(models.data.map(({ owned_by: owner }) => owner))).toEqual(new Set([product]));
  const everything = [...docs.headers, ...chat.headers].flat().join('\n') + metrics;
  expect(everything.toLowerCase()).not.toContain('reference');
});

test('each name can be set alone, and the pin of the env prefix is the one that counts', async () => {
  const names = {
    display: 'Smart <LLM> Router',
    header_prefix: 'X-Smart-LLMRouter',
    metric_prefix: 'smart_router',
    env_prefix: 'SMART_ROUTER',
    owned_by: 'us',
  };
  const router = await startRouter({ config: { product: 'smart', names, ...grants }, environment: { SMART_ROUTER_VERSION: '2.0.0' } });
  onTestFinished(() => router.stop());
  const docs = await router.get('/docs/');

  expect(await (await router.get('/readyz')).json()).toMatchObject({
    error: 'version-pin-mismatch',
    detail: expect.stringContaining('SMART_ROUTER_VERSION') as string,
  });
  expect(docs.headers.get('x-smart-llmrouter-build-date')).toBe('2026-01-01T00:00:00Z');
  expect(await docs.text()).toContain('<strong>Smart &lt;LLM&gt; Router 1.0.0</strong>');
  expect(await (await router.get('/metrics', tokens.all)).text()).toContain('\nsmart_router_build_info{');
});

test('a license of one product does not license another', async () => {
  const { router } = await licensedRouter({ product: labLicense.product }, { config: { product: 'smart-llmrouter' } });

  expect(await (await router.chat(ask('hi'))).json()).toMatchObject({ error: { code: 'license-product-mismatch' } });
});
