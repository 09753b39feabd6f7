import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type CompletableCommand, completionScript } from '../../src/app/completion.js';

const flag = { name: 'json', char: null, summary: "one document: [it's]", options: null, takesValue: false };
const commands: CompletableCommand[] = [
  {
    words: 'upgrade',
    summary: 'upgrade a target',
    flags: [flag, { name: 'to', char: null, summary: 'version', options: null, takesValue: true }],
  },
  { words: 'run attach', summary: 'see a run again', flags: [flag] },
  {
    words: 'run list',
    summary: 'list runs',
    flags: [flag, { name: 'sort', char: 's', summary: 'order', options: ['newest', 'oldest'], takesValue: true }],
  },
];

function bashOffers(...words: string[]): string[] {
  const script = `${completionScript('bash', 'routerctl', commands)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _routerctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', script, 'bash', 'routerctl', ...words], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '');
}

test.each([
  [[''], ['upgrade', 'run']],
  [['up'], ['upgrade']],
  [
    ['run', ''],
    ['attach', 'list'],
  ],
  [
    ['run', 'list', '--'],
    ['--json', '--sort'],
  ],
  [['run', 'list', '--sort', 'o'], ['oldest']],
  [['upgrade', '--t'], ['--to']],
])('bash offers what fits %j', (words, offers) => {
  expect(bashOffers(...words)).toEqual(offers);
});

test('zsh and fish get the commands, the flags and their values, with quotes that hold', async () => {
  await expect(completionScript('zsh', 'routerctl', commands)).toMatchFileSnapshot('../../fixtures/screens/completion.zsh.txt');
  await expect(completionScript('fish', 'routerctl', commands)).toMatchFileSnapshot('../../fixtures/screens/completion.fish.txt');
});
