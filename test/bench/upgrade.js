// A whole upgrade of a practice deployment, and a second one that its validation refuses, timed from their journals and probers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournal } from '../../dist/src/adapters/journal-sqlite.js';
import { labDown } from '../../dist/src/router/lab/lab-down.js';
import { stopByPidFile } from '../../dist/src/router/lab/lab-process.js';
import { startRouter } from '../../dist/src/router/lab/lab-start.js';
import { labUp } from '../../dist/src/router/lab/lab-up.js';
import { packageRelease } from '../../dist/src/router/lab/package-release.js';
import { line, median, projectRoot } from './measure.js';

export const title = 'upgrade';

const asksRouter = new Set(['ready', 'version', 'models', 'chat', 'usage-recorded']);

export async function measure({ rounds }) {
  const work = mkdtempSync(join(tmpdir(), 'routerctl-bench-upgrade-'));
  try {
    const build = (version, defects) => packageRelease({ version, outDirectory: work, defects }).file;
    const packages = { good: build('1.1.0', []), bad: build('1.2.0', ['cut-streams', 'no-stream-usage']) };
    const seen = [];
    for (let round = 0; round < rounds; round += 1) seen.push(await oneRound(join(work, `lab-${round}`), packages));
    return linesOf(seen);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function oneRound(home, packages) {
  const record = await labUp({ home, version: '1.0.0' });
  try {
    const good = command(home, ['upgrade', '--to', packages.good, '-y', '--json'], 0);
    const bad = command(home, ['upgrade', '--to', packages.bad, '-y', '--json'], 4);
    const startMs = await ownStart(record);
    return { startMs, good: forward(good), bad: back(bad) };
  } finally {
    await labDown({ home, patienceMs: 5000 });
  }
}

/** What the router takes to become ready when nobody but its operator starts it. */
async function ownStart(record) {
  const times = [];
  for (let start = 0; start < 3; start += 1) {
    await stopByPidFile(record.paths.routerPid, record.paths.config, 5000);
    const began = performance.now();
    await startRouter(record, 15_000);
    times.push(performance.now() - began);
  }
  return median(times);
}

function command(home, args, exitCode) {
  const runs = join(home, '.routerctl/runs');
  const began = performance.now();
  const child = spawnSync(process.execPath, [join(projectRoot, 'bin/run.js'), ...args], {
    cwd: home,
    encoding: 'utf8',
    env: { ...process.env, ROUTERCTL_STATE: join(home, 'state') },
  });
  const wallMs = performance.now() - began;
  if (child.status !== exitCode)
    throw new Error(`${args.join(' ')} ended with ${child.status}, not ${exitCode}:\n${child.stdout}${child.stderr}`);
  const folder = join(runs, readdirSync(runs).sort().at(-1));
  const journal = readJournal(join(folder, 'journal.sqlite'), '');
  const events = journal.read();
  journal.close();
  const kinds = new Map(
    JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')).phases.flatMap(({ steps }) => steps.map(({ id, kind }) => [id, kind])),
  );
  return { wallMs, events, kinds, report: JSON.parse(readFileSync(join(folder, 'report/report.json'), 'utf8')) };
}

function forward({ wallMs, events, kinds, report }) {
  const fact = (name) => events.find((event) => event.type === 'fact' && event.data.name === name);
  const drainMs = fact('stopped').data.value.drainMs;
  const startedMs = fact('ready').mono - fact('started').mono;
  const askedMs = covered(questions(events, kinds));
  const restartMs = fact('ready').mono - fact('stopping').mono;
  return { wallMs, downMs: report.availability.downtimeMs, drainMs, startedMs, restartMs, askedMs, ownMs: wallMs - restartMs - askedMs };
}

/** From the answer that ordered it until the old version was proven to serve. */
function back({ wallMs, events }) {
  const red = events.find((event) => event.type === 'check-finished' && ['fail', 'inconclusive'].includes(event.data.verdict.status));
  const proven = events.find((event) => event.type === 'rollback-validated');
  if (proven.data.verified !== true) throw new Error('the rollback was not verified');
  const ready = events.find((event) => event.type === 'fact' && event.data.name === 'back-ready');
  return { wallMs, tookMs: proven.mono - red.mono, untilReadyMs: ready.mono - red.mono };
}

/** Times in which the router was being asked after the change; before it other work goes on beside the questions. */
function questions(events, kinds) {
  const begun = new Map();
  const spans = [];
  for (const { type, mono, data } of events) {
    if (data.phase !== 'validate' || !asksRouter.has(kinds.get(data.step))) continue;
    if (type === 'check-started') begun.set(data.step, mono);
    if (type === 'check-finished') spans.push([begun.get(data.step), mono]);
  }
  return spans;
}

function covered(spans) {
  let total = 0;
  let until = 0;
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return total;
}

function linesOf(seen) {
  const good = (what) => Math.round(median(seen.map((round) => round.good[what])));
  const bad = (what) => Math.round(median(seen.map((round) => round.bad[what])));
  const startMs = Math.round(median(seen.map((round) => round.startMs)));
  return [
    line(
      'downtime of an upgrade, as its prober saw it',
      good('downMs'),
      good('drainMs') + 1.5 * startMs,
      'ms',
      `drain ${good('drainMs')} ms + 1.5 x own start of ${startMs} ms; in the run it started in ${good('startedMs')} ms`,
    ),
    line(
      'from the failed gate to the verified rollback',
      bad('tookMs'),
      5000,
      'ms',
      `the old version ready again after ${bad('untilReadyMs')} ms; the whole command ${bad('wallMs')} ms`,
    ),
    line(
      'an upgrade without waiting on the router',
      good('ownMs'),
      2000,
      'ms',
      `the whole command ${good('wallMs')} ms, stop and start ${good('restartMs')} ms, questions after the change ${good('askedMs')} ms`,
    ),
  ];
}
