import { expect, test } from 'vitest';
import { displayWidth } from '../../src/ui/display-width.js';
import { createPlainPrinter, plainLine, type Verbosity } from '../../src/ui/plain-lines.js';
import { syntheticPlan } from './synthetic-plan.js';
import * as runs from './synthetic-run.js';

function print(story: runs.Story, verbosity: Verbosity): string[] {
  const lines: string[] = [];
  const printer = createPlainPrinter({ plan: syntheticPlan(), verbosity, write: (text) => lines.push(text) });
  for (const event of story.events) printer.event(event);
  return lines;
}

const stories = {
  upgraded: runs.upgraded,
  'rolled-back': runs.rolledBack,
  'rollback-failed': runs.rollbackFailed,
  held: runs.held,
  'preflight-failed': runs.preflightFailed,
  interrupted: runs.interrupted,
};

for (const [name, tell] of Object.entries(stories)) {
  test(`a pipe gets the run ${name} as lines with UTC in front`, async () => {
    const lines = print(tell(), 'normal');

    expect(lines.every((text) => /^\d\d:\d\d:\d\dZ {2}/.test(text))).toBe(true);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../../fixtures/screens/pipe-${name}.txt`);
  });
}

test('quiet prints nothing, verbose prints every event', () => {
  const story = runs.upgraded();

  expect(print(story, 'quiet')).toEqual([]);
  expect(print(story, 'verbose')).toHaveLength(story.events.length);
});

test('a heartbeat comes when nothing was said for ten seconds, once per silence, and never in quiet mode or after the end', () => {
  const story = runs.inChange();
  const beats: string[] = [];
  const printer = createPlainPrinter({ plan: syntheticPlan(), verbosity: 'normal', write: (text) => beats.push(text) });
  for (const event of story.events) printer.event(event);
  const said = beats.length;
  const lastMs = Date.parse(story.events.at(-1)?.ts ?? '');

  printer.tick(lastMs + 9_999);
  expect(beats).toHaveLength(said);
  printer.tick(lastMs + 10_000);
  printer.tick(lastMs + 11_000);
  expect(beats.slice(said)).toEqual(['02:13:23Z  … change/up still running (10.0 s, limit 2 min)']);

  const ended: string[] = [];
  const after = createPlainPrinter({ plan: syntheticPlan(), verbosity: 'normal', write: (text) => ended.push(text) });
  for (const event of runs.upgraded().events) after.event(event);
  const before = ended.length;
  after.tick(lastMs + 3_600_000);
  expect(ended).toHaveLength(before);
});

test('control characters in a summary are shown, not obeyed', () => {
  const story = runs.preflightFailed();
  const hostile = story.events.map((event) =>
    event.type === 'run-finished' ? { ...event, data: { ...event.data, why: 'x\r\u001b[1A::error::' } } : event,
  );
  const lines: string[] = [];
  const printer = createPlainPrinter({ plan: syntheticPlan(), verbosity: 'normal', write: (text) => lines.push(text) });
  for (const event of hostile) printer.event(event);

  const last = hostile.at(-1);
  expect(lines.at(-1)).toContain('x\\u000d\\u001b[1A::error::');
  expect(last === undefined ? null : plainLine(last, syntheticPlan())).not.toMatch(/[\u0000-\u001f]/);
});

test('a run that nobody drives is said once, and its dead step is not told as running', () => {
  const story = runs.inChange();
  const lines: string[] = [];
  const printer = createPlainPrinter({ plan: syntheticPlan(), verbosity: 'normal', write: (text) => lines.push(text) });
  for (const event of story.events) printer.event(event);
  const said = lines.length;

  for (const seconds of [1, 2, 12, 20]) printer.tick(story.nowMs + seconds * 1000, true);

  expect(lines.slice(said)).toEqual([expect.stringMatching(/ ! nobody drives this run; its guard is awaited$/) as string]);
});

test('a router that was only given by its URL is not put into an environment that nobody stated', () => {
  const plan = syntheticPlan();
  const fromUrl = {
    ...plan,
    target: {
      ...plan.target,
      name: 'llm.internal:8443',
      components: { router: { ...plan.target.components['router'], url: 'https://llm.internal:8443' } },
    },
  } as typeof plan;
  const [created] = runs.upgraded().events;
  if (created?.type !== 'run-created') throw new Error('a run begins with its creation');
  const event = { ...created, data: { ...created.data, target: 'llm.internal:8443' } };

  expect(plainLine(event, fromUrl)).toContain('run 7k2m: process-upgrade on llm.internal:8443 ');
  expect(plainLine(created, plan)).toContain('process-upgrade on PRODUCTION router ');
});

test('on a terminal a long line hangs below its beginning and keeps commands whole, in a pipe it is one line', () => {
  const printed = (columns?: number): string[] => {
    const lines: string[] = [];
    const printer = createPlainPrinter({
      plan: syntheticPlan(),
      verbosity: 'normal',
      ...(columns === undefined ? {} : { columns }),
      write: (text) => lines.push(text),
    });
    for (const event of runs.held().events) printer.event(event);
    return lines;
  };
  const narrow = printed(60);

  expect(printed().every((text) => /^\d\d:\d\d:\d\dZ {2}\S/.test(text))).toBe(true);
  expect(narrow.filter((text) => !text.includes('routerctl')).every((text) => displayWidth(text) <= 60)).toBe(true);
  expect(narrow.some((text) => /^ {11}\S/.test(text))).toBe(true);
  expect(narrow.join('\n')).toContain('routerctl run continue 7k2m');
});
