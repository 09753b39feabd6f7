// `routerctl lab serve`: the reference router in the foreground.
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Flags } from '@oclif/core';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand } from '../../cli/lab-command.js';
import { RouterctlError } from '../../core/errors.js';

export default class LabServe extends LabCommand {
  static override summary = 'run the reference router in the foreground';
  static override description = `Answers until SIGTERM or Ctrl-C, then finishes its requests, writes the last usage rows and ends.

EXIT STATUS
  0  stopped as asked, nothing lost
  1  usage rows could not be written
  2  the config is missing or not valid, the address is in use, or nothing is built yet`;
  static override examples = ['<%= config.bin %> <%= command.id %> --config config.yaml'];
  static override flags = { config: Flags.string({ required: true, description: "the router's config file (YAML)" }) };

  protected override async practise(): Promise<CommandResult> {
    const { flags } = await this.parse(LabServe);
    const { ownProgramDirectory, programIn } = await import('../../router/lab/own-program.js');
    const program = pathToFileURL(programIn(ownProgramDirectory)).href;
    const { serveUntilSignal } = (await import(program)) as typeof import('../../router/program.js');
    const exitCode = await serveUntilSignal(flags.config, dirname(fileURLToPath(import.meta.url)));
    if (exitCode === 2) throw new RouterctlError('USAGE', 'the router could not start', { hint: 'its own message stands above' });
    return { exitCode: exitCode === 0 ? 0 : 1, text: [], json: { stopped: true } };
  }
}
