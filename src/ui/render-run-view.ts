// A RunView as lines of text: never wider than the terminal, never taller when the height is known, the same words in
// colour, without colour, and in ASCII.

import { displayWidth, padEnd } from './display-width.js';
import { bothClocks, clockTime, count, seconds, span, stopwatch } from './figures.js';
import { type Line, line, type Piece, piece, renderLine } from './line.js';
import type { PhaseMark, PhaseView } from './phase-view.js';
import type { RunView } from './run-view.js';
import type { Style, Tone } from './style.js';

const indent = ' ';

/** `rows` is the height of the terminal: finished and waiting phases fold together before anything is cut. */
export function renderRunView(view: RunView, columns: number, style: Style, rows = Number.POSITIVE_INFINITY): string[] {
  const going = view.finished === null;
  const top = [...headerLines(view), timeLine(view, columns), ...servingLines(view), ...(going ? [ctrlCLine(view)] : [])];
  const bottom = [...gateLines(view), ...(going ? [guardLine(view, columns)] : []), keysLine(view)];
  const room = rows - top.length - bottom.length;
  const phases = phaseLines(view.phases, room);
  return [...top, ...phases, ...bottom].map((each) => renderLine(each, columns, style)).slice(0, rows);
}

/** The frame that stays behind: what was done, without the lines that only help while it runs. */
export function renderFinishedView(view: RunView, columns: number, style: Style): string[] {
  const lines = [
    ...headerLines(view),
    ...phaseLines(
      view.phases.filter(({ mark }) => mark !== 'waiting'),
      Number.POSITIVE_INFINITY,
    ),
  ];
  return lines.map((each) => renderLine(each, columns, style));
}

export function headerLines(view: RunView): Line[] {
  const production = view.environment === 'production';
  const where = `${view.target}${view.host === null ? '' : ` @ ${view.host}`}`;
  const { from, to } = view.versions;
  const versions = to === null ? (from ?? '') : from === to ? to : `${from === null ? '' : `${from} `}-> ${to}`;
  const people = [view.operator, view.watcher === null ? null : `watcher ${view.watcher}`].filter((part) => part !== null).join(', ');
  const facts = [view.changeRef, `run ${view.runId}`, people === '' ? null : people].filter((part) => part !== null).join(' · ');
  return [
    line([
      piece(indent),
      piece(production ? 'PRODUCTION' : view.environment, production ? 'alarm' : 'strong'),
      piece(` ${where}   `, 'strong'),
      piece(versions === '' ? '' : `${versions}   `),
      piece(facts),
    ]),
  ];
}

export function timeLine(view: RunView, columns: number): Line {
  const parts = [bothClocks(view.nowMs, view.zone)];
  if (view.windowEndMs !== null) {
    const leftMs = view.windowEndMs - view.nowMs;
    parts.push(
      leftMs >= 0 ? `window ends in ${span(Math.floor(leftMs / 60_000) * 60_000 || leftMs)}` : `window ended ${span(-leftMs)} ago`,
    );
  }
  if (view.lastRollbackMs === null || view.finished !== null) return line(`${indent}${parts.join(' · ')}`);
  const last = clockTime(view.lastRollbackMs);
  const words = [`last moment to start a rollback: ${last}`, `last rollback start ${last}`];
  return line(
    firstThatFits(
      words.map((each) => `${indent}${[...parts, each].join(' · ')}`),
      columns,
    ),
  );
}

function firstThatFits(candidates: readonly string[], columns: number): string {
  return candidates.find((text) => displayWidth(text) <= columns) ?? candidates.at(-1) ?? '';
}

function guardLine(view: RunView, columns: number): Line {
  const back = `back in: routerctl run attach ${view.runId}`;
  if (view.guard === null) return labelled('BACK IN', `routerctl run attach ${view.runId}`);
  const words = [`${view.guard}, outlives this terminal · ${back}`, `${view.guard} · ${back}`, `armed · ${back}`];
  return labelled('GUARD', firstThatFits(words, columns - labelWidth));
}

function servingLines(view: RunView): Line[] {
  const pieces: Piece[] = [];
  if (view.serving !== null) {
    const { version, which } = view.serving;
    pieces.push(version === null ? piece('nothing answers', 'bad') : piece(`${which === null ? '' : `${which} `}${version}`, 'good'));
  }
  if (view.probe !== null) {
    const { perSecond, ok, failed, downMs } = view.probe;
    pieces.push(piece(`${pieces.length > 0 ? ' · ' : ''}probe ${count(perSecond)}/s: ${count(ok)} ok, `));
    pieces.push(piece(`${count(failed)} failed`, failed > 0 ? 'attention' : 'plain'));
    pieces.push(piece(` · down so far ${seconds(downMs)}`));
  }
  return pieces.length === 0 ? [] : [line([label('SERVING'), ...pieces])];
}

const ctrlCLine = (view: RunView): Line => line([label('CTRL-C'), piece(`${view.ctrlC}.   [r] now = ${view.rollbackKey}`)]);

export function gateLines(view: RunView): Line[] {
  const lines: Line[] = [];
  if (view.rollbackWhy !== null) lines.push(line([label('WHY'), piece(view.rollbackWhy, 'attention')]));
  if (view.hold !== null) {
    const until = `until ${bothClocks(view.hold.untilMs, view.zone)}, then it rolls back by itself`;
    lines.push(line([label('HOLD'), piece(view.hold.reason, 'attention')]), labelled('', until));
  }
  if (view.policy !== null) lines.push(line([label('POLICY'), piece(view.policy, 'attention')]));
  if (view.gates.length > 0) lines.push(labelled('GATES', view.gates.join(' · ')));
  return lines;
}

function keysLine(view: RunView): Line {
  const tone: Tone = view.need.urgent ? 'alarm' : 'good';
  const keys =
    view.finished !== null
      ? '[l]og'
      : view.hold !== null || view.rollingBack || view.alone
        ? '[d]etach [l]og [n]ote'
        : '[d]etach [l]og [h]old [r]oll back [n]ote';
  return line([label('KEYS'), piece(keys, 'quiet')], [piece(view.need.text, tone)]);
}

const labelWidth = 11;
const label = (text: string): Piece => piece(padEnd(`${indent}${text}`, labelWidth), 'strong');
const labelled = (name: string, text: string): Line => line([label(name), piece(text)]);

export function phaseLines(phases: readonly PhaseView[], room: number): Line[] {
  const nameWidth = Math.min(20, Math.max(11, ...phases.map(({ name }) => displayWidth(name) + 1)));
  const blocks = phases.map((phase) => ({ phase, lines: phaseBlock(phase, nameWidth) }));
  const tooMany = (): boolean => blocks.reduce((sum, block) => sum + block.lines.length, 0) > room;
  if (tooMany()) fold(blocks, (mark) => mark === 'waiting');
  if (tooMany()) for (const block of blocks) if (block.phase.mark === 'warned') block.lines.splice(1);
  if (tooMany()) fold(blocks, (mark) => mark === 'passed' || mark === 'warned' || mark === 'skipped');
  if (tooMany()) for (const block of blocks) if (block.phase.mark === 'waiting') block.lines = [];
  return blocks.flatMap(({ lines }) => lines).slice(-Math.max(1, room));
}

/** Neighbours of the same kind share one line, names in order. */
function fold(blocks: { phase: PhaseView; lines: Line[] }[], fits: (mark: PhaseMark) => boolean): void {
  const members = blocks.filter(({ phase }) => fits(phase.mark));
  const first = members[0];
  if (first === undefined || members.length < 2) return;
  const names = members.map(({ phase }) => `${phase.number === null ? '' : `${phase.number} `}${phase.name}`).join('   ');
  first.lines = [
    line([piece(indent), markPiece(first.phase.mark), piece(` ${names}`, first.phase.mark === 'waiting' ? 'quiet' : 'plain')]),
  ];
  for (const other of members.slice(1)) other.lines = [];
}

function phaseBlock(phase: PhaseView, nameWidth: number): Line[] {
  const number = phase.number === null ? ' ' : String(phase.number);
  const title = `${number.padStart(1)} ${padEnd(phase.name, nameWidth)} `;
  const right = phase.elapsedMs === null || phase.mark === 'waiting' ? [] : [piece(stopwatch(phase.elapsedMs), 'quiet')];
  const main = line(
    [piece(indent), markPiece(phase.mark), piece(` ${title}`, phase.mark === 'waiting' ? 'quiet' : 'strong'), ...phaseWords(phase)],
    right,
  );
  const problems = phase.problems.map(({ name, summary, red }) =>
    line([piece(`${indent}    `), red ? piece('✗', 'bad') : piece('!', 'attention'), piece(` ${name}   `), piece(summary)]),
  );
  return [main, ...problems];
}

function phaseWords(phase: PhaseView): Piece[] {
  if (phase.mark === 'waiting') return [piece(phase.words, 'quiet')];
  const numbers = phase.total === 0 ? '' : `${phase.passed}/${phase.total}`;
  if (phase.current === null) return [piece(padEnd(numbers, 8)), piece(phase.words)];
  const { name, elapsedMs, usualMs, limitMs, more } = phase.current;
  const rest = [
    stopwatch(elapsedMs),
    usualMs === null ? '' : `usual ${stopwatch(usualMs)}`,
    limitMs === null ? '' : `limit ${stopwatch(limitMs)}`,
    more > 0 ? `and ${more} more` : '',
  ].filter((part) => part !== '');
  return [piece(padEnd(numbers, 8)), piece(padEnd(name, 14), 'strong'), piece(`  ${rest.join('  ')}`)];
}

function markPiece(mark: PhaseMark): Piece {
  switch (mark) {
    case 'passed':
      return piece('✓', 'good');
    case 'warned':
      return piece('!', 'attention');
    case 'failed':
      return piece('✗', 'bad');
    case 'running':
      return piece('▶', 'strong');
    case 'unknown':
      return piece('?', 'attention');
    case 'skipped':
      return piece('-', 'quiet');
    case 'waiting':
      return piece(' ');
  }
}
