// `routerctl usage-report`: what a router recorded, as a table or JSON.
import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { type ReportedUsage, reportUsage, type UsageDimension, usageDatabase, usageDimensions } from '../app/report-usage.js';
import type { CommandResult } from '../cli/base-command.js';
import { TargetCommand } from '../cli/target-command.js';
import { usageTools } from '../cli/usage-tools.js';
import type { Json } from '../core/json.js';
import { terminalText } from '../core/terminal-text.js';
import { styleFor } from '../ui/style.js';
import { tableLines } from '../ui/table.js';
import { usageRows } from '../ui/usage-rows.js';

/** More are in `--json`. */
const shownMissing = 10;

export default class UsageReport extends TargetCommand {
  static override summary = 'Report what a router recorded: requests, tokens, cost.';
  static override description =
    `Reads the usage database beside its writer; nothing is written. Every dimension adds up to the same total. Errors are
requests whose status is 400 or more. An expected request must have been recorded since the beginning of the report.

EXIT STATUS
  0  reported, and every expected request was recorded
  2  wrong usage, no config, or the file of expected requests cannot be read
  3  an expected request was not recorded, or the database is missing or damaged
  7  the database stayed locked`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --since 1h',
    '<%= config.bin %> <%= command.id %> --since 7d --by caller --json',
    '<%= config.bin %> <%= command.id %> --db /var/lib/router/usage.sqlite --expect ids.txt',
  ];
  static override flags = {
    since: Flags.string({ description: 'span of time (90m, 24h, 7d) or moment (2026-11-20T08:00:00Z)', default: '1h' }),
    by: Flags.string({ description: 'group by one dimension', options: [...usageDimensions] }),
    expect: Flags.string({ description: 'file with one request id a line; each must have been recorded' }),
    db: Flags.string({ description: 'usage database (default: the one that the target names)' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(UsageReport);
    const path = flags.db === undefined ? usageDatabase((await this.open(flags)).target, process.cwd()) : resolve(flags.db);
    const by = (flags.by ?? null) as UsageDimension | null;
    const reported = await reportUsage(usageTools(), { path, since: flags.since, by, expect: flags.expect ?? null });
    const { columns, rows } = usageRows(by, reported);
    const text = [
      terminalText(`${path}, from ${reported.from} to ${reported.to}`),
      ...tableLines(columns, rows, styleFor(process.env, process.stdout.isTTY)),
      ...wordsOn(reported),
    ];
    return { exitCode: reported.missing.length === 0 ? 0 : 3, text, json: documentOf(path, by, reported) };
  }
}

function wordsOn({ expected, missing, unrecorded }: ReportedUsage): readonly string[] {
  const words = unrecorded.length === 0 ? [] : [`not recorded by this router: ${unrecorded.join(', ')}`];
  if (expected === null) return words;
  if (missing.length === 0) return [...words, `all ${expected} expected requests were recorded`];
  return [
    ...words,
    `${missing.length} of ${expected} expected requests were not recorded:`,
    ...missing.slice(0, shownMissing).map((id) => `  ${terminalText(id)}`),
    ...(missing.length > shownMissing ? [`  and ${missing.length - shownMissing} more; --json lists them`] : []),
    'hint: were they sent after the beginning of the report, and to a router with this database?',
  ];
}

function documentOf(
  path: string,
  by: UsageDimension | null,
  { from, to, total, groups, expected, missing, unrecorded }: ReportedUsage,
): Json {
  return {
    database: path,
    period: { from, to },
    by,
    total: { ...total },
    groups: groups.map(({ key, figures }) => ({ key, ...figures })),
    expected: expected === null ? null : { requests: expected, missing: [...missing] },
    unrecorded: [...unrecorded],
    exitCode: missing.length === 0 ? 0 : 3,
  };
}
