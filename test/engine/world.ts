// A small world for engine tests: a deployment of named cells that changes write, a crash that can strike before or after
// every act and every event, and the engine's parts around a real (in-memory) journal.
import type { Catalogue } from '../../src/core/catalogue.js';
import { type ChangeDefinition, defineChange } from '../../src/core/change.js';
import { type CheckDefinition, defineCheck } from '../../src/core/check.js';
import { RouterctlError } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import type { Plan } from '../../src/core/plan.js';
import type { Journal } from '../../src/core/ports/journal.js';
import type { Ports } from '../../src/core/ports/ports.js';
import type { RunEvent, RunEventBody } from '../../src/core/run-event.js';
import { fail, measured, pass, unmeasured } from '../../src/core/verdict.js';
import { z } from '../../src/core/zod.js';
import type { EngineParts, PendingRequest } from '../../src/engine/parts.js';
import { run } from '../../src/engine/run.js';
import { upgradePlan } from './practice-plan.js';

/** What the deployment consists of: edits write cells, activating copies the cells into `running`. */
export interface World {
  cells: Record<string, string>;
  running: Record<string, string>;
  downs: number;
  /** Names of cells that a check finds broken when they run with that value. */
  broken: Set<string>;
  silent: Set<string>;
  acts: string[];
}

export function newWorld(): World {
  return {
    cells: { binary: 'old', env: 'old' },
    running: { binary: 'old', env: 'old' },
    downs: 0,
    broken: new Set(),
    silent: new Set(),
    acts: [],
  };
}

/** Strikes at the n-th point (each act and each event has one before and one after it). */
export class Crash {
  #left: number;
  readonly points: string[] = [];
  #struck: () => void = () => undefined;
  readonly struck = new Promise<'crashed'>((resolve) => {
    this.#struck = () => resolve('crashed');
  });

  constructor(at: number) {
    this.#left = at;
  }

  /** Whatever point comes next is the one. */
  strikeNext(): void {
    this.#left = 1;
  }

  point(name: string): boolean {
    this.points.push(name);
    this.#left -= 1;
    if (this.#left !== 0) return false;
    this.#struck();
    return true;
  }

  async act(name: string, work: () => void): Promise<void> {
    if (this.point(`before ${name}`)) await new Promise(() => undefined);
    work();
    if (this.point(`after ${name}`)) await new Promise(() => undefined);
  }
}

const cellSpec = z.strictObject({ cell: z.string(), value: z.string() });

export function editOf(world: World, crash: () => Crash): ChangeDefinition<z.infer<typeof cellSpec>> {
  const undoOf = (undo: Json): string => (undo as { old: string }).old;
  return defineChange({
    kind: 'edit',
    title: 'edit a cell',
    role: 'edit',
    impact: 'staged',
    reversal: 'exact',
    subject: ['none'],
    spec: cellSpec,
    plan: (spec) => Promise.resolve({ diff: [], effects: { value: spec.value } }),
    prepare: (spec) => Promise.resolve({ undo: { old: world.cells[spec.cell] ?? '' }, expects: spec.value }),
    apply: async (spec) => {
      await crash().act(`edit ${spec.cell}`, () => {
        world.cells[spec.cell] = `half ${spec.value}`;
        world.acts.push(`edit ${spec.cell}`);
      });
      await crash().act(`finish ${spec.cell}`, () => {
        world.cells[spec.cell] = spec.value;
      });
      return { status: 'done', summary: spec.value, effects: { value: spec.value } };
    },
    inspect: (spec, prepared) => {
      const now = world.cells[spec.cell];
      if (now === undoOf(prepared.undo)) return Promise.resolve('absent');
      return Promise.resolve(now === spec.value ? 'present' : 'partial');
    },
    checkUndo: () => Promise.resolve(pass('old value kept')),
    revert: async (spec, undo) => {
      if (world.cells[spec.cell] === 'edited by someone') return { status: 'conflict', summary: 'someone edited it', hint: 'look at it' };
      await crash().act(`unedit ${spec.cell}`, () => {
        world.cells[spec.cell] = undoOf(undo);
        world.acts.push(`unedit ${spec.cell}`);
      });
      return { status: 'done', summary: 'as before' };
    },
    byHand: (spec, undo) => [`echo ${spec.cell}=${undoOf(undo)}`],
  });
}

export function activateOf(world: World, crash: () => Crash): ChangeDefinition<Record<string, never>> {
  const restart = async (name: string): Promise<void> => {
    await crash().act(`${name} stop`, () => {
      world.running = {};
      world.downs += 1;
      world.acts.push(name);
    });
    await crash().act(`${name} start`, () => {
      world.running = { ...world.cells };
    });
  };
  return defineChange({
    kind: 'activate',
    title: 'restart',
    role: 'activate',
    impact: 'live',
    reversal: 'exact',
    subject: ['none'],
    spec: z.strictObject({}),
    plan: () => Promise.resolve({ diff: [], effects: {} }),
    prepare: () => Promise.resolve({ undo: null, expects: null }),
    apply: async () => {
      await restart('restart');
      return { status: 'done', summary: 'restarted' };
    },
    inspect: () => {
      if (JSON.stringify(world.running) === JSON.stringify(world.cells)) return Promise.resolve('present');
      return Promise.resolve(Object.keys(world.running).length === 0 ? 'partial' : 'absent');
    },
    checkUndo: () => Promise.resolve(pass('can be restarted')),
    revert: async () => {
      await restart('restart back');
      return { status: 'done', summary: 'restarted' };
    },
    byHand: () => ['systemctl restart router'],
  });
}

export function serveCheck(world: World): CheckDefinition<{ expect?: string | undefined }, string> {
  return defineCheck({
    kind: 'serves',
    title: 'serves',
    why: 'a router that does not serve is no router',
    subject: ['none'],
    effects: 'none',
    spec: z.strictObject({ expect: z.string().optional() }),
    observe: () => {
      const now = world.running['binary'];
      if (now === undefined) return Promise.resolve(unmeasured('nothing answers'));
      return Promise.resolve(world.silent.has(now) ? unmeasured('silent') : measured(now));
    },
    judge: (observation, spec, context) => {
      if (world.broken.has(observation)) return fail(`${observation} is broken`);
      if (context.mode === 'restored' && observation !== context.baseline) return fail(`serves ${observation}`);
      if (spec.expect !== undefined && context.mode === 'expect' && observation !== spec.expect) return fail(`serves ${observation}`);
      return pass(`serves ${observation}`);
    },
  });
}

/** A journal in memory with the chain left out: the engine never looks at it; `test/contracts/journal` holds the real one. */
export function memoryJournal(events: RunEvent[], crash: () => Crash): Journal {
  return {
    read: () => events,
    exportLines: () => '',
    close: () => undefined,
    append(body: RunEventBody) {
      if (crash().point(`before event ${body.type}`)) throw new RouterctlError('LEASE_LOST', 'crashed');
      const event = {
        v: 1,
        seq: events.length,
        ts: new Date(Date.UTC(2026, 0, 1)).toISOString(),
        mono: 0,
        runId: 'r1',
        prev: '',
        ...body,
      } as RunEvent;
      events.push(event);
      if (crash().point(`after event ${body.type}`)) throw new RouterctlError('LEASE_LOST', 'crashed');
      return event;
    },
  };
}

export interface Drive {
  readonly world: World;
  readonly plan: Plan;
  readonly events: RunEvent[];
  readonly requests: PendingRequest[];
  signal: string | null;
  nowMs: number;
  provable: boolean;
  guardable: boolean;
  /** Conditions that a plan may name beside those of `partsOf`. */
  readonly conditions: Map<string, () => boolean>;
  /** By how much the wall clock was set back. */
  setBackMs: number;
  /** What is silent answers after so many sleeps; null: never. */
  hearsAgainAfter: number | null;
}

export function newDrive(plan: Plan = upgradePlan(), world: World = newWorld()): Drive {
  return {
    world,
    plan,
    events: [],
    requests: [],
    signal: null,
    nowMs: Date.UTC(2026, 0, 1),
    provable: true,
    guardable: true,
    conditions: new Map(),
    setBackMs: 0,
    hearsAgainAfter: null,
  };
}

/** One process's part in the run: takes the lease and drives until the end, or until the crash strikes. */
export async function driveOn(
  drive: Drive,
  by: 'runner' | 'guard' | 'resume' | 'rollback',
  crash = new Crash(0),
): Promise<number | 'crashed'> {
  const journal = memoryJournal(drive.events, () => crash);
  const begin = (): void => {
    if (drive.events.length === 0)
      journal.append({
        type: 'run-created',
        data: {
          nonce: '',
          planHash: '',
          tool: '',
          playbook: '',
          target: '',
          environment: '',
          operator: null,
          host: null,
          changeRef: null,
          overrides: [],
          baselineRun: null,
        },
      });
    const epoch = drive.events.filter((event) => event.type === 'lease-taken').length + 1;
    journal.append({ type: 'lease-taken', data: { epoch, by, pid: 1, startTicks: 1, bootId: 'b', reason: '' } });
  };
  const parts = partsOf(drive, journal, crash);
  const work = (async () => {
    begin();
    return (await run(parts)).exitCode;
  })().catch((error: unknown) => {
    if (error instanceof RouterctlError && error.code === 'LEASE_LOST') return 'crashed' as const;
    throw error;
  });
  return Promise.race([work, crash.struck]);
}

function partsOf(drive: Drive, journal: Journal, crash: Crash): EngineParts {
  const { plan, world } = drive;
  const catalogue: Catalogue = {
    checks: new Map([['serves', serveCheck(world) as unknown as CheckDefinition]]),
    changes: new Map<string, ChangeDefinition>([
      ['edit', editOf(world, () => crash) as ChangeDefinition],
      ['activate', activateOf(world, () => crash) as ChangeDefinition],
    ]),
  };
  return {
    plan,
    journal,
    lease: { holder: {} as never, assertHeld: () => undefined, release: () => undefined },
    ports: { clock: clockOf(drive) } as unknown as Ports,
    catalogue,
    expressions: {
      bind: (value) => value,
      test: (expression, scope) => {
        if (expression === 'cannot be computed') throw new RouterctlError('INPUT_INVALID', 'no such overload: null > int');
        const named = drive.conditions.get(expression);
        if (named !== undefined) return named();
        return expression === 'true' || (expression === 'after failed' && scope.steps['after']?.verdict?.status === 'fail');
      },
    },
    undoDirectory: () => '/nowhere',
    prove: () =>
      Promise.resolve(drive.provable ? { secrets: [], signing: 'tried' } : { refused: 'the guard cannot read file:token', hint: null }),
    armGuard: async () => {
      if (!drive.guardable) throw new Error('no process can be started');
      await crash.act('arm guard', () => undefined);
      return { pid: 2, startTicks: 2, by: 'process' };
    },
    requests: {
      take: () => drive.requests,
      forget: (id) =>
        drive.requests.splice(
          drive.requests.findIndex((request) => request.id === id),
          1,
        ),
    },
    signal: () => drive.signal,
    writeByHand: () => crash.act('write ROLLBACK.md', () => undefined),
    freeReserve: () => undefined,
    endProber: () => Promise.resolve(null),
    holdMs: 1000,
  };
}

function clockOf(drive: Drive) {
  return {
    nowMs: () => drive.nowMs - drive.setBackMs,
    bootMs: () => drive.nowMs,
    bootId: () => 'b',
    sleep: (ms: number) => {
      drive.nowMs += ms;
      if (drive.hearsAgainAfter !== null) drive.hearsAgainAfter -= 1;
      if (drive.hearsAgainAfter === 0) drive.world.silent.clear();
      return new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}
