// Did the requests of earlier chat steps leave their usage rows, with the tokens that the answers named and a cost? Stands alone
// because answers can be flawless while nobody counts them.
import { type CheckContext, defineCheck, type JudgeContext } from '../src/core/check.js';
import { RouterctlError } from '../src/core/errors.js';
import type { Json } from '../src/core/json.js';
import type { Cell } from '../src/core/ports/databases.js';
import type { ReadPorts } from '../src/core/ports/ports.js';
import type { Profile } from '../src/core/profile.js';
import type { Database } from '../src/core/target.js';
import { measured, skip, unmeasured } from '../src/core/verdict.js';
import { z } from '../src/core/zod.js';
import { member } from './parts/ask-router.js';
import { judgeUsage, type UsageOf } from './parts/usage-faults.js';

const spec = z.strictObject({
  /** Ids of the chat steps whose requests must be found. */
  of: z.array(z.string().min(1)).min(1),
  /** Name of the target's database; without it the one of this component, else the only one. */
  database: z.string().min(1).optional(),
});
type Spec = z.infer<typeof spec>;

type Observation =
  | { readonly left: string }
  | { readonly trouble: string }
  | { readonly table: string; readonly waitedMs: number; readonly requests: readonly UsageOf[] };
type Columns = NonNullable<Profile['usage']>;

const firstPollMs = 50;
const slowestPollMs = 500;

export const usageRecorded = defineCheck<Spec, Observation>({
  kind: 'usage-recorded',
  title: 'usage rows are written',
  why: 'A router that answers but records no usage gives its service away and hides who used it.',
  subject: ['component', 'database'],
  effects: 'none',
  spec,
  async observe(spec, ports, context) {
    const columns = context.profile.usage;
    if (columns === undefined) return measured({ left: `the profile ${context.profile.profile} names no usage table` });
    const database = databaseOf(spec, context);
    if (database === null) return measured({ left: 'the target names no usage database' });
    const asked = requestsOf(spec, context);
    if (asked.length === 0)
      return unmeasured(
        `${spec.of.join(', ')} left no request ids to look for`,
        'Usage can be checked only after requests that were answered.',
      );
    try {
      return measured(await poll(asked, database, columns, ports, context));
    } catch (error) {
      if (!(error instanceof RouterctlError)) throw error;
      return error.code === 'DATABASE_BUSY' ? unmeasured(error.message, error.hint) : measured({ trouble: error.message });
    }
  },
  judge: (observation, _spec, { baseline }) => ('left' in observation ? skip(observation.left) : judgeUsage(observation, baseline)),
});

function databaseOf({ database }: Spec, { target, subject }: JudgeContext): Database | null {
  if (database !== undefined) {
    const named = target.databases[database];
    if (named === undefined)
      throw new RouterctlError('INPUT_INVALID', `usage-recorded names the database ${database}, which the target does not have`, {
        hint: `It has: ${Object.keys(target.databases).join(', ') || 'none'}`,
      });
    return named;
  }
  if (subject.kind === 'database') return subject.database;
  const all = Object.values(target.databases);
  const own = all.find(({ component }) => subject.kind === 'component' && component === subject.name);
  return own ?? (all.length === 1 ? (all[0] ?? null) : null);
}

type Asked = Pick<UsageOf, 'requestId' | 'model' | 'stream' | 'answered'>;

/** Requests that got an answer, cut streams included: they too have been served and must be counted. */
function requestsOf({ of }: Spec, { results, stepId }: JudgeContext): readonly Asked[] {
  const suite = stepId.includes('/') ? stepId.slice(0, stepId.lastIndexOf('/') + 1) : '';
  return of.flatMap((id) => {
    const requests = member((results[suite + id] ?? results[id])?.observation ?? null, 'requests');
    return Array.isArray(requests) ? (requests as readonly Json[]).flatMap(askedOf) : [];
  });
}

function askedOf(request: Json): Asked[] {
  const [requestId, model, status] = [member(request, 'requestId'), member(request, 'model'), member(member(request, 'seen'), 'status')];
  if (typeof requestId !== 'string' || typeof status !== 'number' || status < 200 || status >= 300) return [];
  const usage = member(request, 'usage');
  const [input, output, total] = ['input', 'output', 'total'].map((name) => member(usage, name));
  const answered = typeof input === 'number' && typeof output === 'number' && typeof total === 'number' ? { input, output, total } : null;
  return [{ requestId, model: typeof model === 'string' ? model : '', stream: member(request, 'stream') === true, answered }];
}

async function poll(
  asked: readonly Asked[],
  database: Database,
  columns: Columns,
  ports: ReadPorts,
  { target, signal }: CheckContext,
): Promise<Observation> {
  const databases = ports.on(database.host ?? target.host).databases;
  const wanted = [columns.requestId, columns.inputTokens, columns.outputTokens, columns.totalTokens, columns.cost, ...pricesOf(columns)];
  const startedMs = ports.clock.bootMs();
  for (let waitMs = firstPollMs; ; waitMs = Math.min(waitMs * 2, slowestPollMs)) {
    const where = { column: columns.requestId, anyOf: asked.map(({ requestId }) => requestId) };
    const rows = await databases.select(database, { table: columns.table, columns: wanted, where, limit: asked.length * 10 });
    const requests = asked.map((request) => withRows(request, rows, columns));
    const waitedMs = Math.round(ports.clock.bootMs() - startedMs);
    if (requests.every(isWhole) || waitedMs >= columns.settleMs || signal.aborted) return { table: columns.table, waitedMs, requests };
    await ports.clock.sleep(Math.min(waitMs, columns.settleMs - waitedMs), signal);
  }
}

const isWhole = ({ rows, cost, recorded }: UsageOf): boolean => rows > 0 && cost !== null && recorded !== null;

function withRows(request: Asked, all: readonly Readonly<Record<string, Cell>>[], columns: Columns): UsageOf {
  const rows = all.filter((row) => row[columns.requestId] === request.requestId);
  const [row] = rows;
  const number = (column: string): number | null => {
    const value = row?.[column];
    return typeof value === 'number'
      ? value
      : typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
        ? Number(value)
        : null;
  };
  const [input, output, total] = [number(columns.inputTokens), number(columns.outputTokens), number(columns.totalTokens)];
  const recorded = input === null || output === null || total === null ? null : { input, output, total };
  const prices = pricesOf(columns).flatMap((column) => number(column) ?? []);
  const price = prices.length === 0 ? null : Math.max(...prices);
  return { ...request, rows: rows.length, recorded, cost: number(columns.cost), price };
}

const pricesOf = ({ inputPrice, outputPrice }: Columns): readonly string[] =>
  [inputPrice, outputPrice].filter((column) => column !== undefined);
