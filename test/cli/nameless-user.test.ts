// A user whom the system has no name for, as in a container that runs as whoever owns the files of the deployment.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { program } from '../e2e/operator.js';
import { asNobody } from '../lab/nobody.js';

const nameless = 41_234;
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('skipped: a user without a name must be tried as one; run the tests as root\n');

test.runIf(isRoot)('a user without a name can run checks, and is in the record by number', () => {
  const here = mkdtempSync(join(tmpdir(), 'routerctl-nameless-'));
  onTestFinished(() => rmSync(here, { recursive: true }));
  chmodSync(here, 0o777);
  const state = join(here, 'state');
  const smoke = [process.execPath, program, 'smoke', 'http://127.0.0.1:1', '--key', 'env:KEY', '--yes'];
  const [command = '', ...args] = asNobody(here, smoke, nameless);
  const run = spawnSync(command, args, {
    cwd: here,
    env: { PATH: process.env['PATH'], HOME: here, KEY: 'sk-none', ROUTERCTL_STATE: state, NO_COLOR: '1' },
    encoding: 'utf8',
  });

  expect(run, run.stderr).toMatchObject({ status: 7 });
  const [folder = ''] = readdirSync(join(state, '.routerctl', 'runs'));
  const report = join(state, '.routerctl', 'runs', folder, 'report', 'report.json');
  expect(existsSync(report)).toBe(true);
  expect(readFileSync(report, 'utf8')).toContain(`"user": "#${nameless}"`);
});
