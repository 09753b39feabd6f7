// `npm run bench [start|checks|upgrade|journal|router|reports|soak …]`: every promise about speed as one line, measured here and now on what was built.
// It reports and never fails because of a number: what a busy machine measures is no reason to stop anybody.
import { statSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import * as httpChecks from './http-checks.js';
import * as journal from './journal.js';
import { projectRoot } from './measure.js';
import * as reports from './reports.js';
import * as router from './router.js';
import * as soak from './soak.js';
import * as startUp from './start-up.js';
import * as upgrade from './upgrade.js';

const parts = [
  { part: startUp, rounds: 15 },
  { part: httpChecks, rounds: 7 },
  { part: upgrade, rounds: 3 },
  { part: journal, rounds: 5 },
  { part: router, rounds: 3 },
  { part: reports, rounds: 15 },
  // Minutes long, so only when it is named.
  { part: soak, rounds: 1, whenNamed: true },
];

const writtenMs = (path) => statSync(join(projectRoot, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (writtenMs('dist/src/cli/wiring.js') === 0) {
  process.stderr.write('error: nothing is built to be measured\n  hint: npm run build\n');
  process.exit(2);
}
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.some(({ part }) => part.title === name));
if (unknown.length > 0) {
  process.stderr.write(`error: there is no bench ${unknown.join(', ')}\n  hint: ${parts.map(({ part }) => part.title).join(', ')}\n`);
  process.exit(2);
}

const load = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
const say = (text) => process.stdout.write(`${text}\n`);

say(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB; load ${load()}`,
);
if (writtenMs('oclif.manifest.json') < writtenMs('dist/.tsbuildinfo'))
  say('the list of commands is older than the build: run npm run build first, or each start loads every command');
for (const { part, rounds, whenNamed = false } of parts) {
  if (wanted.length === 0 ? whenNamed : !wanted.includes(part.title)) continue;
  say('');
  for (const { name, value, limit, unit, note } of await part.measure({ rounds })) {
    const figure = value === null ? 'not measured' : `${rounded(value)} ${unit}`.trim();
    const verdict =
      limit === null || value === null ? '' : value <= limit ? `ok, at most ${rounded(limit)}` : `OVER, at most ${rounded(limit)}`;
    say(`${name.padEnd(50)} ${figure.padStart(13)}  ${verdict.padEnd(18)} ${note}`.trimEnd());
  }
}
say(`\nload ${load()}`);

function rounded(value) {
  return Math.abs(value) < 10 ? Number(value.toFixed(2)) : Math.round(value);
}
