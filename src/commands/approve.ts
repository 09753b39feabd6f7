// `routerctl approve`: a second person signs the hash of a plan.
import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { approvePlan, readPlan } from '../app/plan-file.js';
import type { CommandResult } from '../cli/base-command.js';
import { planPreview } from '../cli/changing-command.js';
import { TargetCommand } from '../cli/target-command.js';
import { openShell } from '../cli/wiring.js';
import type { Json } from '../core/json.js';

export default class Approve extends TargetCommand {
  static override summary = 'Sign a plan: only this plan may then run under this approval.';
  static override description = `Writes FILE.approval and FILE.approval.sig (SSH signature, namespace routerctl-plan@v1). The approval
holds for this plan and for its window: give the window to "routerctl plan". Where the policy asks for an approval, the key that
signs the run's own report cannot give it.

EXIT STATUS
  0  approved
  2  wrong usage, not a plan, or the key cannot be used
  6  the signature would not be accepted, the key is the run's own, revoked, or readable by others`;
  static override examples = [
    '<%= config.bin %> approve tonight.plan --key keys/bob.pem --identity bob@example --allowed-signers keys/approvers --reference CHG0042',
  ];
  static override args = { plan: Args.string({ description: 'plan file', required: true }) };
  static override flags = {
    key: Flags.string({ description: 'key of the approver (default, where the policy asks for no approval: the one of the target)' }),
    identity: Flags.string({ description: 'who approves, as in the allowed signers' }),
    'allowed-signers': Flags.string({ description: 'who may approve (default: policy.approvers of the target)' }),
    reference: Flags.string({ description: 'reference of the change, for the record' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { args, flags } = await this.parse(Approve);
    const shell = await openShell();
    const path = resolve(args.plan);
    const plan = await readPlan(shell.signing.files, path);
    const { signing, policy } = plan.target;
    // Where an approval is required, whoever signs the run's report is not the one who approves it.
    const own = policy.approval === 'required' ? undefined : signing;
    const allowed = flags['allowed-signers'] ?? policy.approvers ?? own?.allowedSigners;
    const key = flags.key ?? own?.key;
    const identity = flags.identity ?? own?.identity;
    if (key === undefined || identity === undefined || allowed === undefined)
      this.error('an approval needs --key, --identity and --allowed-signers, or a target that has them', { exit: 2 });
    const passphrase = flags.key === undefined ? own?.passphrase : undefined;
    const revoked = signing?.revoked;
    const used = {
      key: resolve(key),
      identity,
      allowedSigners: resolve(allowed),
      ...(revoked === undefined ? {} : { revoked }),
      ...(passphrase === undefined ? {} : { passphrase }),
    };
    const approval = await approvePlan(shell, path, used, flags.reference ?? null);
    const text = [
      ...planPreview(plan),
      `  approved   by ${approval.approver}, plan ${approval.planHash.slice(0, 8)}`,
      `  NEXT       routerctl upgrade ${args.plan}`,
    ];
    return { exitCode: 0, text, json: approval as unknown as Json };
  }
}
