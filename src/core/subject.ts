// What a check asks about, or a change alters, resolved from the target when the plan is bound.
import type { Component, Database, Upstream } from './target.js';

export type Subject =
  | { readonly kind: 'component'; readonly name: string; readonly component: Component }
  | { readonly kind: 'database'; readonly name: string; readonly database: Database }
  | { readonly kind: 'upstream'; readonly name: string; readonly upstream: Upstream }
  | { readonly kind: 'none' };
