// What stands in every row of a request beside what the request itself was: the router, its license and its cache at that moment.
import type { UsageRow } from '../usage/usage-row.js';

/** The same for every request of one config. */
export type RouterStamp = Pick<
  UsageRow,
  'router_version' | 'router_build_date' | 'routing_config_fingerprint' | 'pricing_catalog_fingerprint'
>;
export type LicenseStamp = Pick<
  UsageRow,
  | 'license_status'
  | 'license_reason'
  | 'license_id'
  | 'license_customer_id'
  | 'license_sku'
  | 'license_key_id'
  | 'license_expiry'
  | 'license_grace_active'
>;
export type CacheStamp = Pick<UsageRow, 'cache_enabled' | 'cache_items' | 'cache_bytes' | 'cache_max_bytes' | 'cache_occupancy_pct'>;

export interface RecordStamps {
  readonly router: RouterStamp;
  readonly license: LicenseStamp;
  readonly cache: CacheStamp;
}
