// The one condition that every query of the reports carries: only requests of these domains, whatever else is asked.
import { everyDomain, placeOfDomain } from '../access/policy.js';
import type { Domains } from './report-questions.js';

export interface Conditions {
  readonly sql: string;
  readonly values: readonly string[];
}

const noDomain: Conditions = { sql: '0', values: [] };
const anyDomain: Conditions = { sql: '1', values: [] };

/** On a table that has the column `domain`. */
export function domainCondition(domains: Domains): Conditions {
  if (domains === everyDomain) return anyDomain;
  return domains.length === 0 ? noDomain : { sql: `domain IN (${domains.map(() => '?').join(', ')})`, values: domains };
}

/** On `request_usage`. */
export function placeCondition(domains: Domains): Conditions {
  if (domains === everyDomain) return anyDomain;
  if (domains.length === 0) return noDomain;
  const places = domains.map(placeOfDomain);
  return {
    sql: `(${places.map(() => '(caller_project = ? AND caller_environment = ?)').join(' OR ')})`,
    values: places.flatMap(({ project, environment }) => [project, environment]),
  };
}
