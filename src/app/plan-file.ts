// Plans on disk, and approvals beside them: `<plan>.approval` says who approved which hash, `<plan>.approval.sig` is its SSH
// signature in the namespace routerctl-plan@v1, so that `ssh-keygen -Y verify` checks an approval too.
import { RouterctlError } from '../core/errors.js';
import { canonicalJson, type Json } from '../core/json.js';
import { type Plan, promiseOf } from '../core/plan.js';
import type { FileWrites } from '../core/ports/files.js';
import type { ReportFiles } from '../core/ports/report-files.js';
import { planNamespace, sshSign, sshVerify } from '../report/ssh-signature.js';
import { makePlan, type PlanRequest } from './make-plan.js';
import { planHash } from './plan-hash.js';
import type { Shell } from './shell.js';
import { openSigner, readTrust, type Signing } from './sign-report.js';

export interface Approval {
  readonly planHash: string;
  readonly approver: string;
  readonly at: string;
  readonly reference: string | null;
}

/** Only this one file is written: the plan may lie in the deployment's own directory. */
export async function writePlan(files: FileWrites, path: string, plan: Plan): Promise<void> {
  await files.replace(path, `${canonicalJson(plan as unknown as Json)}\n`, { mode: 0o644 });
}

/** Throws FILE_MISSING, PLAN_INVALID. */
export async function readPlan(files: ReportFiles, path: string): Promise<Plan> {
  const text = await files.readText(path);
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch (cause) {
    throw new RouterctlError('PLAN_INVALID', `${path} is not a plan: it is not JSON`, {
      cause,
      hint: 'make one: routerctl plan upgrade --to PACKAGE --out FILE',
    });
  }
  const schema = plan !== null && typeof plan === 'object' && 'schema' in plan ? plan.schema : null;
  if (schema !== 'routerctl.plan/v1')
    throw new RouterctlError('PLAN_INVALID', `${path} is not a plan of this version`, {
      hint: 'make one: routerctl plan upgrade --to PACKAGE --out FILE',
    });
  return plan as Plan;
}

/** Makes the plan again on today's state; throws PLAN_DRIFTED with every difference, VERSION_MISMATCH for another tool. */
export async function refuseDrift(shell: Shell, plan: Plan, request: PlanRequest): Promise<void> {
  if (plan.tool.version !== shell.tool.version)
    throw new RouterctlError('VERSION_MISMATCH', `the plan was made by routerctl ${plan.tool.version}, this is ${shell.tool.version}`, {
      hint: 'make the plan again and have it approved',
    });
  const now = await makePlan(shell, request);
  if (planHash(now) === planHash(plan)) return;
  const details = differences(promiseOf(plan), promiseOf(now), '').slice(0, 12);
  throw new RouterctlError('PLAN_DRIFTED', 'the deployment is not what the plan was made for', {
    details,
    hint: 'look at the differences, then make the plan again: routerctl plan upgrade --to PACKAGE --out FILE',
  });
}

function differences(before: Json | undefined, after: Json | undefined, path: string): readonly string[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (before !== null && after !== null && typeof before === 'object' && typeof after === 'object') {
    const [left, right] = [before as Readonly<Record<string, Json>>, after as Readonly<Record<string, Json>>];
    return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
      differences(left[key], right[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return [`${path}: ${JSON.stringify(before ?? null)} -> ${JSON.stringify(after ?? null)}`];
}

export async function approvePlan(shell: Shell, path: string, signing: Signing, reference: string | null): Promise<Approval> {
  const plan = await readPlan(shell.signing.files, path);
  const { key, trust } = await openSigner(shell.signing, signing);
  const approval: Approval = {
    planHash: planHash(plan),
    approver: signing.identity,
    at: new Date(shell.clock.nowMs()).toISOString(),
    reference,
  };
  const bytes = Buffer.from(`${canonicalJson(approval as unknown as Json)}\n`);
  const signature = sshSign(planNamespace, bytes, key);
  const verified = sshVerify(planNamespace, bytes, signature, trust.allowed, {
    identity: signing.identity,
    atMs: shell.clock.nowMs(),
    revoked: trust.revoked,
  });
  if (!verified.ok)
    throw new RouterctlError('NOT_APPROVED', `the approval would not be accepted: ${verified.reason}`, {
      hint: `is the key in ${signing.allowedSigners}, for ${planNamespace}?`,
    });
  const { files } = shell.ports(plan.target.root).on(plan.target.host).acts;
  await files.replace(`${path}.approval`, bytes, { mode: 0o644 });
  await files.replace(`${path}.approval.sig`, signature, { mode: 0o644 });
  return approval;
}

/** The approval of a plan file, checked against the approvers; null when there is none. Throws NOT_APPROVED when there is a bad one. */
export async function readApproval(shell: Shell, path: string, plan: Plan): Promise<Approval | null> {
  const { files } = shell.signing;
  if (!(await files.exists(`${path}.approval`))) return null;
  const allowedSigners = plan.target.policy.approvers ?? plan.target.signing?.allowedSigners;
  if (allowedSigners === undefined)
    throw new RouterctlError('NOT_APPROVED', 'the plan has an approval, but the target names no approvers', {
      hint: 'set policy.approvers of the target',
    });
  const text = await files.readText(`${path}.approval`);
  const trust = await readTrust(files, { allowedSigners, revoked: plan.target.signing?.revoked });
  const approval = JSON.parse(text) as Approval;
  const options = { identity: approval.approver, atMs: Date.parse(approval.at), revoked: trust.revoked };
  const verified = sshVerify(planNamespace, Buffer.from(text), await files.readText(`${path}.approval.sig`), trust.allowed, options);
  if (!verified.ok)
    throw new RouterctlError('NOT_APPROVED', `the approval of ${path} is not valid: ${verified.reason}`, {
      hint: `approvers are listed in ${allowedSigners}`,
    });
  if (approval.planHash !== planHash(plan))
    throw new RouterctlError('NOT_APPROVED', `the approval of ${path} is of another plan (${approval.planHash.slice(0, 8)})`, {
      hint: `have it approved: routerctl approve ${path}`,
    });
  return approval;
}
