import { expect, test } from 'vitest';
import { adminConfig, basic, cheapHash } from '../access/admin-room.js';
import { licensedRouter } from './licensed-router.js';

test.each([
  [['metrics'], 403, 'license-feature-forbidden'],
  [['metrics', 'reports'], 200, undefined],
] as const)('an administrator sees reports only where the license includes them: %j', async (features, status, code) => {
  const settings = { config: adminConfig(), environment: { ROOT_PASSWORD_HASH: cheapHash } };
  const { router } = await licensedRouter({ features: [...features], limits: {} }, settings);
  const answer = await fetch(`${router.url}/admin/reports/api/summary`, { headers: basic('root') });
  const body = (await answer.json()) as { error?: { code: string } };

  expect([answer.status, body.error?.code]).toEqual([status, code]);
});
