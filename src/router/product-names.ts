// What the router calls itself on every surface. All names follow from the product's, and each can be set alone, so that the
// router can be dressed as another product of its kind.
import type { RouterConfig } from './config/config.js';

export interface ProductNames {
  readonly product: string;
  /** For people: page titles and reports. */
  readonly display: string;
  /** `X-Reference-Router` */
  readonly headerPrefix: string;
  /** `reference_router` */
  readonly metricPrefix: string;
  /** `REFERENCE_ROUTER_VERSION` */
  readonly versionPin: string;
  readonly ownedBy: string;
}

export function productNames({ product, names }: Pick<RouterConfig, 'product' | 'names'>): ProductNames {
  const words = product.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const snake = product.replaceAll('-', '_');
  return {
    product,
    display: names.display ?? words.join(' '),
    headerPrefix: names.header_prefix ?? `X-${words.join('-')}`,
    metricPrefix: names.metric_prefix ?? snake,
    versionPin: `${names.env_prefix ?? snake.toUpperCase()}_VERSION`,
    ownedBy: names.owned_by ?? product,
  };
}
