// Judges a license that was read: may the router serve now, in grace, or not, and by which code. Pure, so that every moment and
// every limit can be tried without files or clocks.
import type { ConfigFinding, RouterConfig } from '../config/config.js';
import { GatewayError } from '../gateway-error.js';
import type { License } from './license-file.js';

/** How far the clock may be behind the latest time that was seen: what a time service corrects is no rollback. */
export const clockToleranceMs = 5 * 60_000;

export type Judgement =
  | { readonly verdict: 'valid' }
  | { readonly verdict: 'grace'; readonly warning: string }
  | { readonly verdict: 'refused'; readonly refusal: GatewayError };

export interface JudgedNow {
  readonly nowMs: number;
  /** The latest time that any run with this license has seen. */
  readonly lastSeenMs: number;
  readonly config: Pick<RouterConfig, 'product' | 'callers' | 'models' | 'admin_auth'>;
}

export function judge(license: License, { nowMs, lastSeenMs, config }: JudgedNow): Judgement {
  const refused = (code: LicenseCode, message: string): Judgement => ({ verdict: 'refused', refusal: new GatewayError(code, message) });
  if (license.product !== config.product)
    return refused('license-product-mismatch', 'the license is for another product; install the one of this product');
  if (nowMs < lastSeenMs - clockToleranceMs)
    return refused('license-clock-rollback', `the clock is behind ${when(lastSeenMs)}, when the license was last used; set it right`);
  if (nowMs < license.notBeforeMs)
    return refused('license-not-yet-valid', `the license is valid from ${when(license.notBeforeMs)}; check the clock, or wait`);
  if (nowMs >= license.graceUntilMs)
    return refused('license-expired', `the license expired on ${when(license.expiresAtMs)}; install a renewed one`);
  const [over] = excesses(license, config);
  if (over !== undefined) return refused(over.code, `${over.message}; install a license that allows more, or shorten the config`);
  if (nowMs < license.expiresAtMs) return { verdict: 'valid' };
  return {
    verdict: 'grace',
    warning: `license expired on ${when(license.expiresAtMs)}, requests are served until ${when(license.graceUntilMs)}`,
  };
}

type LicenseCode =
  | 'license-product-mismatch'
  | 'license-clock-rollback'
  | 'license-not-yet-valid'
  | 'license-expired'
  | 'license-limit-exceeded'
  | 'license-admin-limit-exceeded';

interface Excess extends ConfigFinding {
  readonly code: 'license-limit-exceeded' | 'license-admin-limit-exceeded';
}

/** Where a config has more than the license allows. */
export function excesses({ limits }: License, config: Pick<RouterConfig, 'callers' | 'models' | 'admin_auth'>): readonly Excess[] {
  const counted = [
    { path: ['callers'], name: 'callers', has: config.callers.length, limit: limits.callers, code: 'license-limit-exceeded' },
    { path: ['models'], name: 'model groups', has: groupsIn(config), limit: limits.modelGroups, code: 'license-limit-exceeded' },
    {
      path: ['admin_auth', 'users'],
      name: 'administrators',
      has: config.admin_auth.users.length,
      limit: limits.admins,
      code: 'license-admin-limit-exceeded',
    },
  ] as const;
  return counted.flatMap(({ path, name, has, limit, code }) =>
    limit === null || has <= limit ? [] : [{ path, code, message: `the license allows ${limit} ${name}, the config has ${has}` }],
  );
}

function groupsIn({ models }: Pick<RouterConfig, 'models'>): number {
  return Object.keys(models).length;
}

/** RFC 3339 in UTC, to the second. */
export function when(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
