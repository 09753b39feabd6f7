// Refusals by the license.
import { day, licensedRouter } from '../license/licensed-router.js';
import { tokens } from '../started-router.js';
import { ask, type ErrorCase, everywhere, heard, keepOneOpen, slowModels, withoutDialect } from './error-case.js';

const inDays = (days: number): string => new Date(Date.now() + days * day).toISOString();
const licensedBy = (license: Parameters<typeof licensedRouter>[0], config: Record<string, unknown> = {}): ErrorCase =>
  everywhere(async (dialect) => ask((await licensedRouter(license, { config })).router, dialect));
const administrators = { admin_auth: { users: [1, 2].map((one) => ({ username: `a${one}`, password_hash_env: 'NO_HASH' })) } };

export const licenseErrors = {
  'license-missing': licensedBy(null),
  'license-invalid': licensedBy('nonsense'),
  'license-product-mismatch': licensedBy({ product: 'other' }),
  'license-not-yet-valid': licensedBy({ not_before: inDays(1) }),
  'license-expired': licensedBy({ expires_at: inDays(-1), grace_days: 0 }),
  'license-limit-exceeded': licensedBy({ limits: { callers: 1 } }),
  'license-admin-limit-exceeded': licensedBy({ limits: { admins: 1 } }, administrators),
  'license-skin-forbidden': licensedBy({ skins: [] }),
  'license-volume-exceeded': licensedBy({ limits: { requests_per_month: 0 } }),
  'license-concurrency-exceeded': everywhere(async (dialect) => {
    const { router } = await licensedRouter({ limits: { concurrent: 1 } }, { models: slowModels });
    await keepOneOpen(router);
    return ask(router, dialect);
  }),
  'license-clock-rollback': everywhere(async (dialect) => {
    const { router, turnClock } = await licensedRouter({});
    turnClock(2 * day);
    await ask(router, dialect);
    turnClock(0);
    return ask(router, dialect);
  }),
  'license-feature-forbidden': withoutDialect(async () => {
    const { router } = await licensedRouter({ features: [] });
    return heard(router, await router.get('/metrics', tokens.all));
  }),
} satisfies Record<string, ErrorCase>;
