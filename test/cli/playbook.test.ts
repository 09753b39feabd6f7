import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = (...argv: string[]) => execa('node', ['bin/run.js', 'playbook', ...argv], { cwd: root, reject: false, env: { NO_COLOR: '1' } });

test('list names every shipped playbook, in text and in JSON', async () => {
  const [text, json] = await Promise.all([run('list'), run('list', '--json')]);

  expect([text.exitCode, json.exitCode]).toEqual([0, 0]);
  expect(text.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual(
    (JSON.parse(json.stdout) as { name: string }[]).map(({ name }) => name),
  );
  expect(text.stdout).toContain('process-upgrade');
});

test('show prints inputs, phases and criteria', async () => {
  const { exitCode, stdout } = await run('show', 'process-upgrade');

  expect(exitCode).toBe(0);
  for (const word of ['to  artifact, required', 'preflight  (on failure: stop)', 'validate  (on failure: rollback, commits)', 'criteria'])
    expect(stdout).toContain(word);
});

test('a playbook that does not exist is exit 2 with the nearest name', async () => {
  const { exitCode, stderr } = await run('show', 'process-upgrad');

  expect([exitCode, stderr]).toEqual([
    2,
    'error: there is no playbook process-upgrad\n  hint: did you mean process-upgrade?; a path ends in .yaml',
  ]);
});

test('lint prints every error of every file at once and ends with 2, clean files with 0', async () => {
  const bad = 'fixtures/playbooks/invalid/many-errors.yaml';
  const [mixed, clean] = await Promise.all([run('lint', bad, 'smoke'), run('lint', 'smoke', 'playbooks/suites/readiness.yaml')]);

  expect([mixed.exitCode, clean.exitCode]).toEqual([2, 0]);
  expect(mixed.stdout.split('\n').filter((line) => line.startsWith(`${bad}:`)).length).toBe(10);
  expect(mixed.stdout).toContain('playbooks/smoke.yaml: ok');
  expect(clean.stdout).toMatch(/0 errors in 2 files$/);
});

test.each(['playbook', 'config', 'profile'])('schema --for %s prints JSON Schema', async (name) => {
  const { exitCode, stdout } = await run('schema', '--for', name);

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
});
