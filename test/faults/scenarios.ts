// What is killed: an upgrade that succeeds, one that is rolled back, the taking back of a committed one, and the processes that
// finish the work of a dead one. Each says, from what the journal knew at the kill, how the run must end.
import type { Plan } from '../../src/core/plan.js';
import type { RunEvent } from '../../src/core/run-event.js';
import { practicePackage } from '../lab/lab.js';
import { eventsOf } from './invariants.js';
import { type Lane, matrixPlaybook, openLane } from './lane.js';
import { quick, type Scenario, waysOut } from './matrix-case.js';
import { give, launch } from './orders.js';

/** Between the stop of the old version and the start of the new one: the worst moment that there is. */
export const inTheMiddle = 'after restart: services.signal SIGTERM';

const has = (events: readonly RunEvent[], type: RunEvent['type'], step?: string): boolean =>
  events.some((event) => event.type === type && (step === undefined || ('step' in event.data && event.data.step === step)));

/** A guard takes back what is not committed; a resume goes on, unless the rollback was ordered already. */
function upgradeEnd(version: string, works: boolean): Scenario['end'] {
  return (known, by) => {
    const finished = known.findLast((event) => event.type === 'run-finished');
    if (finished?.type === 'run-finished')
      return { exitCode: finished.data.exitCode, version: finished.data.exitCode === 0 ? version : '1.0.0' };
    if (has(known, 'phase-committed')) return { exitCode: 0, version };
    const goesBack = has(known, 'rollback-ordered') || by === 'guard';
    if (!goesBack && works) return { exitCode: 0, version };
    if (!goesBack || has(known, 'change-intent', 'restart')) return { exitCode: 4, version: '1.0.0' };
    return { exitCode: 143, version: '1.0.0' };
  };
}

const takenBack: Scenario['end'] = (known) =>
  known.some((event) => event.type === 'lease-taken' && event.data.by === 'rollback')
    ? { exitCode: 0, version: '1.0.0' }
    : { exitCode: 0, version: '1.1.0' };

const planned = new WeakMap<Lane, { readonly [version: string]: Plan }>();
const planTo =
  (version: string) =>
  (lane: Lane): Plan | null =>
    planned.get(lane)?.[version] ?? null;

export const scenarios: readonly Scenario[] = [
  { name: 'upgrade', saved: 'old', plan: planTo('1.1.0'), role: 'runner', ways: waysOut, end: upgradeEnd('1.1.0', true) },
  { name: 'upgrade that rolls back', saved: 'old', plan: planTo('1.2.0'), role: 'runner', ways: waysOut, end: upgradeEnd('1.2.0', false) },
  { name: 'rollback of a committed run', saved: 'upgraded', plan: () => null, role: 'rollback', ways: waysOut, end: takenBack },
  {
    name: 'guard at work',
    saved: 'old',
    plan: planTo('1.1.0'),
    role: 'guard',
    first: inTheMiddle,
    ways: ['resume'],
    end: upgradeEnd('1.1.0', true),
  },
  {
    name: 'resume at work',
    saved: 'old',
    plan: planTo('1.1.0'),
    role: 'resume',
    first: inTheMiddle,
    ways: ['resume'],
    end: upgradeEnd('1.1.0', true),
  },
];

/** A lane with its plans made and both states saved: the old version, and the upgraded one with its journal. */
export async function openMatrixLane(): Promise<Lane> {
  const lane = await openLane();
  const [works, cuts] = await Promise.all([
    practicePackage({ version: '1.1.0' }),
    practicePackage({ version: '1.2.0', defects: ['cut-streams', 'no-stream-usage'] }),
  ]);
  const plan = await lane.plan(matrixPlaybook, works);
  planned.set(lane, { '1.1.0': plan, '1.2.0': await lane.plan(matrixPlaybook, cuts) });
  await lane.save('old');
  await lane.restore('old');
  give(lane, { ...quick, guard: 'none' });
  const folder = await lane.createRun(plan);
  const { code, stderr } = await launch(lane, ['run', 'exec', folder.path, '--by', 'runner']).ended;
  if (code !== 0) throw new Error(`the undisturbed upgrade ended with ${code}: ${stderr} ${JSON.stringify(eventsOf(folder).at(-1))}`);
  await lane.save('upgraded');
  return lane;
}
