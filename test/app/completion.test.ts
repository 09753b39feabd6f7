import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CompletableCommand, completionScript } from '../../src/app/completion.js';

const flag = { name: 'json', char: null, summary: "one document: [it's]", options: null, takesValue: false, repeatable: false };
const commands: CompletableCommand[] = [
  {
    words: 'upgrade',
    summary: 'upgrade a target',
    flags: [flag, { name: 'to', char: null, summary: 'version', options: null, takesValue: true, repeatable: true }],
    argument: null,
  },
  { words: 'run attach', summary: 'see a run again', flags: [flag], argument: ['live', 'late'] },
  {
    words: 'run list',
    summary: 'list runs',
    flags: [flag, { name: 'sort', char: 's', summary: 'order', options: ['newest', 'oldest'], takesValue: true, repeatable: false }],
    argument: null,
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
  [['run', 'list', '-s', 'o'], ['oldest']],
  [['run', 'list', '--sort', '=', 'n'], ['newest']],
  [
    ['run', 'list', '--sort', '='],
    ['newest', 'oldest'],
  ],
  [['run', 'attach', 'la'], ['late']],
  [['run', 'list', 'la'], []],
  [['upgrade', '--t'], ['--to']],
])('bash offers what fits %j', (words, offers) => {
  expect(bashOffers(...words)).toEqual(offers);
});

test('zsh and fish get the commands, the flags and their values, with quotes that hold', async () => {
  await expect(completionScript('zsh', 'routerctl', commands)).toMatchFileSnapshot('../../fixtures/screens/completion.zsh.txt');
  await expect(completionScript('fish', 'routerctl', commands)).toMatchFileSnapshot('../../fixtures/screens/completion.fish.txt');
});

const zshThere = spawnSync('zsh', ['--version']).status === 0;

/** A function of the fpath as zsh calls it at the first TAB, with what it hands to zsh's own completion printed. */
function zshOffers(...words: string[]): string {
  const room = mkdtempSync(join(tmpdir(), 'routerctl-zsh-'));
  try {
    writeFileSync(join(room, '_routerctl'), completionScript('zsh', 'routerctl', commands));
    const script = `fpath=(${room}); autoload -Uz _routerctl; words=("$@"); CURRENT=$#
_describe() { print -rl -- "\${(@P)2}" }; _arguments() { print -rl -- "$@" }; compdef() { print -r -- compdef }
_routerctl`;
    return execFileSync('zsh', ['-f', '-c', script, 'zsh', 'routerctl', ...words], { encoding: 'utf8' });
  } finally {
    rmSync(room, { recursive: true });
  }
}

describe.skipIf(!zshThere)(zshThere ? 'zsh' : 'skipped: zsh missing, bin/provision installs it', () => {
  test('offers at the first call what fits, from a file of the fpath', () => {
    expect(zshOffers('')).toBe('upgrade:upgrade a target\nrun:\n');
    expect(zshOffers('run', '')).toBe('attach:see a run again\nlist:list runs\n');
    expect(zshOffers('run', 'attach', '')).toContain('\n3:value:(live late)\n');
    expect(zshOffers('run', 'list', '--sort=')).toContain('\n--sort=[order]:value:(newest oldest)\n');
  });
});
