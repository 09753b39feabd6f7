// The engine as its user meets it: what ends how, from beginning to end, without a crash.
import { describe, expect, test } from 'vitest';
import { changeStep, checkStep, phaseOfSteps, upgradePlan } from './practice-plan.js';
import { Crash, driveOn, newDrive, newWorld } from './world.js';

const outcomeOf = (drive: ReturnType<typeof newDrive>) => drive.events.findLast((event) => event.type === 'run-finished')?.data;

describe('forwards', () => {
  test('a good upgrade is committed and ends with 0', async () => {
    const drive = newDrive();
    expect(await driveOn(drive, 'runner')).toBe(0);
    expect(drive.world.running).toEqual({ binary: 'new', env: 'new' });
    expect(drive.events.map((event) => event.type)).toContain('phase-committed');
  });

  test('intent and undo are durable before each act', async () => {
    const drive = newDrive();
    await driveOn(drive, 'runner');
    const order = drive.events.flatMap((event) =>
      event.type === 'change-intent' || event.type === 'change-finished' ? [`${event.type} ${event.data.step}`] : [],
    );
    expect(order).toEqual([
      'change-intent binary',
      'change-finished binary',
      'change-intent env',
      'change-finished env',
      'change-intent restart',
      'change-finished restart',
    ]);
  });

  test('secrets, signing and guard are proven before the first change', async () => {
    const drive = newDrive();
    await driveOn(drive, 'runner');
    const types = drive.events.map((event) => event.type);
    expect(types.indexOf('guard-proven')).toBeLessThan(types.indexOf('guard-armed'));
    expect(types.indexOf('guard-armed')).toBeLessThan(types.indexOf('change-intent'));
  });

  test('a red preflight stops with 3 and touches nothing', async () => {
    const drive = newDrive();
    drive.world.broken.add('old');
    expect(await driveOn(drive, 'runner')).toBe(3);
    expect(drive.world.acts).toEqual([]);
  });

  test('a preflight that cannot be measured stops with 7', async () => {
    const drive = newDrive();
    drive.world.silent.add('old');
    expect(await driveOn(drive, 'runner')).toBe(7);
  });

  test('a secret that the guard cannot read refuses with 6', async () => {
    const drive = newDrive();
    drive.provable = false;
    expect(await driveOn(drive, 'runner')).toBe(6);
    expect(drive.world.acts).toEqual([]);
  });
});

describe('backwards', () => {
  test('a red validation rolls back, asks the baseline again and ends with 4', async () => {
    const drive = newDrive();
    drive.world.broken.add('new');
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(drive.world.running).toEqual({ binary: 'old', env: 'old' });
    expect(drive.world.acts.slice(-3)).toEqual(['unedit env', 'unedit binary', 'restart back']);
  });

  test('a new version that stays silent is unproven, never committed', async () => {
    const drive = newDrive();
    drive.world.silent.add('new');
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(outcomeOf(drive)?.why).toContain('silent');
  });

  test('an old version that does not come back needs a person', async () => {
    const world = newWorld();
    const drive = newDrive(upgradePlan(), world);
    world.broken.add('new');
    const restart = drive.plan.phases[1]?.steps[2];
    expect(restart?.id).toBe('restart');
    const promise = driveOn(drive, 'runner');
    world.broken.add('never');
    world.silent.add('x');
    Object.defineProperty(world.cells, 'binary', { get: () => 'lost', set: () => undefined, configurable: true, enumerable: true });
    expect(await promise).toBe(5);
  });

  test('a file that someone else edited is left alone and needs a person', async () => {
    const plan = upgradePlan({ criteria: [{ id: 'edited', when: 'after failed', then: 'rollback', why: 'x' }] });
    const drive = newDrive(plan);
    drive.world.broken.add('new');
    const events = drive.events;
    const push = events.push.bind(events);
    events.push = (...added) => {
      if (added[0]?.type === 'rollback-ordered') drive.world.cells['env'] = 'edited by someone';
      return push(...added);
    };
    expect(await driveOn(drive, 'runner')).toBe(5);
    expect(drive.world.cells['env']).toBe('edited by someone');
    expect(drive.world.running['binary']).toBe('old');
  });

  test('a red check before the first live step takes staged edits back and ends with 3', async () => {
    const plan = upgradePlan();
    const [preflight, change, validate] = plan.phases;
    if (preflight === undefined || change === undefined || validate === undefined) throw new Error('three phases');
    const [binary, ...rest] = change.steps;
    if (binary === undefined) throw new Error('a first step');
    const steps = [binary, checkStep('look', { with: { expect: 'something else' } }), ...rest];
    const drive = newDrive({ ...plan, phases: [preflight, { ...change, steps }, validate] });
    expect(await driveOn(drive, 'runner')).toBe(3);
    expect(drive.world.cells).toEqual({ binary: 'old', env: 'old' });
    expect(drive.world.downs).toBe(0);
  });

  test('a committed run is taken back on request and ends with 0', async () => {
    const drive = newDrive();
    await driveOn(drive, 'runner');
    expect(await driveOn(drive, 'rollback')).toBe(0);
    expect(drive.world.running).toEqual({ binary: 'old', env: 'old' });
  });
});

describe('persons, signals, deadlines', () => {
  test('a signal before any change ends with 143 and changes nothing', async () => {
    const drive = newDrive();
    drive.signal = 'SIGTERM';
    expect(await driveOn(drive, 'runner')).toBe(143);
    expect(drive.world.acts).toEqual([]);
  });

  test('a request to roll back in the middle rolls back', async () => {
    const drive = newDrive();
    const push = drive.events.push.bind(drive.events);
    drive.events.push = (...added) => {
      const [event] = added;
      if (event?.type === 'change-finished' && event.data.step === 'restart')
        drive.requests.push({ id: '1', request: 'rollback', by: 'bob', reason: 'bob saw errors' });
      return push(...added);
    };
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(outcomeOf(drive)?.why).toBe('bob saw errors');
  });

  test('a deadline that passes before anything was changed refuses with 6', async () => {
    const drive = newDrive();
    const push = drive.events.push.bind(drive.events);
    drive.events.push = (...added) => {
      const count = push(...added);
      if (added[0]?.type === 'lease-taken')
        push({ ...added[0], type: 'deadline-set', data: { atMs: drive.nowMs - 1, bootId: 'b', bootMs: 0 } });
      return count;
    };
    expect(await driveOn(drive, 'runner')).toBe(6);
  });

  test.each([
    ['rollback', 4],
    ['keep', 9],
  ] as const)('when the control fails too the run holds, and %s ends it with %i', async (request, exit) => {
    const plan = upgradePlan();
    const phases = plan.phases.map((phase) =>
      phase.name === 'validate' ? { ...phase, controls: [checkStep('control', { with: { expect: 'provider' } })] } : phase,
    );
    const drive = newDrive({ ...plan, phases });
    drive.world.broken.add('new');
    const push = drive.events.push.bind(drive.events);
    drive.events.push = (...added) => {
      if (added[0]?.type === 'hold-started') drive.requests.push({ id: '1', request, by: 'bob', reason: 'bob decided' });
      return push(...added);
    };
    expect(await driveOn(drive, 'runner')).toBe(exit);
  });

  test('a hold that nobody answers rolls back at its deadline', async () => {
    const plan = upgradePlan();
    const phases = plan.phases.map((phase) =>
      phase.name === 'validate' ? phaseOfSteps('validate', phase.steps, { commit: true, onFailure: 'hold' }) : phase,
    );
    const drive = newDrive({ ...plan, phases });
    drive.world.broken.add('new');
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(drive.events.map((event) => event.type)).toContain('hold-ended');
  });

  test('a phase that would commit without one pass is unproven', async () => {
    const plan = upgradePlan();
    const phases = plan.phases.map((phase) =>
      phase.name === 'validate'
        ? phaseOfSteps('validate', [checkStep('after', { severity: 'warn', with: { expect: 'other' } })], { commit: true })
        : phase,
    );
    const drive = newDrive({ ...plan, phases });
    expect(await driveOn(drive, 'runner')).toBe(4);
  });

  test('what comes after the commit cannot be rolled back by a red step: it is kept and said', async () => {
    const plan = upgradePlan();
    const cleanup = phaseOfSteps('cleanup', [
      checkStep('tidy', { with: { expect: 'other' } }),
      changeStep('more', 'edit', 'edit', 'none', { cell: 'tmp', value: '1' }, { reversal: 'none' }),
    ]);
    const drive = newDrive({ ...plan, phases: [...plan.phases, cleanup] });
    expect(await driveOn(drive, 'runner')).toBe(9);
    expect(drive.world.running['binary']).toBe('new');
  });
});

test('a way back that cannot be guarded goes on all the same', async () => {
  const drive = newDrive();
  await driveOn(drive, 'runner', new Crash(40));
  drive.guardable = false;
  drive.requests.push({ id: '1', request: 'rollback', by: 'bob', reason: 'bob takes it back' });
  expect(await driveOn(drive, 'resume')).toBe(130);
  expect(drive.world.cells).toEqual({ binary: 'old', env: 'old' });
  expect(drive.world.acts).toContain('unedit binary');
});

test('after a person has repaired what a rollback could not take back, the rollback is tried again and proven', async () => {
  const drive = newDrive();
  await driveOn(drive, 'runner');
  drive.world.cells['env'] = 'edited by someone';
  expect(await driveOn(drive, 'rollback')).toBe(5);
  drive.world.cells['env'] = 'new';
  expect(await driveOn(drive, 'rollback')).toBe(0);
  expect(drive.world.running).toEqual({ binary: 'old', env: 'old' });
});

test('a signal that a viewer hands on ends the run as if the run had got it', async () => {
  const drive = newDrive();
  drive.requests.push({ id: '1', request: 'stop', by: 'bob', reason: 'SIGHUP' });
  expect(await driveOn(drive, 'runner')).toBe(129);
});
