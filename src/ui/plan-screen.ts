// A plan before anyone says yes: what will differ, line by line, how it is taken back, and the hash that an approval covers.
import type { Plan, PlannedChange, PlannedStep } from '../core/plan.js';
import { padEnd } from './display-width.js';
import { clockTime, counted, seconds, span } from './figures.js';
import { type Line, line, type Piece, piece, renderLine } from './line.js';
import { noteRows } from './note-lines.js';
import type { Style, Tone } from './style.js';
import { wholeLines } from './whole-line.js';

export interface PlanScreenInput {
  readonly plan: Plan;
  readonly hash: string;
  readonly from: string | null;
  readonly to: string | null;
  /** As an earlier run measured it, and on which day; null when it is not known. */
  readonly downtime: { readonly ms: number; readonly on: string } | null;
  /** How it is taken back, with its evidence; null when nothing changes. */
  readonly rollback: string | null;
  /** Plain commands that undo the change without routerctl. */
  readonly byHand: { readonly path: string; readonly commands: number } | null;
  readonly file: string | null;
  readonly verbose?: boolean;
}

const labelWidth = 11;
const label = (text: string): Piece => piece(padEnd(`  ${text}`, labelWidth), 'strong');
const row = (name: string, text: string): Line => hanging(labelWidth + 1, [label(name), piece(` ${text}`)]);
const hanging = (hang: number, pieces: readonly Piece[]): Line => ({ ...line(pieces), hang });

/** Nothing of it is cut: what is approved must have been seen. */
export function planLines(input: PlanScreenInput, columns: number, style: Style): string[] {
  const { plan } = input;
  const lines = [header(input), ...changeLines(plan), row('checks', checksWords(plan)), ...(input.verbose === true ? stepLines(plan) : [])];
  lines.push(...noteRows(plan).map(([name, text]) => row(name, text)));
  if (plan.leftOut.length > 0) lines.push(row('left out', plan.leftOut.map(({ id, why }) => `${id} (${why})`).join(', ')));
  if (input.rollback !== null) lines.push(row('rollback', input.rollback));
  if (input.byHand !== null)
    lines.push(row('by hand', `${input.byHand.path}: ${counted(input.byHand.commands, 'plain command')} that work without routerctl`));
  for (const criterion of plan.criteria) lines.push(row('stops if', `${criterion.why}; then ${criterion.then}`));
  if (plan.target.policy.rollbackOwner !== undefined)
    lines.push(row('policy', `rollback owner ${plan.target.policy.rollbackOwner}, limit ${span(plan.target.policy.limit)}`));
  if (plan.window !== null) lines.push(row('window', windowWords(plan.window)));
  const drift = `plan ${input.hash.slice(0, 8)}${plan.changing ? '; drift since now refuses' : ''}`;
  lines.push(
    line(input.downtime === null ? [] : [label('downtime'), piece(` ${downtimeWords(input.downtime)}`)], [piece(drift, 'strong')]),
  );
  const shown = lines.flatMap((each) => wholeLines(each, each.hang ?? 4, columns, style));
  // A path that is cut cannot be copied.
  return input.file === null ? shown : [...shown, renderLine(row('wrote', input.file), Number.POSITIVE_INFINITY, style)];
}

function header({ plan, from, to }: PlanScreenInput): Line {
  const production = plan.target.environment === 'production';
  const versions = to === null ? (from ?? '') : `${from ?? ''} -> ${to}`.trim();
  return line([
    piece('  '),
    piece(production ? 'PRODUCTION' : plan.target.environment, production ? 'alarm' : 'strong'),
    piece(` ${plan.target.name}   `, 'strong'),
    piece(versions === '' ? '' : `${versions}   `),
    piece(plan.playbook.title, 'quiet'),
  ]);
}

const windowWords = (window: { readonly from: string; readonly to: string }): string =>
  `${window.from.slice(0, 10)} ${clockTime(Date.parse(window.from))}-${clockTime(Date.parse(window.to))} UTC`;

const downtimeWords = ({ ms, on }: NonNullable<PlanScreenInput['downtime']>): string =>
  `about ${ms < 10_000 ? seconds(ms) : span(ms)}, as on ${on}`;

const signTones: Readonly<Record<string, Tone>> = { '+': 'good', '-': 'bad', '~': 'attention' };

function changeLines(plan: Plan): Line[] {
  const changes = plan.phases.flatMap(({ steps }) => steps).filter((step): step is PlannedChange => step.type === 'change');
  if (changes.length === 0) return [row('changes', 'none: this plan only asks')];
  const width = Math.max(...changes.map(({ id }) => id.length));
  return changes.flatMap((step, index) => {
    const head = [label(index === 0 ? 'changes' : ''), piece(` ${padEnd(step.id, width)}  `)];
    const live = step.impact === 'live' ? [{ ...piece('  users notice from here', 'attention'), together: true }] : [];
    const [first, ...rest] = step.diff;
    const column = labelWidth + width + 3;
    const words = first === undefined ? [piece(step.title, 'quiet')] : diffPieces(first);
    const top = hanging(column + (first === undefined ? 0 : 2), [...head, ...words, ...live]);
    return [top, ...rest.map((diff) => hanging(column + 2, [piece(' '.repeat(column)), ...diffPieces(diff)]))];
  });
}

const diffPieces = ({ sign, text }: PlannedChange['diff'][number]): Piece[] => [piece(`${sign} ${text}`, signTones[sign] ?? 'plain')];

function checksWords(plan: Plan): string {
  const firstChange = plan.phases.findIndex(({ steps }) => steps.some(({ type }) => type === 'change'));
  const all = plan.phases.map(({ steps }) => steps.filter(({ type }) => type === 'check').length);
  const total = all.reduce((sum, each) => sum + each, 0);
  if (firstChange === -1) return counted(total, 'check');
  const before = all.slice(0, firstChange).reduce((sum, each) => sum + each, 0);
  return `${before} before the first change, ${total - before} after`;
}

function stepLines(plan: Plan): Line[] {
  return plan.phases.flatMap((phase, index) => [
    line([
      label(index === 0 ? 'phases' : ''),
      piece(` ${phase.name}`, 'strong'),
      piece(`  on failure: ${phase.onFailure}${phase.commit ? ', then commit' : ''}`, 'quiet'),
    ]),
    ...phase.steps.map((step) => hanging(labelWidth + 5, [piece(`${' '.repeat(labelWidth + 3)}${stepWords(step)}`)])),
  ]);
}

const stepWords = (step: PlannedStep): string =>
  [step.id, step.kind, step.on ?? '', `limit ${span(step.timeoutMs)}`].filter((part) => part !== '').join('  ');
