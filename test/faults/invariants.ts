// What must be true of a deployment after any crash and any way out of it. Each function returns what is wrong, in words.
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readJournal } from '../../src/adapters/journal-sqlite.js';
import { createReportFiles } from '../../src/adapters/report-files-node.js';
import { openSqlite } from '../../src/adapters/sqlite.js';
import { verifyReportFolder } from '../../src/app/verify-report.js';
import type { RunFolder, RunResult } from '../../src/core/ports/run-folders.js';
import type { RunEvent } from '../../src/core/run-event.js';
import type { Lane } from './lane.js';
import type { TraceLine } from './orders.js';
import { processesNaming } from './process-list.js';

/** Every event, its chain verified; none when the journal does not exist yet. */
export function eventsOf(folder: RunFolder): readonly RunEvent[] {
  if (!existsSync(folder.journalPath)) return [];
  const journal = readJournal(folder.journalPath, 'test');
  try {
    return journal.read();
  } finally {
    journal.close();
  }
}

/** One writer at a time: epochs only rise, and nobody does anything once a successor holds the lease. */
export function writerGaps(events: readonly RunEvent[], trace: readonly TraceLine[]): readonly string[] {
  const epochs = events.flatMap((event) => (event.type === 'lease-taken' ? [event.data.epoch] : []));
  const rising = epochs.every((epoch, index) => index === 0 || epoch > (epochs[index - 1] ?? 0));
  const gaps = rising ? [] : [`epochs do not rise: ${epochs.join(' ')}`];
  let newest = 0;
  for (const line of trace) {
    newest = Math.max(newest, line.holds ?? 0);
    const acts = line.point !== undefined && /^before (?!lease|result|report|bad)/.test(line.point);
    if (acts && line.epoch > 0 && line.epoch < newest) gaps.push(`epoch ${line.epoch} went on under epoch ${newest}: ${line.point}`);
  }
  return gaps;
}

export async function servingGaps({ lab }: Lane, version: string): Promise<readonly string[]> {
  const gaps: string[] = [];
  const answer = async (path: string, init: RequestInit = {}): Promise<{ status: number; body: string }> =>
    fetch(lab.url + path, init).then(
      async (response) => ({ status: response.status, body: await response.text() }),
      (error: unknown) => ({ status: 0, body: String(error) }),
    );
  const ready = await answer('/readyz');
  if (ready.status !== 200) gaps.push(`not ready: ${ready.status} ${ready.body.slice(0, 80)}`);
  const said = await answer('/version');
  if (!said.body.includes(`"version":"${version}"`)) gaps.push(`serves ${said.body.slice(0, 60)} instead of ${version}`);
  const chat = await answer('/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: lab.models[0], messages: [{ role: 'user', content: 'still there?' }] }),
  });
  if (chat.status !== 200) gaps.push(`a chat ended with ${chat.status}`);
  const routers = processesNaming(lab.paths.config);
  if (routers.length !== 1) gaps.push(`${routers.length} routers run`);
  return gaps;
}

export function fileGaps({ lab, edited }: Lane, version: string): readonly string[] {
  const wanted = edited[version];
  if (wanted === undefined) return [`nothing is known of version ${version}`];
  const gaps: string[] = [];
  if (readFileSync(lab.paths.config, 'utf8') !== wanted.config) gaps.push('the config is neither byte for byte');
  if (readFileSync(lab.paths.environment, 'utf8') !== wanted.environment) gaps.push('the environment file differs');
  if ((statSync(lab.paths.environment).mode & 0o777) !== 0o600) gaps.push('the environment file has another mode');
  if (readlinkSync(lab.paths.current) !== wanted.current) gaps.push(`current points to ${readlinkSync(lab.paths.current)}`);
  return gaps;
}

export function usageRows({ lab }: Lane): number {
  const database = openSqlite(lab.paths.database, { readOnly: true });
  try {
    return database.prepare<[], { rows: number }>('SELECT count(*) AS rows FROM request_usage').get()?.rows ?? 0;
  } finally {
    database.close();
  }
}

export function databaseGaps(lane: Lane, rowsBefore: number): readonly string[] {
  const database = openSqlite(lane.lab.paths.database, { readOnly: true });
  const found = database.pragma('integrity_check', { simple: true });
  database.close();
  const rows = usageRows(lane);
  return [
    ...(found === 'ok' ? [] : [`the usage database is damaged: ${String(found)}`]),
    ...(rows < rowsBefore ? [`${rowsBefore - rows} usage rows are lost`] : []),
  ];
}

/** Half-written things, and plaintext of what only a backup may hold, anywhere below the deployment. */
export function leftovers({ lab }: Lane): readonly string[] {
  const bad = /\.routerctl-tmp-|\.partial$|^backup-work$|\.new$|^\.lease\./;
  const walk = (directory: string): readonly string[] =>
    readdirSync(directory).flatMap((name) => {
      const path = join(directory, name);
      if (bad.test(name)) return [path];
      if (name === 'versions' && directory === lab.home) return readdirSync(path).filter((entry) => bad.test(entry));
      return lstatSync(path).isDirectory() ? walk(path) : [];
    });
  return walk(lab.home).map((path) => `left over: ${path.startsWith(lab.home) ? path.slice(lab.home.length + 1) : basename(path)}`);
}

export async function reportGaps({ lab }: Lane, result: RunResult): Promise<readonly string[]> {
  if (result.report === null) return ['the run has no report'];
  if (!result.report.signed) return [`the report is not signed: ${result.report.problem ?? ''}`];
  const verified = await verifyReportFolder(createReportFiles(), result.report.directory, { allowedSigners: lab.paths.allowedSigners });
  if (!verified.ok) return [`the report does not verify: ${verified.reason}`];
  return verified.exitCode === result.exitCode ? [] : [`the report says exit ${verified.exitCode}, the run ${result.exitCode}`];
}
