// `routerctl explain`: the reference, offline.
import { Args } from '@oclif/core';
import { explain } from '../app/explain.js';
import { BaseCommand, type CommandResult } from '../cli/base-command.js';
import { readExplainSources } from '../cli/reference-pages.js';
import { markdownLines } from '../ui/markdown-page.js';
import { paint, styleFor } from '../ui/style.js';

export default class Explain extends BaseCommand {
  static override summary = 'explain a check, a change, a command, an error, an exit code or a word';
  static override description =
    `Prints what routerctl knows about a word, from the reference that is installed with it; nothing is asked over the network.

EXIT STATUS
  0  the word was explained
  2  routerctl does not know the word; the nearest ones are named`;
  static override examples = [
    '<%= config.bin %> explain usage-recorded',
    '<%= config.bin %> explain LEASE_HELD',
    '<%= config.bin %> explain 4',
    '<%= config.bin %> explain rehearsal',
  ];
  static override args = { word: Args.string({ required: true, description: 'check, change, command, error code, exit code or word' }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(Explain);
    const explanations = explain(args.word, readExplainSources());
    const style = styleFor(process.env, process.stdout.isTTY === true);
    const columns = Math.min(process.stdout.columns || 100, 100);
    const text = explanations.flatMap(({ sort, name, markdown }, index) => [
      ...(index > 0 ? [''] : []),
      `${paint(name, 'strong', style)} (${sort})`,
      '',
      ...markdownLines(markdown, columns, style),
    ]);
    return { exitCode: 0, text, json: explanations.map(({ sort, name, markdown }) => ({ sort, name, markdown })) };
  }
}
