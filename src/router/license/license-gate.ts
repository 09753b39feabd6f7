// What the router asks of a license: whether a request may be served now, and what a usage row says about it.
import type { ConfigFinding, RouterConfig } from '../config/config.js';
import type { DialectName } from '../dialects/conversation.js';
import type { GatewayError } from '../gateway-error.js';
import type { LicenseStamp } from '../requests/request-record.js';

export interface LicenseGate {
  /**
   * Counts the request; the function that comes back ends its part in what is open.
   * @throws GatewayError with one of the `license-…` codes
   */
  admit(dialect: DialectName): () => void;
  /** Why nothing may be served now; null while requests are. */
  problem(): GatewayError | null;
  stamp(): LicenseStamp;
  /** What of a config the license does not allow; a reload is refused for it. */
  refusalsOf(config: RouterConfig): readonly ConfigFinding[];
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
export const unlicensed: LicenseGate = { admit: () => () => undefined, problem: () => null, stamp: () => noStamp, refusalsOf: () => [] };
