// The kill matrix of the process deployment: every moment of an upgrade, its rollback and a later rollback with one way out, and every
// third moment of those who finish another's work; with ROUTERCTL_FULL=1 every moment with every way out, and the table goes to
// docs/reference/kill-matrix.md.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lane } from './lane.js';
import { begin, type Cell, quick, runCell, type Scenario, type WayOut } from './matrix-case.js';
import { matrixLines, writeMatrixPage } from './matrix-table.js';
import { type Moment, momentsOf } from './moments.js';
import { give, launch, traceOf } from './orders.js';
import { openMatrixLane, scenarios } from './scenarios.js';

const full = process.env['ROUTERCTL_FULL'] === '1';
/** To look at one moment again: ROUTERCTL_MOMENT="during install". */
const wanted = process.env['ROUTERCTL_MOMENT'] ?? '';
const limitMs = full ? 4 * 3_600_000 : 1_200_000;
const cells: Cell[] = [];
let lanes: readonly Lane[] = [];

beforeAll(async () => {
  lanes = await Promise.all([openMatrixLane(), openMatrixLane()]);
}, 180_000);

afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.close()));
}, 60_000);

/** What happens in an undisturbed run of the scenario, as far as the role in question takes part. */
async function momentsIn(lane: Lane, scenario: Scenario): Promise<readonly Moment[]> {
  await lane.restore(scenario.saved);
  const { first, role } = scenario;
  const guard = role === 'guard' ? {} : { guard: 'none' as const };
  give(lane, { ...quick, ...guard, strikes: first === undefined ? [] : [{ role: 'runner', point: first }] });
  const { folder, launched } = await begin(lane, scenario);
  await launched.ended;
  if (role === 'resume') await launch(lane, ['resume', folder.runId], 'empty').ended;
  if (role === 'guard') await expect.poll(() => folder.result(), { timeout: 60_000, interval: 50 }).not.toBeNull();
  const moments = momentsOf(traceOf(lane), role);
  // The way to the broken version is the way to the working one: only what comes once it is in place is new.
  return scenario.name === 'upgrade that rolls back' ? moments.slice(moments.findIndex(({ step }) => step === 'chat_after')) : moments;
}

/** A guard and a resume do what the runner does, which is killed everywhere: a third of their moments shows that they differ in nothing. */
function sampled(scenario: Scenario, moments: readonly Moment[]): readonly Moment[] {
  const all = full || wanted !== '' || scenario.first === undefined;
  return all ? moments : moments.filter((_, index) => index % 3 === 0);
}

/** All ways of a moment, or one of them, spread so that every way meets every kind of moment. */
function waysFor(scenario: Scenario, moment: Moment): readonly WayOut[] {
  if (full) return scenario.ways;
  const digest = createHash('sha256').update(`${scenario.name} ${moment.point}`).digest();
  const way = scenario.ways[(digest[0] ?? 0) % scenario.ways.length];
  return way === undefined ? [] : [way];
}

for (const scenario of scenarios) {
  test(`${scenario.name}: killed at any moment, one writer goes on and the old or the new version serves`, {
    timeout: limitMs,
  }, async () => {
    const [lane] = lanes;
    if (lane === undefined) throw new Error('there are two lanes');
    const moments = await momentsIn(lane, scenario);
    expect(moments.length).toBeGreaterThan(20);
    const work = sampled(scenario, moments)
      .filter(({ point }) => point.includes(wanted))
      .flatMap((moment) => waysFor(scenario, moment).map((way) => ({ moment, way })));
    process.stdout.write(`${scenario.name}: ${moments.length} moments, ${work.length} cases\n`);
    const found: Cell[] = [];
    await Promise.all(
      lanes.map(async (each) => {
        for (let next = work.shift(); next !== undefined; next = work.shift()) {
          const cell = await runCell(each, scenario, next.moment, next.way);
          found.push(cell);
          // A gap is told at once: the whole takes a while.
          if (cell.gaps.length > 0) process.stdout.write(`${matrixLines([cell]).join('\n')}\n`);
        }
      }),
    );
    found.sort((a, b) => moments.findIndex(({ point }) => point === a.point) - moments.findIndex(({ point }) => point === b.point));
    cells.push(...found);
    process.stdout.write(`${matrixLines(found).join('\n')}\n`);
    expect(found.filter(({ gaps }) => gaps.length > 0).map(({ point, way, gaps }) => `${point}; ${way}: ${gaps.join('; ')}`)).toEqual([]);
  });
}

if (wanted === '') {
  test('every kind of change is caught half done at least once', () => {
    const kinds = new Set(cells.flatMap(({ partial }) => partial));
    expect([...kinds].sort()).toEqual(['backup', 'config', 'install', 'pin', 'restart', 'temporary']);
  });
}

if (full && wanted === '') {
  test('the whole matrix is written down', async () => {
    await writeMatrixPage(cells);
  });
}
