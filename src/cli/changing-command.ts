// Commands that change a deployment: refuse what must be refused, show the plan, ask, start the run in a process of its own,
// view it, and end with its last words.

import { refuseUnreadableSecrets } from '../app/known-secrets.js';
import { type LastDowntime, lastDowntime } from '../app/last-downtime.js';
import type { PlanRequest } from '../app/make-plan.js';
import { makePlan } from '../app/make-plan.js';
import { type Approval, readApproval, readPlan, refuseDrift } from '../app/plan-file.js';
import { planHash } from '../app/plan-hash.js';
import type { Shell } from '../app/shell.js';
import { altersDeployment, refuseStart, startRun, versionOf } from '../app/start-run.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Plan } from '../core/plan.js';
import type { RunOrder } from '../core/ports/run-folders.js';
import { versionInUse } from '../report/release-facts.js';
import { planLines } from '../ui/plan-screen.js';
import { styleFor } from '../ui/style.js';
import type { CommandResult } from './base-command.js';
import { confirmChange } from './confirm-change.js';
import { printProgress, terminalColumns } from './print.js';
import { runSummary } from './run-summary.js';
import { TargetCommand } from './target-command.js';
import { viewRun } from './view-run.js';

export interface ChangeRequest {
  readonly plan: Plan;
  readonly approval: Approval | null;
  readonly changeRef: string | null;
  readonly overrides: RunOrder['overrides'];
  readonly yes: boolean;
}

export interface ViewFlags {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
}

export abstract class ChangingCommand extends TargetCommand {
  /** Binds the plan anew, or reads the file and refuses drift. */
  protected async planFor(shell: Shell, request: PlanRequest, planFile: string | null): Promise<{ plan: Plan; approval: Approval | null }> {
    if (planFile === null) return { plan: await makePlan(shell, request), approval: null };
    const written = await readPlan(shell.signing.files, planFile);
    const plan = { ...written, window: request.window ?? written.window };
    const approval = await readApproval(shell, planFile, plan);
    await refuseDrift(shell, written, request);
    return { plan, approval };
  }

  protected async change(shell: Shell, request: ChangeRequest, flags: ViewFlags): Promise<CommandResult> {
    const { plan, approval, changeRef, overrides } = request;
    refuseUnapproved(request);
    refuseStart(shell, { plan, overrides });
    await refuseUnreadableSecrets(plan.target, shell.ports(plan.target.root));
    await this.confirm(shell, request, flags);
    const started = await startRun(shell, { plan, changeRef, approval: approval as unknown as Json, overrides });
    return runSummary(shell, started.folder, await viewRun(shell, started, flags));
  }

  private async confirm(shell: Shell, request: ChangeRequest, flags: ViewFlags): Promise<void> {
    const { plan, approval, yes } = request;
    const isTty = process.stdin.isTTY && process.stderr.isTTY;
    if (!flags.quiet && !flags.json && isTty) {
      for (const line of planPreview(plan, { out: process.stderr, down: await lastDowntime(shell, plan.target) })) printProgress(line);
    }
    if (yes || (approval !== null && !isTty)) return;
    await confirmChange(plan.target, `Go on with ${plan.target.name}?`, false);
  }
}

function refuseUnapproved({ plan, approval, overrides }: ChangeRequest): void {
  if (plan.target.policy.approval !== 'required' || approval !== null || !altersDeployment(plan)) return;
  if (overrides.some(({ rule }) => rule === 'approval')) return;
  throw new RouterctlError('NOT_APPROVED', `the policy of ${plan.target.name} asks for an approval and there is none`, {
    hint: 'routerctl plan upgrade --to PACKAGE --out FILE, have it approved with routerctl approve FILE, then routerctl upgrade FILE',
  });
}

export interface PreviewOptions {
  /** Where it is printed; stdout when left out. */
  readonly out?: NodeJS.WriteStream;
  readonly file?: string | null;
  readonly verbose?: boolean;
  /** As the last upgrade measured it. */
  readonly down?: LastDowntime | null;
}

export function planPreview(plan: Plan, options: PreviewOptions = {}): readonly string[] {
  const out = options.out ?? process.stdout;
  const changes = plan.phases.flatMap(({ steps }) => steps.filter((step) => step.type === 'change'));
  const rollback = plan.changing ? 'automatic until the last commit; validated against the baseline' : null;
  const input = {
    plan,
    hash: planHash(plan),
    from: versionInUse(plan),
    to: versionOf(plan),
    downtime: changes.some(({ impact }) => impact === 'live') ? (options.down ?? null) : null,
    rollback,
    byHand: null,
    file: options.file ?? null,
    verbose: options.verbose ?? false,
  };
  return planLines(input, terminalColumns(out), styleFor(process.env, out.isTTY));
}
