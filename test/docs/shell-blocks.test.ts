// Every shell block of the docs is true. The blocks of a page run in order, as one operator would type them, in one new directory with
// a scratch HOME and `routerctl` on PATH; each must end with 0, or with N where the line above says `<!-- exit: N -->`. A block that
// cannot run there is marked `<!-- not run: why -->`: its syntax, its commands, their flags and the files it names are checked instead.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { text } from '../architecture/tree.js';
import type { Block } from './blocks.js';
import { blocksIn } from './pages.js';
import { type CommandSurface, commandSurface } from './reference-pages.js';

const blocks = blocksIn(['sh', 'bash', 'shell', 'console']);
const notRun = (block: Block) => block.mark.startsWith('not run: ');
const running = [...new Set(blocks.filter((block) => !notRun(block)).map(({ page }) => page))];
const surface = await commandSurface();
const { scripts } = JSON.parse(text('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

/** Commands, flags and files of a block that do not exist. */
function problems(block: Block, commands: readonly CommandSurface[]): readonly string[] {
  const at = `${block.page}:${block.line}`;
  const found: string[] = [];
  for (const line of block.text.replaceAll('\\\n', ' ').split('\n')) {
    for (const [, call = ''] of line.matchAll(/(?:^|[;&|(]|\bsudo )\s*(?:\.\/bin\/run\.js|routerctl) ([^;&|)#]+)/g)) {
      const words = call.trim().split(/\s+/);
      const command = commands.filter(({ id }) => `${words.join(' ')} `.startsWith(`${id} `)).sort((a, b) => b.id.length - a.id.length)[0];
      if (words[0]?.startsWith('-')) continue;
      if (command === undefined) found.push(`${at}: no such command: routerctl ${call.trim()}`);
      const known = new Set(['--help', ...(command?.flags ?? []).flatMap(({ name, char }) => [`--${name}`, `--no-${name}`, `-${char}`])]);
      const unknown = words.filter((word) => /^--?[a-z]/.test(word) && !known.has(word.replace(/=.*/, '')));
      if (command !== undefined) found.push(...unknown.map((flag) => `${at}: routerctl ${command.id} has no ${flag}`));
    }
    for (const [, file = ''] of line.matchAll(/(?:^|\s)\.\/((?:bin|\.ci)\/\S+)/g))
      if (!existsSync(file)) found.push(`${at}: no such file: ./${file}`);
    for (const [, script = ''] of line.matchAll(/\bnpm run ([a-z:-]+)/g))
      if (!(script in scripts)) found.push(`${at}: no such script: npm run ${script}`);
  }
  return [...found, ...syntaxProblems(block)];
}

function syntaxProblems(block: Block): readonly string[] {
  try {
    execFileSync('bash', ['-n'], { input: block.text, stdio: ['pipe', 'ignore', 'pipe'] });
    return [];
  } catch (error) {
    return [`${block.page}:${block.line}: ${String((error as { readonly stderr?: unknown }).stderr)}`];
  }
}

/** Ends what the blocks of a page left running: the processes that carry this page's directory in their environment. */
function endLeftovers(home: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`ROUTERCTL_DOCS=${home}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone meanwhile, or another user's.
    }
  }
}

test('every command, flag, script and file that the docs name exists', () => {
  expect(blocks.flatMap((block) => problems(block, surface))).toEqual([]);
});

test('a wrong command, flag, script, file or syntax is found', () => {
  const at = { page: 'page.md', line: 1, language: 'sh', mark: '' };
  const wrong = ['routerctl upgarde\n', 'routerctl playbook list --colour\n', './bin/nothing\n', 'npm run nothing\n', 'if true; then\n'];

  expect(wrong.filter((line) => problems({ ...at, text: line }, surface).length === 0)).toEqual([]);
});

describe.skipIf(running.length === 0)('blocks that run', () => {
  test.each(running)('%s', async (page) => {
    const home = await mkdtemp(join(tmpdir(), 'routerctl-docs-'));
    await mkdir(join(home, 'bin'));
    await mkdir(join(home, 'work'));
    await symlink(resolve('bin/run.js'), join(home, 'bin/routerctl'));
    const env = {
      PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      ROUTERCTL_DOCS: home,
      ROUTERCTL_STATE: join(home, 'state'),
    };
    try {
      for (const block of blocks.filter((candidate) => candidate.page === page && !notRun(candidate))) {
        const expected = Number(/^exit: (\d+)$/.exec(block.mark)?.[1] ?? 0);
        const done = await execa('bash', ['--norc', '-euo', 'pipefail', '-c', block.text], {
          cwd: join(home, 'work'),
          env,
          all: true,
          reject: false,
          stdin: 'ignore',
        });
        expect(done.exitCode, `${page}:${block.line}\n${block.text}\n${done.all}`).toBe(expected);
      }
    } finally {
      endLeftovers(home);
      await rm(home, { recursive: true, force: true });
    }
  });
});
