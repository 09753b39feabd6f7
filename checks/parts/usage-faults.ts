// The verdict on usage rows: which kind of request lacks what, counted, because "3 of 3 streamed" says where to look.
import type { Json } from '../../src/core/json.js';
import { fail, pass, type Verdict } from '../../src/core/verdict.js';
import { member } from './ask-router.js';
import type { Usage } from './chat-exchange.js';

export type UsageOf = {
  readonly requestId: string;
  readonly model: string;
  readonly stream: boolean;
  /** What the answer said; null when it said nothing (a cut stream, say). */
  readonly answered: Usage | null;
  /** What the row says; null when there is none or it lacks a number. */
  readonly recorded: Usage | null;
  readonly cost: number | null;
  /** The larger of the row's two prices; null when the profile names no such columns, or the row holds none. */
  readonly price: number | null;
  /** Rows with this request id: exactly one is right. */
  readonly rows: number;
};

type Measured = { readonly trouble: string } | { readonly table: string; readonly waitedMs: number; readonly requests: readonly UsageOf[] };

/** `baseline` is the observation of the same check before the change: what a model cost then, it has to cost now. */
export function judgeUsage(observation: Measured, baseline: Json | null): Verdict {
  if ('trouble' in observation) return fail(observation.trouble, { hint: 'Is this the database that the router writes to?' });
  const { requests, table, waitedMs } = observation;
  const priced = pricedModels([...requests, ...requestsIn(baseline)]);
  const faults = rules.flatMap(([found, words, hint]) =>
    groups(requests, (request) => found(request, priced), words).map((text) => ({ text, hint })),
  );
  const [first] = faults;
  if (first !== undefined) {
    return fail(first.text, { details: faults.slice(1).map(({ text }) => text), hint: first.hint, evidence: observation });
  }
  const tokens = requests.reduce((sum, { recorded }) => sum + (recorded?.total ?? 0), 0);
  return pass(
    `${requests.length} of ${requests.length} requests in ${table} after ${waitedMs} ms: ${tokens} tokens, ${costInWords(requests)}`,
    {
      evidence: observation,
    },
  );
}

/** Cost 0 is proven right only by a price of 0; without a price nobody can tell, and that is said. */
function costInWords(requests: readonly UsageOf[]): string {
  const cost = `cost ${Number(requests.reduce((sum, request) => sum + (request.cost ?? 0), 0).toPrecision(6))}`;
  const free = requests.filter((request) => request.cost === 0);
  const unknown = [...new Set(free.filter(({ price }) => price === null).map(({ model }) => model))];
  if (unknown.length > 0) return `${cost} (nothing says that ${unknown.join(', ')} ${unknown.length === 1 ? 'has' : 'have'} a price)`;
  return free.length === requests.length ? `${cost} at a price of 0` : cost;
}

type Paid = Pick<UsageOf, 'model' | 'cost' | 'price'>;

const pricedModels = (requests: readonly Paid[]): ReadonlySet<string> =>
  new Set(requests.filter(({ cost, price }) => (cost ?? 0) > 0 || (price ?? 0) > 0).map(({ model }) => model));

function requestsIn(baseline: Json | null): readonly Paid[] {
  const requests = member(baseline, 'requests');
  if (!Array.isArray(requests)) return [];
  const number = (value: Json | null): number | null => (typeof value === 'number' ? value : null);
  return (requests as readonly Json[]).map((request) => ({
    model: String(member(request, 'model')),
    cost: number(member(request, 'cost')),
    price: number(member(request, 'price')),
  }));
}

type Rule = readonly [found: (request: UsageOf, priced: ReadonlySet<string>) => boolean, words: string, hint: string];

const hasRow = ({ rows }: UsageOf): boolean => rows > 0;
const counts = ({ recorded }: UsageOf): boolean => recorded !== null && recorded.input > 0 && recorded.output > 0 && recorded.total > 0;

const rules: readonly Rule[] = [
  [(request) => !hasRow(request), 'left no usage row', 'These requests were answered and are not counted.'],
  [({ rows }) => rows > 1, 'left more than one usage row', 'These requests are counted, and may be billed, more than once.'],
  [
    (request) => hasRow(request) && !counts(request),
    'left a usage row without tokens',
    'The answer had text; the row says that it cost no tokens.',
  ],
  [
    (request) => counts(request) && differs(request),
    'left a usage row with other tokens than the answer named',
    'Compare the row with the usage that the answer carried.',
  ],
  [
    (request) => hasRow(request) && (request.cost === null || request.cost < 0),
    'left a usage row without a cost',
    'Has the model a price in the configuration of the router?',
  ],
  [
    ({ cost, model }, priced) => cost === 0 && priced.has(model),
    'left a usage row of cost 0 although the model has a price',
    'The price in the row, or what the model cost in another request or before the change, is above 0.',
  ],
];

function differs({ answered, recorded }: UsageOf): boolean {
  if (answered === null || recorded === null) return false;
  return answered.input !== recorded.input || answered.output !== recorded.output || answered.total !== recorded.total;
}

function groups(requests: readonly UsageOf[], found: (request: UsageOf) => boolean, words: string): string[] {
  const lines: string[] = [];
  for (const stream of [true, false]) {
    const group = requests.filter((request) => request.stream === stream);
    const bad = group.filter(found);
    if (bad.length > 0)
      lines.push(
        `${bad.length} of ${group.length} ${stream ? 'streamed' : 'plain'} ${group.length === 1 ? 'request' : 'requests'} ${words}`,
      );
  }
  return lines;
}
