// The kinds that a build of routerctl knows, handed to whoever needs them as an argument.
import type { ChangeDefinition } from './change.js';
import type { CheckDefinition } from './check.js';

export interface Catalogue {
  readonly checks: ReadonlyMap<string, CheckDefinition>;
  readonly changes: ReadonlyMap<string, ChangeDefinition>;
}
