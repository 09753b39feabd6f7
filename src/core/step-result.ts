// What a finished step leaves for later steps, gates and the report.
import type { Json } from './json.js';
import type { Verdict } from './verdict.js';

export interface StepResult {
  readonly verdict: Verdict | null;
  readonly observation: Json | null;
  /** Effects of a change, by name. */
  readonly effects: Readonly<Record<string, Json>>;
}
