// What a run may claim: nothing is called proven, taken back or unchanged that was not seen to be.
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/core/plan.js';
import type { RunEventType, RunRequest } from '../../src/core/run-event.js';
import { changeStep, checkStep, phaseOfSteps, upgradePlan } from './practice-plan.js';
import { Crash, type Drive, driveOn, newDrive } from './world.js';

const finished = (drive: Drive) => drive.events.findLast((event) => event.type === 'run-finished')?.data;

/** Does something at the first event of a type. */
function when(drive: Drive, type: RunEventType, act: () => void, step?: string): void {
  const push = drive.events.push.bind(drive.events);
  let done = false;
  drive.events.push = (...added) => {
    const [event] = added;
    if (!done && event?.type === type && (step === undefined || ('step' in event.data && event.data.step === step))) {
      done = true;
      act();
    }
    return push(...added);
  };
}

function asks(drive: Drive, type: RunEventType, request: RunRequest, reason = 'bob decided'): void {
  when(drive, type, () => drive.requests.push({ id: '1', request, by: 'bob', reason }));
}

const tidy = changeStep('tidy', 'edit', 'edit', 'none', { cell: 'tmp', value: '1' }, { reversal: 'none' });

function withCleanup(...more: Plan['phases']): Plan {
  const plan = upgradePlan();
  return { ...plan, phases: [...plan.phases, ...more, phaseOfSteps('cleanup', [tidy], { onFailure: 'stop' })] };
}

function withPhase(name: string, extra: Partial<Plan['phases'][number]>): Plan {
  const plan = upgradePlan();
  return { ...plan, phases: plan.phases.map((phase) => (phase.name === name ? { ...phase, ...extra } : phase)) };
}

describe('after the commit', () => {
  test('a signal ends the run as upgraded, and says what was left undone', async () => {
    const drive = newDrive(withCleanup());
    when(drive, 'phase-committed', () => {
      drive.signal = 'SIGTERM';
    });
    expect(await driveOn(drive, 'runner')).toBe(0);
    expect(finished(drive)).toMatchObject({
      outcome: 'upgraded',
      why: expect.stringMatching(/SIGTERM, after the commit.*undone: tidy/) as string,
    });
    expect(drive.world.running['binary']).toBe('new');
  });

  test('a request to roll back does not pretend: it names the command that takes a committed run back', async () => {
    const drive = newDrive(withCleanup());
    asks(drive, 'phase-committed', 'rollback');
    expect(await driveOn(drive, 'runner')).toBe(0);
    expect(finished(drive)?.why).toContain('take it back with: routerctl rollback');
  });

  test.each([
    ['that nobody answers', null],
    ['that a person answers with a rollback', 'rollback'],
  ] as const)('a hold %s is no rollback', async (_name, answer) => {
    const drive = newDrive(withCleanup());
    asks(drive, 'phase-committed', 'hold');
    if (answer !== null) asks(drive, 'hold-started', answer);
    expect(await driveOn(drive, 'runner')).toBe(0);
    expect(drive.events.map(({ type }) => type)).not.toContain('rollback-ordered');
    expect(finished(drive)?.outcome).toBe('upgraded');
  });

  test('a signal before a later change that the plan asks for is kept and said, never upgraded', async () => {
    const second = phaseOfSteps('second', [changeStep('again', 'activate', 'activate', 'live', {})]);
    const drive = newDrive(withCleanup(second));
    when(drive, 'phase-committed', () => {
      drive.signal = 'SIGTERM';
    });
    expect(await driveOn(drive, 'runner')).toBe(9);
    expect(finished(drive)?.why).toContain('left undone: again');
  });

  test('a later phase that fails goes back to what was committed, and is proven by the checks that committed it', async () => {
    const plan = upgradePlan();
    const second = phaseOfSteps(
      'second',
      [
        changeStep('more', 'edit', 'edit', 'staged', { cell: 'env', value: 'newer' }),
        changeStep('again', 'activate', 'activate', 'live', {}),
        checkStep('last', { with: { expect: 'newest' } }),
      ],
      { commit: true },
    );
    const drive = newDrive({ ...plan, phases: [...plan.phases, second] });
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(drive.world.running).toEqual({ binary: 'new', env: 'new' });
    const asked = drive.events.flatMap((event) => (event.type === 'check-finished' && event.data.way === 'back' ? [event.data.step] : []));
    expect(asked).toEqual(['after']);
  });
});

describe('a rollback is verified by asking', () => {
  test('of one phase without changes of its own takes nothing back, and is not called proven', async () => {
    const drive = newDrive(withPhase('validate', { onFailure: 'rollback-phase' }));
    drive.world.broken.add('new');
    expect(await driveOn(drive, 'runner')).toBe(5);
    expect(drive.world.running['binary']).toBe('new');
  });

  test('a baseline check whose condition is false on the way back is skipped, not asked for ever', async () => {
    const plan = upgradePlan();
    const preflight = phaseOfSteps(
      'preflight',
      [checkStep('before', { baseline: true }), checkStep('also', { baseline: true, when: 'only forward' })],
      { onFailure: 'stop' },
    );
    const drive = newDrive({ ...plan, phases: [preflight, ...plan.phases.slice(1)] });
    drive.conditions.set('only forward', () => !drive.events.some(({ type }) => type === 'rollback-ordered'));
    drive.world.broken.add('new');
    expect(await driveOn(drive, 'runner')).toBe(4);
  });
});

describe('controls', () => {
  test('one whose condition is false is left out, and the run goes back', async () => {
    const drive = newDrive(withPhase('validate', { controls: [checkStep('control', { when: 'never' })] }));
    drive.world.broken.add('new');
    expect(await driveOn(drive, 'runner')).toBe(4);
  });

  test('are asked before anything was changed too: the provider is named beside the router', async () => {
    const drive = newDrive(withPhase('preflight', { controls: [checkStep('provider')] }));
    drive.world.broken.add('old');
    expect(await driveOn(drive, 'runner')).toBe(3);
    expect(finished(drive)?.why).toContain('the control provider fails too');
  });
});

describe('what cannot be computed', () => {
  test('in a criterion holds the run for a person', async () => {
    const drive = newDrive(upgradePlan({ criteria: [{ id: 'slow', when: 'cannot be computed', then: 'rollback', why: 'slow' }] }));
    asks(drive, 'hold-started', 'keep');
    expect(await driveOn(drive, 'runner')).toBe(9);
    expect(finished(drive)?.why).toContain('the criterion slow cannot be judged');
  });

  test('in a criterion keeps nobody from going back', async () => {
    const drive = newDrive(upgradePlan({ criteria: [{ id: 'slow', when: 'cannot be computed', then: 'rollback', why: 'slow' }] }));
    const crash = new Crash(0);
    when(drive, 'change-finished', () => crash.strikeNext(), 'restart');
    expect(await driveOn(drive, 'runner', crash)).toBe('crashed');
    expect(await driveOn(drive, 'guard')).toBe(4);
  });

  test('in the condition of a check leaves it unproven', async () => {
    const steps = [checkStep('after', { with: { expect: 'new' } }), checkStep('odd', { when: 'cannot be computed' })];
    const drive = newDrive(withPhase('validate', { steps }));
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(finished(drive)?.why).toContain('odd: no such overload');
  });
});

describe('a commit needs a proof', () => {
  test('a committing phase without a check, after a change that nobody looked at, is unproven', async () => {
    const plan = upgradePlan();
    const drive = newDrive({ ...plan, phases: [plan.phases[0] ?? phaseOfSteps('x', []), { ...phaseOf(plan, 'change'), commit: true }] });
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(finished(drive)?.why).toContain('nothing was proven');
  });

  test('a plan that ends without asking after its change is unproven', async () => {
    const plan = upgradePlan();
    const drive = newDrive({ ...plan, phases: plan.phases.slice(0, 2) });
    expect(await driveOn(drive, 'runner')).toBe(4);
  });

  test('a required check behind a red one that only warns was not measured', async () => {
    const steps = [
      checkStep('good', { with: { expect: 'new' } }),
      checkStep('warns', { severity: 'warn', with: { expect: 'other' } }),
      checkStep('behind', { needs: ['warns'], with: { expect: 'new' } }),
    ];
    const drive = newDrive(withPhase('validate', { steps }));
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(finished(drive)?.why).toContain('behind: needs warns');
  });
});

describe('who takes up a run', () => {
  test('asks the preflight again when nothing that a user could notice was changed', async () => {
    const plan = upgradePlan();
    const save = phaseOfSteps('save', [changeStep('copy', 'edit', 'edit', 'none', { cell: 'copy', value: '1' })]);
    const [preflight, ...rest] = plan.phases;
    if (preflight === undefined) throw new Error('a preflight');
    const drive = newDrive({ ...plan, phases: [preflight, save, ...rest] });
    const crash = new Crash(0);
    when(drive, 'change-finished', () => crash.strikeNext(), 'copy');
    expect(await driveOn(drive, 'runner', crash)).toBe('crashed');
    drive.world.broken.add('old');
    expect(await driveOn(drive, 'resume')).toBe(3);
    expect(drive.world.running['binary']).toBe('old');
  });
});

describe('time', () => {
  test('a hold ends by the boot clock although the wall clock was set back', async () => {
    const drive = newDrive(withPhase('validate', { onFailure: 'hold' }));
    drive.world.broken.add('new');
    when(drive, 'hold-started', () => {
      drive.setBackMs = 3_600_000;
    });
    const beganMs = drive.nowMs;
    expect(await driveOn(drive, 'runner')).toBe(4);
    expect(drive.nowMs - beganMs).toBeLessThan(10_000);
  });

  test('a hold does not outlast the run', async () => {
    const drive = newDrive(withPhase('validate', { onFailure: 'hold' }));
    drive.world.broken.add('new');
    const push = drive.events.push.bind(drive.events);
    const atMs = drive.nowMs + 400;
    drive.events.push = (...added) => {
      const count = push(...added);
      if (added[0]?.type === 'lease-taken') push({ ...added[0], type: 'deadline-set', data: { atMs, bootId: 'b', bootMs: atMs } });
      return count;
    };
    expect(await driveOn(drive, 'runner')).toBe(4);
    const hold = drive.events.find((event) => event.type === 'hold-started');
    expect(hold?.type === 'hold-started' && hold.data.untilMs <= atMs).toBe(true);
  });

  test('a hold that nobody answers before anything was changed refuses with 6', async () => {
    const drive = newDrive();
    asks(drive, 'phase-started', 'hold');
    expect(await driveOn(drive, 'runner')).toBe(6);
  });

  test('a check that cannot be measured after the change is asked again until its own time is over', async () => {
    const drive = newDrive();
    drive.world.silent.add('new');
    drive.hearsAgainAfter = 3;
    expect(await driveOn(drive, 'runner')).toBe(0);
  });
});

function phaseOf(plan: Plan, name: string): Plan['phases'][number] {
  const phase = plan.phases.find((each) => each.name === name);
  if (phase === undefined) throw new Error(`a phase ${name}`);
  return phase;
}
