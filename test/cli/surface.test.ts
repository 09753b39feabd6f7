import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { commandSurface } from '../docs/reference-pages.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = (...argv: string[]) =>
  execa('node', ['bin/run.js', ...argv], { cwd: root, reject: false, env: { NO_COLOR: '1', LC_ALL: 'C.UTF-8' } });

const required = (
  'upgrade, rollback, resume, init, doctor, smoke, plan, approve, explain, completion, run list, run show, run attach, run hold, run continue, run keep, ' +
  'run roll-back, run take-over, run close, run ticket, run notify, playbook list, playbook show, playbook lint, playbook schema, playbook run, check list, check run, ' +
  'backup create, backup list, backup verify, backup restore, report show, report build, report sign, report verify, ' +
  'key generate, key list, lab serve, lab upstream, lab package, usage-report'
).split(', ');

test('names, arguments and flags of the commands are those that scripts rely on', async () => {
  const surface = (await commandSurface()).map(({ id, args, flags }) => ({
    command: id,
    args: args.map(({ name, required: needed }) => (needed ? name : `[${name}]`)),
    flags: flags
      .map(({ name, char, takes, many }) => `${char === null ? '' : `-${char} `}--${name}${takes === null ? '' : '='}${many ? '...' : ''}`)
      .sort(),
  }));
  await expect(`${JSON.stringify(surface, null, 2)}\n`).toMatchFileSnapshot('../../fixtures/cli/surface.json');
});

test('every command that was promised is there', async () => {
  const ids = (await commandSurface()).map(({ id }) => id);
  expect(required.filter((id) => !ids.includes(id))).toEqual([]);
});

test('every command has an example of itself and tells its exit codes', async () => {
  const wrong = (await commandSurface()).flatMap(({ id, examples, description, summary }) => [
    ...(examples.some((example) => example.startsWith(`routerctl ${id}`)) ? [] : [`${id}: no example`]),
    ...(/EXIT STATUS\n {2}\S/.test(description) ? [] : [`${id}: no exit status`]),
    ...(summary === '' ? [`${id}: no summary`] : []),
  ]);
  expect(wrong).toEqual([]);
});

test('routerctl alone shows what can be done, and ends with 0', async () => {
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(0);
  await expect(`${stdout.replace(/^routerctl \S+/, 'routerctl VERSION')}\n`).toMatchFileSnapshot('../../fixtures/cli/help.0.stdout.txt');
  expect((await run('help')).stdout).toBe(stdout);
});

test('--version names the version of the package', async () => {
  const { exitCode, stdout } = await run('--version');
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^routerctl\/\d+\.\d+\.\d+ /)]);
});

test('a command that does not exist names the nearest one, in text and in JSON', async () => {
  const [text, json] = await Promise.all([run('upgrad', '--to', 'x'), run('run', 'lst', '--json')]);
  expect([text.exitCode, text.stderr]).toEqual([2, 'error: there is no command upgrad\n  hint: did you mean routerctl upgrade?']);
  expect(json.exitCode).toBe(2);
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'USAGE', hint: 'did you mean routerctl run list?' }, exitCode: 2 });
});
