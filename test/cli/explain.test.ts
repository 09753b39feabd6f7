import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

const run = (...argv: string[]) => execa('node', [program, ...argv], { reject: false, env: { NO_COLOR: '1', LC_ALL: 'C.UTF-8' } });

test('explain prints the meaning of an exit code and the errors that end with it', async () => {
  const { exitCode, stdout } = await run('explain', '4');

  expect(exitCode).toBe(0);
  expect(stdout).toContain('4 (exit code)');
  expect(stdout).toContain('rolled back');
});

test('explain prints a glossary word without colour on a pipe', async () => {
  const { exitCode, stdout } = await run('explain', 'rehearsal');

  expect(exitCode).toBe(0);
  expect(stdout).toContain('rehearsal (word)');
  expect(stdout).not.toContain('\u001b');
});

test('explain of an unknown word names the nearest and exits 2, in text and in JSON', async () => {
  const text = await run('explain', 'lease-hold');
  const json = await run('explain', 'lease-hold', '--json');

  expect([text.exitCode, json.exitCode]).toEqual([2, 2]);
  await expect(`${text.stderr}\n`).toMatchFileSnapshot('../../fixtures/cli/explain-unknown.2.stderr.txt');
  await expect((await run('explain', 'lease-held')).stdout).toMatchFileSnapshot('../../fixtures/cli/explain-error.0.stdout.txt');
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'EXPLAIN_UNKNOWN' }, exitCode: 2 });
});

test('check list names every kind once with what asking costs', async () => {
  const { exitCode, stdout } = await run('check', 'list');
  const json = JSON.parse((await run('check', 'list', '--json')).stdout) as { kind: string }[];

  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^kind +asks whether +costs$/m);
  expect(stdout).toMatch(/^ready +.+ nothing$/m);
  expect(new Set(json.map(({ kind }) => kind)).size).toBe(json.length);
});

test('completion refuses a shell it does not know with exit 2', async () => {
  const { exitCode, stderr } = await run('completion', 'tcsh');

  expect(exitCode).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
