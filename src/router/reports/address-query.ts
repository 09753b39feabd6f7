// Usage by the address that callers came from, for the export. It is read from the rows of the period: the rollup knows no addresses,
// of which there may be as many as requests.
import type { UsageReader } from '../usage/usage-database.js';
import { placeCondition } from './domain-condition.js';
import { rangeOf } from './report-period.js';
import type { AddressFigures, ExportQuestion } from './report-questions.js';

/** So many lines can be read; the rest of a public router's addresses become one. */
const mostAddresses = 100;

type AddressRow = Omit<AddressFigures, 'totalCostUsd'> & { readonly nanoUsd: number };

/** The busiest first; together they are every request of the period. */
export function addressQuery(reader: UsageReader, { period, domains }: ExportQuestion): readonly AddressFigures[] {
  const place = placeCondition(domains);
  const rows = reader.all<AddressRow>(
    `SELECT caller_ip AS value, count(*) AS requests, sum(error IS NOT NULL OR status >= 400) AS errors, sum(total_tokens) AS totalTokens,
     sum(input_tokens) AS inputTokens, sum(output_tokens) AS outputTokens, sum(CAST(round(total_cost_usd * 1e9) AS INTEGER)) AS nanoUsd
     FROM request_usage WHERE ts >= ? AND ts < ? AND ${place.sql} GROUP BY caller_ip ORDER BY requests DESC, caller_ip`,
    [...rangeOf(period), ...place.values],
  );
  const others = rows.slice(mostAddresses);
  const shown = others.length === 0 ? rows : [...rows.slice(0, mostAddresses), others.reduce(together(`${others.length} others`))];
  return shown.map(({ nanoUsd, ...row }) => ({ ...row, totalCostUsd: nanoUsd / 1e9 }));
}

const together =
  (value: string) =>
  (one: AddressRow, other: AddressRow): AddressRow => ({
    value,
    requests: one.requests + other.requests,
    errors: one.errors + other.errors,
    totalTokens: one.totalTokens + other.totalTokens,
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    nanoUsd: one.nanoUsd + other.nanoUsd,
  });
