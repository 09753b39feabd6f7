import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { syntheticPlan } from './synthetic-plan.js';
import * as runs from './synthetic-run.js';

const enter = '\u001b[?1049h';
const leave = '\u001b[?1049l';

/** A viewer on a pseudo-terminal of its own; `act` is told its pid and its keyboard once the screen is drawn. */
async function watch(act: (viewer: { pid: number; type(text: string): void }) => void): Promise<{ output: string; code: number | null }> {
  const directory = await mkdtemp(join(tmpdir(), 'routerctl-screen-'));
  const program = join(directory, 'viewer.mjs');
  await writeFile(program, viewerText());
  const child = spawn('script', ['-qfec', `${process.execPath} ${program}`, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
  });
  let output = '';
  let acted = false;
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
    const pid = /pid=(\d+)=/.exec(output)?.[1];
    if (acted || pid === undefined || !output.includes('YOU NEED TO DO NOTHING NOW')) return;
    acted = true;
    act({ pid: Number(pid), type: (text) => child.stdin.write(text) });
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  await rm(directory, { recursive: true });
  return { output, code };
}

function viewerText(): string {
  const module = (name: string) => pathToFileURL(resolve(`dist/src/ui/${name}.js`)).href;
  const story = runs.inChange();
  return `
import { createLiveScreen } from '${module('live-screen')}';
import { runView } from '${module('run-view')}';
console.log('pid=' + process.pid + '=');
const view = runView(${JSON.stringify(syntheticPlan())}, ${JSON.stringify(story.events)}, { nowMs: ${story.nowMs}, zone: 'UTC' });
const screen = createLiveScreen({ out: process.stdout, style: { color: false, unicode: true }, onKey(key) {
  if (key === 'h') throw new Error('planted');
  if (key === 'd' || key === 'ctrl-c') { screen.close(); console.log('closed by ' + key); process.exitCode = 0; }
  if (key === 'r') process.exit(7);
} });
screen.show(view);
`;
}

test('a key that ends the viewer leaves an ordinary terminal with the phases on it', async () => {
  const { output, code } = await watch((viewer) => viewer.type('d'));

  const after = output.slice(output.lastIndexOf(leave));
  expect(code).toBe(0);
  expect(output.split(enter)).toHaveLength(2);
  expect(after).toContain('closed by d');
  expect(after).toContain('3 change');
});

test('Ctrl-C in the viewer is a key and kills nothing', async () => {
  const { output, code } = await watch((viewer) => viewer.type('\u0003'));

  expect(output).toContain('closed by ctrl-c');
  expect(code).toBe(0);
});

test('SIGINT from elsewhere is the same question as Ctrl-C', async () => {
  const { output } = await watch(({ pid }) => process.kill(pid, 'SIGINT'));

  expect(output).toContain('closed by ctrl-c');
});

test('an exception gives the terminal back before its stack is printed', async () => {
  const { output, code } = await watch((viewer) => viewer.type('h'));

  expect(code).not.toBe(0);
  expect(output.indexOf(leave)).toBeGreaterThan(0);
  expect(output.indexOf('Error: planted')).toBeGreaterThan(output.indexOf(leave));
});

test('an exit in the middle gives the terminal back and keeps its code', async () => {
  const { output, code } = await watch((viewer) => viewer.type('r'));

  expect(code).toBe(7);
  expect(output).toContain(leave);
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s gives the terminal back and then does what it does', async (signal, expected) => {
  const { output, code } = await watch(({ pid }) => process.kill(pid, signal));

  expect(output).toContain(leave);
  expect(code).toBe(expected);
});
