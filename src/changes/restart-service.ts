// Restarts the service so that what was staged is served. It is the live moment of an upgrade, and it runs once more, from
// the restored state, when the upgrade is taken back.
import { basename } from 'node:path';
import { type ChangeContext, defineChange } from '../core/change.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { ProcessIdentity, RunningProcess, ServiceSpec } from '../core/ports/service-processes.js';
import { serviceOf } from '../core/service-of.js';
import { fail, pass } from '../core/verdict.js';
import { z } from '../core/zod.js';
import { componentSubject } from './component-subject.js';
import { refusedOutcome } from './refused-outcome.js';
import { restartByHand } from './restart-by-hand.js';
import { restartCycle } from './restart-cycle.js';

const spec = z.strictObject({});

const identities = z.array(z.object({ pid: z.number(), startTicks: z.number() }));
const undoShape = z.object({
  processes: identities,
  /** These and what they had forked: some of it may outlive them. */
  family: identities.default([]),
  program: z.object({ path: z.string(), sha256: z.string() }).nullable(),
  /** The program that the restart was to start. */
  next: z.string().nullable().default(null),
});

export const restartService = defineChange<z.infer<typeof spec>>({
  kind: 'restart-service',
  title: 'Restart the service',
  role: 'activate',
  impact: 'live',
  reversal: 'exact',
  subject: ['component'],
  spec,
  plan: async (_input, ports, context) => {
    const { subject, service } = place(context);
    refuseForeign(subject.name, await ports.on(subject.host).services.find(service));
    const deployment = subject.component.deployment;
    const hook = deployment?.drainHook === undefined ? '' : `drain hook ${deployment.drainHook.join(' ')}, then `;
    const stop = service.kind === 'systemd' ? `systemctl stop ${service.unit}` : 'SIGTERM';
    const text = `${subject.name}: ${hook}${stop}, up to ${(deployment?.drain ?? 0) / 1000} s to drain, start, up to ${(deployment?.start ?? 0) / 1000} s to be ready`;
    return { diff: [{ sign: '~', text }], effects: { pid: null, startTicks: null } };
  },
  prepare: async (_input, ports, context) => {
    const { subject, service } = place(context);
    const { services } = ports.on(subject.host);
    const found = await services.find(service);
    refuseForeign(subject.name, found);
    const processes = found.map(identityOf);
    const family = (await services.family(service, processes)).map(identityOf);
    const program = found[0]?.program ?? null;
    const next = await services.startable(service);
    return {
      undo: {
        processes,
        family,
        program: program === null ? null : { path: program.path, sha256: program.sha256 },
        next: 'program' in next ? next.program : null,
      },
      expects: { running: 1 },
    };
  },
  apply: (_input, prepared, ports, context, record) =>
    refusedOutcome(async () => {
      const { subject, service } = place(context);
      return await restartCycle({ subject, service, old: oldOf(prepared.undo), prefix: '' }, ports, context, record);
    }),
  inspect: async (_input, prepared, facts, ports, context) => {
    const { subject, service } = place(context);
    const { services } = ports.on(subject.host);
    const { processes } = undoShape.parse(prepared.undo);
    const now = await services.find(service);
    const old = await services.family(service, oldOf(prepared.undo));
    const fresh = now.filter((process) => !old.some((other) => same(process, other)));
    if (fresh.length === 1 && now.length === 1) return 'present';
    const begun = facts['stopping'] !== undefined || facts['drain-hook'] !== undefined;
    return !begun && fresh.length === 0 && now.length === processes.length ? 'absent' : 'partial';
  },
  checkUndo: async (value, ports, context) => {
    const { subject } = place(context);
    const { program } = undoShape.parse(value);
    const { files } = ports.on(subject.host);
    if (program === null) return pass('nothing is known to have run before; the configured command will be started');
    if ((await files.realPath(program.path)) === null)
      return fail(`the program that runs now is gone from disk: ${program.path}`, { hint: 'put it back before the upgrade' });
    if ((await files.sha256(program.path)) !== program.sha256)
      return fail(`the program on disk is not the one that runs: ${program.path}`, {
        hint: 'install the running version again before the upgrade',
      });
    return pass(`${program.path} can be started again`);
  },
  revert: (_input, value, facts, ports, context, record) =>
    refusedOutcome(async () => {
      const { subject, service } = place(context);
      const { services } = ports.on(subject.host);
      const { processes: before, program, next } = undoShape.parse(value);
      const now = await services.find(service);
      const touched = facts['stopping'] !== undefined || facts['started'] !== undefined;
      const undisturbed =
        before.length > 0 && now.length === before.length && now.every((process) => before.some((other) => same(process, other)));
      if (!touched && undisturbed) return { status: 'unchanged', summary: 'the old process was never stopped and still runs' };
      const again = await services.startable(service);
      const isNew = 'program' in again && again.program === next && program !== null && isOther(program.path, again.program);
      // A restart would stop what serves for the same program over files that were taken back from it.
      if (isNew && now.length > 0) {
        const summary = `the old program ${program.path} is not back, ${next} would be started again; what runs was left alone`;
        return { status: 'failed', summary, hint: 'take the other steps back by hand first; ROLLBACK.md of the run has the commands' };
      }
      const known = identities.safeParse(facts['back-from']);
      // Recorded first: called twice, the second call must not stop the process that the first one has started.
      const old = known.success ? known.data : (await services.family(service, [...oldOf(value), ...now])).map(identityOf);
      if (!known.success) await record('back-from', old);
      return await restartCycle({ subject, service, old, prefix: 'back-' }, ports, context, record);
    }),
  byHand: (_input, _undo, context) => {
    const { service, subject } = place(context);
    return restartByHand(service, Math.ceil((subject.component.deployment?.drain ?? 10_000) / 1000));
  },
});

function place(context: ChangeContext): { readonly subject: ReturnType<typeof componentSubject>; readonly service: ServiceSpec } {
  const subject = componentSubject(context);
  const service = serviceOf(context.target, subject.name);
  if (service === null) {
    throw new RouterctlError('CONFIG_INVALID', `the component ${subject.name} has no deployment`, {
      hint: 'add `deployment` to the component in routerctl.yaml',
    });
  }
  return { subject, service };
}

const identityOf = ({ pid, startTicks }: ProcessIdentity): { pid: number; startTicks: number } => ({ pid, startTicks });

function oldOf(undo: Json): readonly ProcessIdentity[] {
  const { processes, family } = undoShape.parse(undo);
  return [...processes, ...family];
}

/** A start script that becomes another program is no other version of that. */
const isOther = (before: string, next: string): boolean => before !== next && basename(before) === basename(next);

const same = (one: ProcessIdentity, other: ProcessIdentity): boolean => one.pid === other.pid && one.startTicks === other.startTicks;

/** Started by us, the service would run as our user, and files that it writes from then on would be ours. */
function refuseForeign(name: string, found: readonly RunningProcess[]): void {
  const foreign = found.find(({ foreignUid }) => foreignUid !== null);
  if (foreign === undefined) return;
  throw new RouterctlError('NOT_PERMITTED', `${name} (pid ${foreign.pid}) runs as user ${foreign.foreignUid}, routerctl does not`, {
    hint: `run routerctl as that user: sudo -u '#${foreign.foreignUid}' routerctl …`,
  });
}
