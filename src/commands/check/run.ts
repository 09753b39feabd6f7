// `routerctl check run`: one question, asked now.
import { Args, Flags } from '@oclif/core';
import { checkPlaybook } from '../../app/check-playbook.js';
import { makePlan } from '../../app/make-plan.js';
import { withAskingShell } from '../../cli/asking-shell.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { givenPairs } from '../../cli/given-pairs.js';
import { observePlan } from '../../cli/observe-plan.js';
import { outputFiles, outputFlag } from '../../cli/output-files.js';
import { playbookTarget } from '../../cli/playbook-target.js';
import { smokeTarget } from '../../cli/smoke-target.js';
import type { Json } from '../../core/json.js';

export default class CheckRun extends BaseCommand {
  static override summary = 'Ask one check now.';
  static override description =
    `About the target of the config, about a router at --url, or, without either, about files on this machine. Options of the check are given with --with; a value is read as JSON where it is JSON, else as text.

EXIT STATUS
  0  the check passed
  2  wrong usage, no such check or option
  3  it failed
  6  refused: a secret that cannot be read
  7  it could not be measured, or does not apply here
  8  it passed, but the report could not be signed`;
  static override examples = [
    '<%= config.bin %> check run package --with artifact=reference-router-1.1.0-linux-amd64.tar.gz',
    '<%= config.bin %> check run chat --url http://localhost:4000 --with stream=true',
    '<%= config.bin %> check run version -t gateway --with version=1.1.0 --json',
  ];
  static override args = { kind: Args.string({ description: 'kind of the check; routerctl check list names them', required: true }) };
  static override flags = {
    with: Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: 'NAME=VALUE', description: 'option of the check' }),
    on: Flags.string({ description: 'component, database or upstream to ask about (default: the only one that fits)' }),
    url: Flags.string({ description: 'router to ask instead of a target of the config' }),
    key: Flags.string({ description: "reference of a caller's token for --url: env:NAME or file:PATH" }),
    profile: Flags.string({ description: 'profile when there is no config', default: 'reference-router' }),
    output: outputFlag,
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(CheckRun);
    const options = givenPairs('--with', flags.with, 'stream=true');
    return withAskingShell(async ({ shell, unrecorded }) => {
      const outputs = await outputFiles(shell, flags.output);
      const question = { kind: args.kind, on: flags.on ?? null, with: mapped(options) };
      const playbook = checkPlaybook(question, await shell.catalogue());
      const { target, profile } = flags.url === undefined ? await playbookTarget(shell, flags) : await smokeTarget(shell, flags.url, flags);
      const plan = await makePlan(shell, { playbook, target, profile, inputs: {}, window: null });
      return await observePlan(shell, { plan, outputs, changeRef: null, unrecorded }, flags);
    });
  }
}

function mapped(options: Readonly<Record<string, string>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(options).map(([name, text]) => [name, jsonOrText(text)]));
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
