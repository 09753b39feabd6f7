// One cell of the kill matrix: a deployment in a known state, a run that is killed at one moment, one way out, and everything
// that must be true afterwards.
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Inspection } from '../../src/core/change.js';
import type { Plan } from '../../src/core/plan.js';
import type { RunFolder } from '../../src/core/ports/run-folders.js';
import type { RunEvent } from '../../src/core/run-event.js';
import { databaseGaps, eventsOf, fileGaps, leftovers, reportGaps, servingGaps, usageRows, writerGaps } from './invariants.js';
import { type Lane, until } from './lane.js';
import type { Moment } from './moments.js';
import { type Ended, give, type Launched, launch, type Orders, type Role, traceOf } from './orders.js';
import { processesNaming } from './process-list.js';

export const waysOut = ['guard', 'resume', 'guard killed too, resume', 'guard and resume at once'] as const;
export type WayOut = (typeof waysOut)[number];

export interface Scenario {
  readonly name: string;
  readonly saved: string;
  readonly plan: (lane: Lane) => Plan | null;
  /** Who is killed at the moment in question. */
  readonly role: Role;
  /** The runner is killed here first, so that there is something for a guard or a resume to do. */
  readonly first?: string;
  readonly ways: readonly WayOut[];
  readonly end: (known: readonly RunEvent[], by: 'guard' | 'resume') => { readonly exitCode: number; readonly version: string };
}

export interface Cell {
  readonly scenario: string;
  readonly step: string;
  readonly point: string;
  readonly way: string;
  readonly end: string;
  readonly partial: readonly string[];
  readonly gaps: readonly string[];
}

export const quick: Orders = { prober: 'none', proof: 'none' };

/** Starts what the scenario is about, without waiting for its end. */
export async function begin(lane: Lane, scenario: Scenario): Promise<{ readonly folder: RunFolder; readonly launched: Launched }> {
  const plan = scenario.plan(lane);
  if (plan !== null) {
    const folder = await lane.createRun(plan);
    return { folder, launched: launch(lane, ['run', 'exec', folder.path, '--by', 'runner']) };
  }
  const folder = lane.savedRun();
  return { folder, launched: launch(lane, ['rollback', folder.runId]) };
}

export async function runCell(lane: Lane, scenario: Scenario, moment: Moment, way: WayOut): Promise<Cell> {
  await lane.restore(scenario.saved);
  const rowsBefore = usageRows(lane);
  const { role, first } = scenario;
  const wantsGuard = way === 'guard' || way === 'guard and resume at once' || way === 'guard killed too, resume' || role === 'guard';
  const strike = { role, point: moment.point, withGuard: way === 'guard killed too, resume' };
  const strikes = first === undefined ? [strike] : [{ role: 'runner' as const, point: first }, strike];
  give(lane, { ...quick, ...(wantsGuard ? {} : { guard: 'none' as const }), strikes });
  // A child that is still at work when its parent is killed goes on: it must be ended before anything is inspected.
  const childGoesOn = moment.point.startsWith('during') && moment.point.includes('commands.run');
  const { folder, launched } = await begin(lane, scenario);
  await launched.ended;
  if (role === 'resume') await launch(lane, ['resume', folder.runId], 'empty').ended;
  if (role === 'guard') await until('the guard is killed', () => struckAt(lane, moment.point) || folder.result() !== null);
  const known = eventsOf(folder);
  const reached = struckAt(lane, moment.point);
  rmSync(join(lane.lab.home, 'hook-forever'), { force: true });
  const out = await wayOut(lane, folder, way);
  const gaps = reached ? [] : ['the moment was not reached'];
  if (childGoesOn) gaps.push(...(await stillWriting(lane)));
  gaps.push(...(await settled(lane)));
  const { end, found } = await judge(lane, { scenario, folder, known, out, rowsBefore });
  const partial = eventsOf(folder).flatMap((event) => (event.type === 'inspected' && isPartial(event.data.state) ? [event.data.step] : []));
  return { scenario: scenario.name, ...moment, way: out.taken, end, partial, gaps: [...gaps, ...found] };
}

const isPartial = (state: Inspection): boolean => state === 'partial';
const struckAt = (lane: Lane, point: string): boolean => traceOf(lane).some(({ struck }) => struck === point);

interface Out {
  readonly taken: string;
  readonly by: readonly ('guard' | 'resume')[];
  readonly ended: Ended | null;
}

async function wayOut(lane: Lane, folder: RunFolder, way: WayOut): Promise<Out> {
  // The orders were for the first life of each role; who comes now is left alone.
  const armed = processesNaming(join(lane.work, 'orders.json')).some(({ argv }) => argv.includes('guard'));
  give(lane, { ...quick, guard: 'none' });
  if (armed && way === 'guard') {
    await until('the guard finishes', () => folder.result() !== null && processesNaming(lane.work).length === 0);
    return { taken: way, by: ['guard'], ended: null };
  }
  const resumed = await launch(lane, ['resume', folder.runId], 'empty').ended;
  if (!armed) return { taken: way === 'guard killed too, resume' ? way : 'resume', by: ['resume'], ended: resumed };
  await until('guard or resume finishes', () => folder.result() !== null && processesNaming(lane.work).length === 0);
  return { taken: way, by: ['guard', 'resume'], ended: null };
}

async function settled(lane: Lane): Promise<readonly string[]> {
  try {
    await until('everything ends', () => processesNaming(lane.work).length === 0, 10_000);
    return [];
  } catch {
    return processesNaming(lane.work).map(({ pid, argv }) => `still runs: ${pid} ${argv.slice(2).join(' ')}`);
  }
}

async function stillWriting({ lab }: Lane): Promise<readonly string[]> {
  const log = join(lab.home, 'hook.log');
  const size = existsSync(log) ? statSync(log).size : 0;
  await new Promise((done) => setTimeout(done, 120));
  return existsSync(log) && statSync(log).size !== size ? ['the child of the dead process still writes'] : [];
}

interface Judged {
  readonly scenario: Scenario;
  readonly folder: RunFolder;
  readonly known: readonly RunEvent[];
  readonly out: Out;
  readonly rowsBefore: number;
}

async function judge(lane: Lane, { scenario, folder, known, out, rowsBefore }: Judged): Promise<{ end: string; found: readonly string[] }> {
  const result = folder.result();
  const refused = out.ended?.code === 6 && out.ended.stdout.includes('"refused"');
  if (result === null) {
    // Before its first event a run has changed nothing, and there is nothing to resume.
    if (refused && known.length === 0) return { end: 'never began', found: await standsAs(lane, '1.0.0', rowsBefore) };
    const said = `${out.ended?.stdout ?? ''}${out.ended?.stderr.split('\n').slice(-6).join(' ') ?? ''}`;
    return { end: 'no result', found: [`there is no result: ${said.slice(0, 400)}`] };
  }
  const expected = out.by.map((by) => scenario.end(known, by));
  const { exitCode } = result;
  const right = expected.find((end) => end.exitCode === exitCode);
  const events = eventsOf(folder);
  const found = [
    ...(right === undefined ? [`exit ${exitCode} (${result.why}) instead of ${expected.map((end) => end.exitCode).join(' or ')}`] : []),
    ...(events.at(-1)?.seq === result.lastSeq ? [] : ['the result does not speak of the last event']),
    ...writerGaps(events, traceOf(lane)),
    ...(await reportGaps(lane, result)),
    ...(await standsAs(lane, (right ?? expected[0])?.version ?? '1.0.0', rowsBefore)),
  ];
  return { end: `${exitCode}, ${(right ?? expected[0])?.version} serves`, found };
}

async function standsAs(lane: Lane, version: string, rowsBefore: number): Promise<readonly string[]> {
  return [...(await servingGaps(lane, version)), ...fileGaps(lane, version), ...databaseGaps(lane, rowsBefore), ...leftovers(lane)];
}
