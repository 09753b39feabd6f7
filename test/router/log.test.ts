import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { compiledRouter } from '../lab/compiled-router.js';

/** A process that logs by the router's own log, and ends as its program says. */
async function logging(program: string, stderr: 'inherit' | 'pipe' = 'inherit'): Promise<ChildProcess> {
  const url = pathToFileURL(join(await compiledRouter(), 'log.js')).href;
  const text = `const log = (await import(${JSON.stringify(url)})).createLog('unit');\n${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', stderr],
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

type Line = { readonly n: number };

/** Those that are whole. */
const linesIn = (text: string): Line[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const three = "log.info({ n: 1 }, 'a'); log.warn({ n: 2 }, 'b'); log.error({ n: 3 }, 'c');";
const written = [
  { level: 30, n: 1, msg: 'a', product: 'unit' },
  { level: 40, n: 2, msg: 'b', product: 'unit' },
  { level: 50, n: 3, msg: 'c', product: 'unit' },
];

test.each([
  ['ends by itself', '', (lines: readonly Line[]) => lines],
  // A line whose writing is under way then may come after the ones that waited for it.
  ['is ended', 'process.exit();', (lines: readonly Line[]) => lines.toSorted((one, other) => one.n - other.n)],
])('lines that wait for each other are written when their process %s', async (_, end, arranged) => {
  const child = await logging(`${three}\n${end}`);
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  await once(child, 'close');

  expect(arranged(linesIn(text))).toMatchObject(written);
});

test('lines that wait for each other are written although nothing follows them and their process goes on', async () => {
  const child = await logging(`setInterval(() => undefined, 1000);\n${three}`);
  let text = '';
  for await (const piece of child.stdout ?? []) {
    text += String(piece);
    if (linesIn(text).length === written.length) break;
  }

  expect(linesIn(text)).toMatchObject(written);
});

test('lines that came while nobody read are all written once somebody does, although nothing follows them', async () => {
  const lines = 604;
  const child = await logging(
    `setInterval(() => undefined, 1000);\nfor (let n = 0; n < ${lines}; n += 1) log.info({ n, filler: 'x'.repeat(1000) }, 'a');\nprocess.stderr.write('logged');`,
    'pipe',
  );
  await once(child.stderr as NodeJS.ReadableStream, 'data');
  // Longer than lines wait for each other: the pipe is full by now, and a write is under way.
  await sleep(100);
  let text = '';
  for await (const piece of child.stdout ?? []) {
    text += String(piece);
    if (linesIn(text).length === lines) break;
  }

  expect(linesIn(text).map(({ n }) => n)).toEqual(Array.from({ length: lines }, (_, n) => n));
});

test('a line that comes while an empty write takes its time is written, although nothing follows it', async () => {
  const pauses = Array.from({ length: 80 }, (_, at) => at * 2);
  const child = await logging(`const { pbkdf2 } = await import('node:crypto');
const busy = () => pbkdf2('a', 'b', 200_000, 32, 'sha256', busy);
busy();
for (const pause of ${JSON.stringify(pauses)}) {
  const log = (await import(${JSON.stringify(pathToFileURL(join(await compiledRouter(), 'log.js')).href)})).createLog('unit');
  log.info({ n: pause }, 'first');
  setTimeout(() => log.info({ n: 1000 + pause }, 'second'), pause);
}`);
  let text = '';
  for await (const piece of child.stdout ?? []) {
    text += String(piece);
    if (linesIn(text).length === 2 * pauses.length) break;
  }

  expect(linesIn(text).map(({ n }) => n)).toEqual(expect.arrayContaining(pauses.map((pause) => 1000 + pause)));
});
