// `routerctl smoke`: does this router do its job? Asks a target of the config, or any URL without a config.
import { Args, Flags, type Interfaces } from '@oclif/core';
import { lookAround } from '../app/look-around.js';
import { makePlan } from '../app/make-plan.js';
import type { Shell } from '../app/shell.js';
import { type Asking, withAskingShell } from '../cli/asking-shell.js';
import { BaseCommand, type CommandResult } from '../cli/base-command.js';
import { observePlan } from '../cli/observe-plan.js';
import { outputFiles, outputFlag } from '../cli/output-files.js';
import { smokeTarget } from '../cli/smoke-target.js';
import { RouterctlError } from '../core/errors.js';
import type { Plan } from '../core/plan.js';
import type { Profile } from '../core/profile.js';
import { askYesNo } from '../ui/ask.js';
import { smokeQuestion } from '../ui/smoke-screen.js';

type SmokeFlags = Interfaces.InferredFlags<typeof Smoke.flags & typeof BaseCommand.baseFlags>;

export default class Smoke extends BaseCommand {
  static override summary = 'Ask a router whether it does its job: ready, models, chat whole and streamed, usage.';
  static override description =
    `Changes nothing and needs no config: give a URL, and the token of a caller in ROUTERCTL_KEY (or ROUTER_TOKEN), or by reference with --key. Without a URL the target of routerctl.yaml is asked, else ROUTER_BASE_URL. A chat costs what the router charges: on a terminal it is asked for first; without one, or with -y, it goes on. Where the state directory cannot be written no record is kept, and it says so.

EXIT STATUS
  0    every required check passed
  2    wrong usage, invalid config or playbook, refused URL
  3    a required check failed
  6    refused: a secret that cannot be read, or the question was answered with no
  7    could not be measured, for example unreachable
  8    every required check passed, but the report could not be signed
  129, 130, 143  interrupted by SIGHUP, SIGINT, SIGTERM`;
  static override examples = [
    '<%= config.bin %> smoke http://localhost:4000',
    '<%= config.bin %> smoke https://llm.internal:8443 --key file:/run/secrets/caller --model gpt-5-mini -y',
    '<%= config.bin %> smoke -t gateway --expect-version 1.1.0 -o junit=smoke.xml -o html=smoke.html',
  ];
  static override args = { url: Args.string({ description: 'router to ask (default: the target of the config)' }) };
  static override flags = {
    key: Flags.string({ description: "reference of a caller's token for a URL: env:NAME or file:PATH" }),
    profile: Flags.string({ description: 'product behind a URL (default: found out by asking)' }),
    model: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'model to ask behind a URL (default: the first one listed)',
    }),
    'expect-version': Flags.string({ description: 'version that must answer' }),
    playbook: Flags.string({ description: 'playbook to run; it may only ask', default: 'smoke' }),
    output: outputFlag,
    yes: Flags.boolean({ char: 'y', description: 'do not ask before something is spent' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Smoke);
    if (args.url === undefined) {
      const idle = (['key', 'profile', 'model'] as const).find((name) => flags[name] !== undefined);
      if (idle !== undefined && (process.env['ROUTER_BASE_URL'] ?? '') === '')
        throw new RouterctlError('USAGE', `--${idle} belongs to a URL; a target of the config has its own`, {
          hint: 'give the URL as well',
        });
    }
    return withAskingShell((asking) => this.ask(asking, args.url, flags));
  }

  private async ask({ shell, unrecorded }: Asking, url: string | undefined, flags: SmokeFlags): Promise<CommandResult> {
    const outputs = await outputFiles(shell, flags.output);
    const { target, profile } = await smokeTarget(shell, url, flags);
    const inputs: Readonly<Record<string, string>> = flags['expect-version'] === undefined ? {} : { version: flags['expect-version'] };
    const plan = await makePlan(shell, { playbook: flags.playbook, target, profile, inputs, window: null });
    if (!flags.yes) await askFirst(shell, plan, profile);
    return observePlan(shell, { plan, outputs, changeRef: null, unrecorded }, flags);
  }
}

/** Only a person at a terminal can be asked; a script that runs a smoke has decided. */
async function askFirst(shell: Shell, plan: Plan, profile: Profile): Promise<void> {
  const spending = plan.phases.flatMap(({ steps }) => steps).filter((step) => step.type === 'check' && step.effects === 'spend');
  const isTty = process.stdin.isTTY && process.stderr.isTTY;
  if (!isTty || spending.length === 0) return;
  const { version, models } = await lookAround(plan.target, profile, shell.ports(shell.stateDirectory));
  const named = Object.values(plan.target.components).reduce((sum, component) => sum + component.models.length, 0);
  const askedModels = Math.max(1, named);
  const product = profile.profile === 'openai-compatible' ? plan.target.name : profile.profile;
  const marked = plan.target.environment === 'production' ? `PRODUCTION ${product}` : product;
  const question = smokeQuestion({
    product: marked,
    version,
    models: models?.length ?? null,
    requests: spending.length * askedModels,
    askedModels,
    aboutUsd: null,
    capUsd: null,
  });
  const answer = await askYesNo(question, { input: process.stdin, output: process.stderr, isTty });
  if (answer !== 'yes') throw new RouterctlError('NOT_CONFIRMED', 'not confirmed; nothing was asked', { hint: 'say it with -y' });
}
