import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operator as newOperator, type Operator, program } from '../e2e/operator.js';
import { asNobody } from '../lab/nobody.js';
import { type Attempt, badInputs } from './bad-input.js';
import { scrubbed } from './scrubbed.js';

let operator: Operator;
let cases: string;

beforeAll(async () => {
  cases = mkdtempSync(join(tmpdir(), 'routerctl-bad-input-'));
  chmodSync(cases, 0o755);
  operator = await newOperator();
}, 120_000);

afterAll(async () => {
  await operator.leave();
  rmSync(cases, { recursive: true, force: true });
}, 60_000);

const mayChangeUser = process.getuid?.() === 0;

async function attempt({ argv, env = {}, as }: Attempt, cwd: string, ...more: readonly string[]) {
  const command = [process.execPath, program, ...argv, ...more];
  const [file = '', ...rest] = as === 'nobody' ? asNobody(cwd, command) : command;
  const state = as === undefined ? {} : { ROUTERCTL_STATE: join(cwd, 'state') };
  return execa(file, rest, {
    cwd,
    reject: false,
    env: { ...operator.env, ...env, ...state },
    extendEnv: false,
    stdin: 'ignore',
    stripFinalNewline: false,
  });
}

describe.each(badInputs)('$name', ({ name, exit, prepare }) => {
  test(`ends with ${exit}, says what is wrong and what to do, in text and as one JSON document`, async (context) => {
    const here = join(cases, name);
    mkdirSync(here);
    const tried = await prepare(operator, here);
    if (tried.as !== undefined && !mayChangeUser) {
      console.warn(`skipped: ${name} must be tried as another user; run the tests as root`);
      return context.skip();
    }
    try {
      // two runs on one deployment would refuse each other
      const text = attempt(tried, here);
      if (tried.argv[0] === 'upgrade') await text;
      const [said, json] = await Promise.all([text, attempt(tried, here, '--json')]);
      const places = {
        [here]: '<here>',
        [operator.lab.home]: '<lab>',
        [operator.desk]: '<desk>',
        [resolve('.')]: '<routerctl>',
        [join(tmpdir(), 'routerctl-test-cache')]: '<cache>',
      };
      expect([said.exitCode, json.exitCode], said.stderr + said.stdout).toEqual([exit, exit]);
      const both = said.stdout + said.stderr;
      expect(both).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
      expect(both, 'says nothing about what to do').toMatch(/hint:|NEXT|explain|did you mean|known:/);
      expect(JSON.parse(json.stdout)).toMatchObject({ exitCode: exit });
      for (const [stream, words] of [
        ['stdout', said.stdout],
        ['stderr', said.stderr],
      ] as const)
        if (words !== '') await expect(scrubbed(words, { places })).toMatchFileSnapshot(`../../fixtures/cli/${name}.${exit}.${stream}.txt`);
    } finally {
      await tried.done?.();
    }
  }, 60_000);
});

test('every golden file of the command line belongs to a case, and its name says the exit code', () => {
  const known = new Map(badInputs.map(({ name, exit }) => [name, exit]));
  const elsewhere = ['explain-error', 'explain-unknown', 'help'];
  const strays = readdirSync('fixtures/cli')
    .filter((file) => file.endsWith('.txt'))
    .filter((file) => {
      const [name = '', exit = '', stream = ''] = file.split('.');
      return !elsewhere.includes(name) && (known.get(name) !== Number(exit) || !['stdout', 'stderr'].includes(stream));
    });
  expect(strays).toEqual([]);
});
