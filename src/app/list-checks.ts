// Which checks this build knows, and what asking each of them costs.
import type { Catalogue } from '../core/catalogue.js';
import type { CheckEffects } from '../core/check.js';

export interface ListedCheck {
  readonly kind: string;
  readonly title: string;
  readonly effects: CheckEffects;
  /** The cost in words an operator can weigh. */
  readonly costs: string;
  readonly why: string;
}

const costWords: Readonly<Record<CheckEffects, string>> = {
  none: 'nothing',
  traffic: 'requests',
  spend: 'provider money',
  state: 'writes (never in production)',
};

export function listChecks(catalogue: Catalogue): readonly ListedCheck[] {
  return [...catalogue.checks.values()]
    .map(({ kind, title, effects, why }) => ({ kind, title, effects, costs: costWords[effects], why }))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1));
}
