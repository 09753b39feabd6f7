import { expect, test } from 'vitest';
import { displayWidth } from '../../src/ui/display-width.js';
import { renderFinishedView, renderRunView } from '../../src/ui/render-run-view.js';
import { renderSnapshot } from '../../src/ui/run-snapshot.js';
import { type LiveNumbers, runView } from '../../src/ui/run-view.js';
import { plainStyle } from '../../src/ui/style.js';
import { syntheticPlan } from './synthetic-plan.js';
import * as runs from './synthetic-run.js';

const stories = {
  'in-preflight': runs.inPreflight,
  'in-change': runs.inChange,
  upgraded: runs.upgraded,
  'rolling-back': runs.rollingBack,
  'rolled-back': runs.rolledBack,
  'rollback-failed': runs.rollbackFailed,
  held: runs.held,
  'preflight-failed': runs.preflightFailed,
  interrupted: runs.interrupted,
};

const measured: Omit<LiveNumbers, 'nowMs'> = {
  zone: 'Europe/Berlin',
  probe: { perSecond: 20, ok: 3212, failed: 0, downMs: 0 },
  serving: '1.0.0',
  rollbackMs: 21_000,
  usualMs: { up: 6_000 },
  gates: ['error 0.3 % (max 2 %, n 3,212)', 'first token p95 840 ms (max 1,092)'],
};

for (const [name, tell] of Object.entries(stories)) {
  for (const columns of [80, 160]) {
    test(`the screen of a run ${name} fits ${columns} columns and looks as agreed`, async () => {
      const story = tell();
      const serving = name === 'upgraded' || name === 'held' ? '1.1.0' : name === 'in-change' ? null : '1.0.0';
      const view = runView(syntheticPlan(), story.events, { ...measured, serving, nowMs: story.nowMs });

      const lines = renderRunView(view, columns, plainStyle);

      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns);
      await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../../fixtures/screens/run-${name}.${columns}.txt`);
    });
  }
}

test('what was not measured is left out, not invented', () => {
  const story = runs.inChange();
  const view = runView(syntheticPlan({ window: null }), story.events, { nowMs: story.nowMs, zone: 'UTC' });

  const text = renderRunView(view, 100, plainStyle).join('\n');

  expect(text).not.toMatch(/SERVING|GATES|window|last moment|usual|local/);
});

test('an ASCII terminal gets the same screen in ASCII', async () => {
  const story = runs.rolledBack();
  const view = runView(syntheticPlan(), story.events, { ...measured, nowMs: story.nowMs });

  const text = `${renderRunView(view, 80, { color: false, unicode: false }).join('\n')}\n`;

  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  await expect(text).toMatchFileSnapshot('../../fixtures/screens/run-rolled-back.ascii.txt');
});

test('colour changes no character and no width', () => {
  const story = runs.inChange();
  const view = runView(syntheticPlan(), story.events, { ...measured, nowMs: story.nowMs });

  const colored = renderRunView(view, 80, { color: true, unicode: true });

  const escapes = /\u001b\[[0-9;]*m/g;
  expect(colored.join('')).toMatch(escapes);
  expect(colored.map((text) => text.replace(escapes, ''))).toEqual(renderRunView(view, 80, plainStyle));
});

test('a low terminal keeps the keys and folds the phases', () => {
  const story = runs.inChange();
  const view = runView(syntheticPlan(), story.events, { ...measured, nowMs: story.nowMs });

  const lines = renderRunView(view, 80, plainStyle, 10);

  expect(lines).toHaveLength(10);
  expect(lines.at(-1)).toContain('KEYS');
  expect(lines.join('\n')).toContain('3 change');
});

test('control characters from a router cannot reach the terminal', () => {
  const story = runs.held();
  const hostile = story.events.map((event) =>
    event.type === 'hold-started' ? { ...event, data: { ...event.data, reason: 'a\u001b[2Jb\rc\u202ed' } } : event,
  );
  const view = runView(syntheticPlan(), hostile, { nowMs: story.nowMs });

  expect(renderRunView(view, 100, plainStyle).join('')).not.toMatch(/[\u0000-\u001f\u202e]/);
});

test('a finished run leaves its phases behind without the lines that only help while it runs', () => {
  const story = runs.upgraded();
  const view = runView(syntheticPlan(), story.events, { ...measured, nowMs: story.nowMs });

  const text = renderFinishedView(view, 100, plainStyle).join('\n');

  expect(text).toContain('4 validate');
  expect(text).not.toMatch(/KEYS|CTRL-C|GUARD/);
});

test.each([
  ['a run whose driver died', runs.inChange(), 'interrupted', 'interrupted'],
  ['a run that waits for its guard', runs.inChange(), 'awaits-guard', 'awaits-guard'],
  ['a rollback whose driver died', runs.diedGoingBack(), 'interrupted', 'died-going-back'],
  ['a run that is held', runs.held(), 'held', 'held'],
  ['a run under way', runs.inChange(), 'running', 'running'],
] as const)('a picture of %s says who drives it and what to type, and shows no keys', async (_what, story, standing, file) => {
  const alone = standing === 'interrupted' || standing === 'awaits-guard';
  const view = runView(syntheticPlan(), story.events, { nowMs: story.nowMs + 60_000, zone: 'UTC', alone });

  const lines = renderSnapshot(view, standing, 80, plainStyle);

  expect(lines.join('\n')).not.toMatch(/KEYS|CTRL-C|\[d\]etach|NOTHING NOW|DONE/);
  expect(lines.filter((text) => text.startsWith(' NEXT'))).toHaveLength(1);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../../fixtures/screens/snapshot-${file}.80.txt`);
});

test('a screen whose run lost its driver says so instead of counting on', () => {
  const story = runs.inChange();
  const view = runView(syntheticPlan(), story.events, { ...measured, nowMs: story.nowMs + 5_000, alone: true });

  const text = renderRunView(view, 80, plainStyle).join('\n');

  expect(text).toContain('NOBODY DRIVES THIS RUN; THE GUARD IS AWAITED');
  expect(text).toContain('? 3 change');
  expect(text).not.toMatch(/▶|NOTHING NOW|\[h\]old/);
});

test('before users notice, what Ctrl-C and r would do agree with each other', () => {
  const wordsAt = (story: runs.Story): string => {
    const view = runView(syntheticPlan(), story.events, { nowMs: story.nowMs, zone: 'UTC' });
    return renderRunView(view, 120, plainStyle).find((text) => text.startsWith(' CTRL-C')) ?? '';
  };

  expect(wordsAt(runs.inPreflight())).toBe(' CTRL-C    asks first; nothing changed yet.   [r] now = nothing to take back');
  expect(wordsAt(runs.installed())).toBe(' CTRL-C    asks first; users notice nothing yet.   [r] now = takes back 1 change');
  expect(wordsAt(runs.inChange())).toBe(' CTRL-C    asks first; nothing stops.   [r] now = takes back 2 changes');
});

test('a held screen tells its keys as they answer', () => {
  const story = runs.held();
  const view = runView(syntheticPlan(), story.events, { nowMs: story.nowMs, zone: 'UTC' });

  expect(renderRunView(view, 80, plainStyle).at(-1)).toMatch(/^ KEYS .*YOU DECIDE: \[h\] continue or keep, \[r\] roll back$/);
});

test('the first frame, before the first event, already says how to come back', () => {
  const view = runView(syntheticPlan(), [], { nowMs: runs.startMs, zone: 'UTC', runId: '7k2m' });

  expect(renderRunView(view, 80, plainStyle).join('\n')).toContain('BACK IN   routerctl run attach 7k2m');
});
