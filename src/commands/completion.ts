// `routerctl completion`: a script that teaches a shell the commands of this build.
import { Args } from '@oclif/core';
import { type CompletableCommand, completedShells, completionScript } from '../app/completion.js';
import { BaseCommand, type CommandResult } from '../cli/base-command.js';

export default class Completion extends BaseCommand {
  static override summary = 'print the completion script of a shell';
  static override description = `Prints a script for bash, zsh or fish; it changes no file of yours.

EXIT STATUS
  0  the script was printed
  2  the shell is not one of the three`;
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion zsh > ~/.zfunc/_<%= config.bin %>',
    '<%= config.bin %> completion fish | source',
  ];
  static override args = { shell: Args.string({ required: true, options: [...completedShells], description: 'bash, zsh or fish' }) };

  protected async perform(): Promise<CommandResult> {
    const { args } = await this.parse(Completion);
    const shell = completedShells.find((name) => name === args.shell) ?? 'bash';
    const script = completionScript(shell, this.config.bin, this.completable());
    return { exitCode: 0, text: [script.trimEnd()], json: { shell, script } };
  }

  private completable(): CompletableCommand[] {
    return this.config.commands
      .filter(({ hidden }) => hidden !== true)
      .map(({ id, summary, flags, args }) => ({
        words: id.replaceAll(':', ' '),
        summary: summary ?? '',
        flags: Object.values(flags)
          .filter(({ hidden }) => hidden !== true)
          .map((flag) => ({
            name: flag.name,
            char: flag.char ?? null,
            summary: flag.summary ?? flag.description ?? '',
            options: flag.type === 'option' && flag.options !== undefined ? flag.options : null,
            takesValue: flag.type === 'option',
            repeatable: flag.type === 'option' && flag.multiple === true,
          })),
        argument: Object.values(args)[0]?.options ?? null,
      }))
      .sort((a, b) => (a.words < b.words ? -1 : 1));
  }
}
