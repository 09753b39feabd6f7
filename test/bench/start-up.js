// `routerctl --version` beside a command of oclif that does nothing, in turns: what our own start adds to oclif's.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { line, median, projectRoot, runNode } from './measure.js';

export const title = 'start';

export function measure({ rounds }) {
  const bare = bareProject();
  try {
    const ours = join(projectRoot, 'bin/run.js');
    const seen = { bare: [], ours: [] };
    for (let round = 0; round < rounds; round += 1) {
      seen.bare.push(runNode([join(bare, 'run.js'), '--version']));
      seen.ours.push(runNode([ours, '--version']));
    }
    const of = (runs, what) => median(runs.map((run) => run[what]));
    const over = (what) => median(seen.ours.map((run, round) => run[what] - seen.bare[round][what]));
    return [
      line(
        'routerctl --version over bare oclif, wall',
        over('wallMs'),
        25,
        'ms',
        `${Math.round(of(seen.ours, 'wallMs'))} ms, bare ${Math.round(of(seen.bare, 'wallMs'))} ms`,
      ),
      line(
        'the same, processor time',
        over('cpuMs'),
        25,
        'ms',
        `${Math.round(of(seen.ours, 'cpuMs'))} ms, bare ${Math.round(of(seen.bare, 'cpuMs'))} ms`,
      ),
    ];
  } finally {
    rmSync(bare, { recursive: true, force: true });
  }
}

function bareProject() {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-bench-bare-'));
  mkdirSync(join(directory, 'commands'));
  symlinkSync(join(projectRoot, 'node_modules'), join(directory, 'node_modules'));
  const files = {
    'package.json': JSON.stringify({
      name: 'bare',
      version: '1.0.0',
      type: 'module',
      oclif: { bin: 'bare', dirname: 'bare', commands: './commands' },
    }),
    'run.js':
      "import { execute, settings } from '@oclif/core';\nsettings.enableAutoTranspile = false;\nawait execute({ dir: import.meta.url });\n",
    'commands/hello.js': "import { Command } from '@oclif/core';\nexport default class Hello extends Command {\n  async run() {}\n}\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}
