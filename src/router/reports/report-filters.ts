// Which requests a list shows: one value for each of the report's dimensions, errors only, and a page of it. Whatever is not
// one of these is refused by name, so that a misspelt filter never passes for "all".
import { boundsOf, costBands, latencyBands, tokenBands } from '../usage/bands.js';
import { invalidFilter } from './report-period.js';

/** Query parameter and the column that it is compared with. */
const columns = {
  caller: 'caller_id',
  token: 'token_id',
  project: 'caller_project',
  environment: 'caller_environment',
  model_group: 'resolved_group',
  provider: 'target_provider',
  model: 'target_model',
  status: 'status',
  cache: 'cache',
} as const;
const bands = {
  latency_band: { column: 'latency_ms', bands: latencyBands },
  token_band: { column: 'total_tokens', bands: tokenBands },
  cost_band: { column: 'total_cost_usd', bands: costBands },
} as const;

export const reportDimensions = [...(Object.keys(columns) as (keyof typeof columns)[]), ...(Object.keys(bands) as (keyof typeof bands)[])];
export type ReportDimension = (typeof reportDimensions)[number];

/** What a caller without a project, or a request without a provider, has in that place. */
export const noValue = '(none)';

export interface ListFilters {
  readonly values: Readonly<Partial<Record<ReportDimension, string>>>;
  readonly errorsOnly: boolean;
}

const periodWords = ['since', 'from', 'to'];
const listWords = [...periodWords, ...reportDimensions, 'errors', 'limit', 'cursor'];

/** @throws GatewayError `invalid-report-filter`, which names the parameter */
export function refuseOthers(query: URLSearchParams, allowed: readonly string[] = periodWords): void {
  const seen = new Set<string>();
  for (const name of query.keys()) {
    if (!allowed.includes(name)) throw invalidFilter(shown(name), `is not a parameter of this report; it knows ${allowed.join(', ')}`);
    if (seen.has(name)) throw invalidFilter(name, 'is given twice');
    seen.add(name);
  }
}

/** @throws GatewayError `invalid-report-filter`, which names the parameter */
export function readFilters(query: URLSearchParams): ListFilters {
  refuseOthers(query, listWords);
  const values: Partial<Record<ReportDimension, string>> = {};
  for (const name of reportDimensions) {
    const value = query.get(name);
    // A form sends the fields that were left empty too.
    if (value !== null && value !== '') values[name] = checked(name, value);
  }
  const errors = query.get('errors') ?? '';
  if (!['', '0', '1'].includes(errors)) throw invalidFilter('errors', 'is 1 for failed requests only, or 0');
  return { values, errorsOnly: errors === '1' };
}

function checked(name: ReportDimension, value: string): string {
  if (value.length > 200) throw invalidFilter(name, 'is longer than 200 characters');
  if (name === 'status' && !/^[1-5]\d\d$/.test(value)) throw invalidFilter(name, 'is not an HTTP status');
  if (name === 'cache' && !['hit', 'miss', 'bypass'].includes(value)) throw invalidFilter(name, 'is one of hit, miss, bypass');
  if (name in bands) {
    const known = bands[name as keyof typeof bands].bands;
    if (boundsOf(known, value) === null) throw invalidFilter(name, `is one of ${known.map((band) => band.name).join('; ')}`);
  }
  return value;
}

/** As the query of a link: only what is set. */
export function filterWords({ values, errorsOnly }: ListFilters): Readonly<Record<string, string>> {
  return { ...values, ...(errorsOnly ? { errors: '1' } : {}) };
}

interface ChosenRows {
  readonly sql: readonly string[];
  readonly values: readonly (string | number)[];
}

export function conditionsOf({ values, errorsOnly }: ListFilters): ChosenRows {
  const sql: string[] = errorsOnly ? ['(error IS NOT NULL OR status >= 400)'] : [];
  const bound: (string | number)[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (name in bands) {
      const { column, bands: known } = bands[name as keyof typeof bands];
      const bounds = boundsOf(known, value);
      sql.push(`${column} >= ?`);
      bound.push(bounds?.from ?? 0);
      if (bounds?.below == null) continue;
      sql.push(`${column} < ?`);
      bound.push(bounds.below);
    } else {
      sql.push(`${columns[name as keyof typeof columns]} = ?`);
      bound.push(name === 'status' ? Number(value) : value === noValue ? '' : value);
    }
  }
  return { sql, values: bound };
}

/** A parameter's name is typed by whoever asks; only a plain one is repeated. */
function shown(name: string): string {
  return /^[\w-]{1,40}$/.test(name) ? name : 'a parameter';
}
