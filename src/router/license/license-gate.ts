// What the router asks of a license: whether a request may be served now, and what a usage row says about it.
import type { ConfigFinding, RouterConfig } from '../config/config.js';
import type { DialectName } from '../dialects/conversation.js';
import type { GatewayError } from '../gateway-error.js';
import type { LicenseStamp } from '../requests/record-stamps.js';
import type { LicenseFeature } from './license-file.js';

export interface LicenseGate {
  /**
   * Counts the request; the function that comes back ends its part in what is open, and takes it out of the month when it was
   * not served.
   * @throws GatewayError with one of the `license-…` codes
   */
  admit(dialect: DialectName): (served: boolean) => void;
  /** Why nothing may be served now; null while requests are. Asked anew each time. */
  problem(): GatewayError | null;
  /** @throws GatewayError `license-feature-forbidden` */
  requireFeature(feature: LicenseFeature): void;
  /** For a response header, while an expired license still serves. */
  readonly warnings: readonly string[];
  stamp(): LicenseStamp;
  /** What of a config the license does not allow; a reload is refused for it. */
  refusalsOf(config: RouterConfig): readonly ConfigFinding[];
  status(): LicenseStatus;
  /** Writes what must be remembered. */
  close(): Promise<void>;
}

/** What `/admin/license/status` and the metrics tell; times are RFC 3339 in UTC. */
export interface LicenseStatus {
  readonly status: 'none' | 'valid' | 'grace' | 'refused';
  /** One of the `license-…` codes; empty while valid. */
  readonly reason: string;
  readonly detail: string;
  readonly license: null | {
    readonly id: string;
    readonly customer_id: string;
    readonly sku: string;
    readonly product: string;
    readonly key_id: string;
    readonly issued_at: string;
    readonly not_before: string;
    readonly expires_at: string;
    readonly grace_until: string;
    readonly features: readonly string[];
    readonly skins: readonly string[];
    /** Null: no limit. */
    readonly limits: Readonly<Record<'callers' | 'model_groups' | 'admins' | 'requests_per_month' | 'concurrent', number | null>>;
    readonly used: Readonly<Record<'callers' | 'model_groups' | 'admins' | 'requests_this_month' | 'concurrent', number>>;
    readonly seconds_until_expiry: number;
    readonly last_seen_at: string;
    readonly state_write_failures: number;
  };
}

const noStamp: LicenseStamp = {
  license_status: 'none',
  license_reason: '',
  license_id: '',
  license_customer_id: '',
  license_sku: '',
  license_key_id: '',
  license_expiry: '',
  license_grace_active: 0,
};

/** For a router that needs no license. */
export const unlicensed: LicenseGate = {
  admit: () => () => undefined,
  problem: () => null,
  requireFeature: () => undefined,
  warnings: [],
  stamp: () => noStamp,
  refusalsOf: () => [],
  status: () => ({ status: 'none', reason: '', detail: 'this router needs no license', license: null }),
  close: () => Promise.resolve(),
};
