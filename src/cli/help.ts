// The first page that anyone sees: what an operator wants to do, in the order in which it is done, and not the list of parts.
import { Help } from '@oclif/core';
import { paint, styleFor } from '../ui/style.js';
import { printResult } from './print.js';

const tasks: readonly (readonly [title: string, lines: readonly (readonly [command: string, does: string])[]])[] = [
  [
    'Look',
    [
      ['init', 'recognise the router that runs here, and write routerctl.yaml'],
      ['doctor', 'everything that can be known before a window, each with its fix'],
      ['smoke http://localhost:4000', 'does this router do its job? needs no config'],
      ['plan upgrade --to PACKAGE', 'what an upgrade would do, line by line'],
    ],
  ],
  [
    'Change',
    [
      ['upgrade --to PACKAGE', 'preflight, proven backup, change, validation, rollback by itself'],
      ['rollback', 'take the newest upgrade back, and prove it'],
      ['resume RUN', 'finish, or take back, a run whose process died'],
      ['backup create', 'save everything, proven by restoring it'],
    ],
  ],
  [
    'Follow and prove',
    [
      ['run list, run attach RUN', 'what happened, and what happens now'],
      ['report show RUN', 'how a run ended; report verify proves it to anyone'],
      ['run ticket RUN', 'text for the change ticket'],
      ['run notify', 'is anybody told when a person is needed?'],
    ],
  ],
  [
    'Learn',
    [
      ['explain WORD', 'a check, a change, an error, an exit code, offline'],
      ['playbook list, check list', 'what can be run, what can be asked'],
      ['lab up', 'a router to practise on'],
    ],
  ],
];

export default class RouterctlHelp extends Help {
  protected override async showRootHelp(): Promise<void> {
    const style = styleFor(process.env, process.stdout.isTTY);
    const width = Math.max(...tasks.flatMap(([, lines]) => lines.map(([command]) => command.length)));
    printResult(
      `${paint('routerctl', 'strong', style)} ${this.config.version}   upgrades self-hosted LLM routers, and proves that they are ready`,
    );
    for (const [title, lines] of tasks) {
      printResult('');
      printResult(`  ${paint(title, 'strong', style)}`);
      for (const [command, does] of lines) printResult(`    ${command.padEnd(width)}   ${paint(does, 'quiet', style)}`);
    }
    printResult('');
    const topics = [...new Set(this.config.commands.filter(({ hidden }) => !hidden).map(({ id }) => id.split(':')[0] ?? ''))].sort();
    printResult(`  ${paint('All commands', 'strong', style)}`);
    for (const line of filled(topics, 92)) printResult(`    ${line}`);
    printResult('');
    printResult(`  routerctl COMMAND --help says more: flags, examples, exit codes.`);
    return Promise.resolve();
  }
}

function filled(words: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 2 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last}  ${word}`;
  }
  return lines;
}
