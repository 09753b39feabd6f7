import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

test('checks side by side are drawn on a terminal, a red one decides nothing, and the list leaves before the result', () => {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-tasks-'));
  const program = join(directory, 'smoke.mjs');
  writeFileSync(
    program,
    `
import { createTaskList } from '${pathToFileURL(resolve('dist/src/ui/task-list.js')).href}';
const list = createTaskList({ out: process.stderr, style: { color: false, unicode: true }, names: ['ready', 'chat', 'slow', 'reports'] });
list.started('slow');
list.started('ready');
list.ended('ready', 'pass', '41 ms\\u001b]0;owned\\u0007');
list.started('chat');
list.ended('chat', 'fail', 'no marker');
// Long enough for a few frames, and for a second to pass.
await new Promise((done) => setTimeout(done, 3500));
await list.close();
console.log('result, code ' + process.exitCode);
`,
  );

  const { stdout, status } = spawnSync('script', ['-qec', `stty cols 80 rows 24; ${process.execPath} ${program}`, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
  });
  rmSync(directory, { recursive: true });

  expect(stdout).toContain('chat  no marker');
  expect(stdout).toContain('reports  waits');
  expect(stdout).toMatch(/slow {2}0:0[1-9]/);
  expect(stdout).not.toContain('\u001b]0;');
  expect(stdout).toContain('result, code undefined');
  expect(status).toBe(0);
});
