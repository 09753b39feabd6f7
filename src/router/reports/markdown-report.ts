// The summary as Markdown, for a ticket or a mail. What came from a config or a caller is written so that it cannot become markup.
import { usd, whole } from './pages/numbers.js';
import type { AddressFigures, ExportFigures } from './report-questions.js';
import type { SummaryDocument } from './summary-document.js';

export function markdownReport(product: string, document: SummaryDocument, { addresses, newest }: ExportFigures): string {
  const { tokens, groups } = document;
  const owners = tokens.map((group) => [
    ...[group.tokenId, group.ownerUser, group.project, group.environment, group.callerId].map(cell),
    ...usage(group),
  ]);
  const named = (title: string, rows: readonly AddressFigures[]): string[] =>
    table(
      `Usage By ${title}`,
      [title, ...usageHead],
      rows.map((group) => [cell(group.value), ...usage(group)]),
      1,
    );
  return [
    `# ${plain(product)} Usage Report`,
    ...totals(document),
    ...table('Usage By Token', ['Token ID', 'Owner User', 'Project', 'Env', 'Caller ID', ...usageHead], owners, 5),
    ...named('Caller', groups.caller),
    ...named('Caller IP', addresses),
    ...named('Project', groups.project),
    ...named('Environment', groups.environment),
    ...named('Model Group', groups.model_group),
    ...named('Provider', groups.provider),
    ...named('Model', groups.model),
    ...named('Status', groups.status),
    ...named('Cache', groups.cache),
    ...named('Latency Band', groups.latency_band),
    ...named('Token Band', groups.token_band),
    ...named('Cost Band', groups.cost_band),
    ...overTime(document),
    ...cacheSummary(document),
    ...performance(document),
    ...throughput(newest),
    '',
  ].join('\n');
}

const usageHead = ['Calls', 'Errors', 'Total Tokens', 'Input Tokens', 'Output Tokens', 'Cost'];

function usage(group: AddressFigures): string[] {
  const counts = [group.requests, group.errors, group.totalTokens, group.inputTokens, group.outputTokens].map(whole);
  return [...counts, usd(group.totalCostUsd)];
}

function totals({ period, summary }: SummaryDocument): string[] {
  const code = (text: string): string => `\`${text}\``;
  const tokens = [
    `Total Tokens: ${code(whole(summary.totalTokens))}`,
    `Input Tokens: ${code(whole(summary.inputTokens))}`,
    `Output Tokens: ${code(whole(summary.outputTokens))}`,
  ];
  const cost = [
    `${code(usd(summary.totalCostUsd))} total`,
    `${code(usd(summary.inputCostUsd))} input`,
    `${code(usd(summary.imageCostUsd))} image`,
    `${code(usd(summary.outputCostUsd))} output`,
  ];
  return [
    '',
    `Period: ${code(period.from)} to ${code(period.to)}`,
    '',
    `Requests: ${code(whole(summary.requests))}`,
    `Errors: ${code(whole(summary.errors))}`,
    tokens.join('; '),
    `Cost: ${cost.join(', ')}`,
    `Attempts: ${code(whole(summary.attempts))}; Fallbacks: ${code(whole(summary.fallbacks))}; Streams: ${code(whole(summary.streams))}`,
  ];
}

function overTime({ series }: SummaryDocument): string[] {
  const rows = series
    .filter(({ requests }) => requests > 0)
    .map(({ timeUtc, requests, errors, tokens, costUsd, latency }) => [
      timeUtc,
      ...[requests, errors, tokens].map(whole),
      usd(costUsd),
      ...[latency.p50, latency.p95].map(ms),
    ]);
  return table('Usage Over Time', ['From', 'Calls', 'Errors', 'Tokens', 'Cost', 'Latency p50 ms', 'Latency p95 ms'], rows, 1);
}

function cacheSummary({ cache }: SummaryDocument): string[] {
  const rate = cache.hitRate === null ? '-' : `${(cache.hitRate * 100).toFixed(1)} %`;
  return table(
    'Cache Summary',
    ['Hits', 'Misses', 'Bypass', 'Hit Rate'],
    [[...[cache.hits, cache.misses, cache.bypass].map(whole), rate]],
    0,
  );
}

function performance({ summary, groups }: SummaryDocument): string[] {
  const { latency, ttft } = summary;
  const numbers = [latency.p50, latency.p95, latency.p99, summary.avgLatencyMs, summary.maxLatencyMs, ttft.p50, ttft.p95].map(ms);
  const downstream = ['Latency p50 ms', 'p95 ms', 'p99 ms', 'Mean ms', 'Max ms', 'First Byte p50 ms', 'p95 ms', 'Output Tokens/s'];
  const upstream = groups.provider.map((group) => [
    cell(group.value),
    ...[group.requests, group.errors, group.attempts, group.fallbacks].map(whole),
    rate(group.avgUpstreamOutputTokensPerSec),
  ]);
  return [
    ...table('Downstream User Performance', downstream, [[...numbers, rate(summary.avgDownstreamWriteOutputTokensPerSec)]], 0),
    ...table('Upstream Endpoint Performance', ['Provider', 'Calls', 'Errors', 'Attempts', 'Fallbacks', 'Output Tokens/s'], upstream, 1),
  ];
}

/** The newest of the period, one by one. */
function throughput(newest: ExportFigures['newest']): string[] {
  const head = ['Request ID', 'Time', 'Caller ID', 'Model', 'Status', 'Output Tokens', 'Latency ms', 'First Byte ms'];
  const rows = newest.map((row) => [
    ...[row.request_id, row.ts, row.caller_id, row.target_model].map(cell),
    ...[String(row.status), whole(row.output_tokens), ms(row.latency_ms), ms(row.ttfb_ms)],
    ...[row.upstream_output_tokens_per_sec, row.downstream_output_tokens_per_sec].map(rate),
  ]);
  return table('Per-Request Throughput', [...head, 'Upstream Output Tokens/s', 'Downstream Output Tokens/s'], rows, 4);
}

const rate = (value: number | null): string => (value === null ? '-' : String(value));
const ms = (value: number | null): string => (value === null ? '-' : whole(Math.round(value)));

/** @param texts how many of the first columns hold words; the others are aligned as numbers */
function table(title: string, head: readonly string[], rows: readonly (readonly string[])[], texts: number): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  if (rows.length === 0) return ['', `## ${title}`, '', 'None in this period.'];
  return ['', `## ${title}`, '', line(head), line(head.map((_, at) => (at < texts ? '---' : '---:'))), ...rows.map(line)];
}

function cell(text: string): string {
  return text === '' ? '-' : plain(text);
}

/** Words as they are; every character that could begin markup as its number. An underscore inside of a word begins none, and ids are searched for. */
function plain(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f]/g, ' ')
    .replace(/[\\`*{}[\]<>()#+!|~&$^"']|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, (character) => `&#${character.charCodeAt(0)};`);
}
