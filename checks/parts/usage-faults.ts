// The verdict on usage rows: which kind of request lacks what, counted, because "3 of 3 streamed" says where to look.
import { fail, pass, type Verdict } from '../../src/core/verdict.js';
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
  /** Rows with this request id: exactly one is right. */
  readonly rows: number;
};

type Measured = { readonly trouble: string } | { readonly table: string; readonly waitedMs: number; readonly requests: readonly UsageOf[] };

export function judgeUsage(observation: Measured): Verdict {
  if ('trouble' in observation) return fail(observation.trouble, { hint: 'Is this the database that the router writes to?' });
  const { requests, table, waitedMs } = observation;
  const faults = rules.flatMap(([found, words, hint]) => groups(requests, found, words).map((text) => ({ text, hint })));
  const [first] = faults;
  if (first !== undefined) {
    return fail(first.text, { details: faults.slice(1).map(({ text }) => text), hint: first.hint, evidence: observation });
  }
  const cost = requests.reduce((sum, request) => sum + (request.cost ?? 0), 0);
  const tokens = requests.reduce((sum, { recorded }) => sum + (recorded?.total ?? 0), 0);
  return pass(
    `${requests.length} of ${requests.length} requests in ${table} after ${waitedMs} ms: ${tokens} tokens, cost ${Number(cost.toPrecision(6))}`,
    { evidence: observation },
  );
}

type Rule = readonly [found: (request: UsageOf, all: readonly UsageOf[]) => boolean, words: string, hint: string];

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
    freeBesidePaid,
    'left a usage row of cost 0 although the model has a price',
    'The same model cost more than 0 in the other kind of request.',
  ],
];

function differs({ answered, recorded }: UsageOf): boolean {
  if (answered === null || recorded === null) return false;
  return answered.input !== recorded.input || answered.output !== recorded.output || answered.total !== recorded.total;
}

function freeBesidePaid(request: UsageOf, all: readonly UsageOf[]): boolean {
  return request.cost === 0 && all.some(({ model, cost }) => model === request.model && cost !== null && cost > 0);
}

function groups(requests: readonly UsageOf[], found: Rule[0], words: string): string[] {
  const lines: string[] = [];
  for (const stream of [true, false]) {
    const group = requests.filter((request) => request.stream === stream);
    const bad = group.filter((request) => found(request, requests));
    if (bad.length > 0)
      lines.push(
        `${bad.length} of ${group.length} ${stream ? 'streamed' : 'plain'} ${group.length === 1 ? 'request' : 'requests'} ${words}`,
      );
  }
  return lines;
}
