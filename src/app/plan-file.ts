// Plans on disk, and approvals beside them: `<plan>.approval` says who approved which hash, `<plan>.approval.sig` is its SSH
// signature in the namespace routerctl-plan@v1, so that `ssh-keygen -Y verify` checks an approval too.
import { RouterctlError } from '../core/errors.js';
import { canonicalJson, type Json } from '../core/json.js';
import { type Plan, promiseOf } from '../core/plan.js';
import type { FileWrites } from '../core/ports/files.js';
import type { ReportFiles } from '../core/ports/report-files.js';
import { planNamespace, sshSign, sshVerify } from '../report/ssh-signature.js';
import { sshFingerprint, sshPublicBlob } from '../report/ssh-wire.js';
import { makePlan, type PlanRequest } from './make-plan.js';
import { planHash } from './plan-hash.js';
import type { Shell } from './shell.js';
import { openSigner, readTrust, type Signing } from './sign-report.js';

export interface Approval {
  readonly planHash: string;
  /** The one that the plan had when it was approved: it is not part of the hash. */
  readonly window: Plan['window'];
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
  // The run's own key may lie on another machine: its path is all that can be asked here. Its fingerprint is asked before the run.
  if (plan.target.policy.approval === 'required' && signing.key === plan.target.signing?.key) throw ownApproval(`${signing.key} is`, path);
  const { key, trust } = await openSigner(shell.signing, signing);
  const approval: Approval = {
    planHash: planHash(plan),
    window: plan.window,
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

/**
 * The approval of a plan file, checked against the approvers; null when there is none. Throws NOT_APPROVED when there is a bad one.
 * `plan` has the window in which it is about to run.
 */
export async function readApproval(shell: Shell, path: string, plan: Plan): Promise<Approval | null> {
  const { files } = shell.signing;
  if (!(await files.exists(`${path}.approval`))) return null;
  const { policy, signing } = plan.target;
  const allowedSigners = policy.approvers ?? (policy.approval === 'required' ? undefined : signing?.allowedSigners);
  if (allowedSigners === undefined)
    throw new RouterctlError('NOT_APPROVED', 'the plan has an approval, but the target names no approvers', {
      hint: 'set policy.approvers of the target',
    });
  const text = await files.readText(`${path}.approval`);
  const trust = await readTrust(files, { allowedSigners, revoked: signing?.revoked });
  const approval = parseApproval(text, path);
  const options = { identity: approval.approver, atMs: Date.parse(approval.at), revoked: trust.revoked };
  const verified = sshVerify(planNamespace, Buffer.from(text), await files.readText(`${path}.approval.sig`), trust.allowed, options);
  if (!verified.ok)
    throw new RouterctlError('NOT_APPROVED', `the approval of ${path} is not valid: ${verified.reason}`, {
      hint: `approvers are listed in ${allowedSigners}`,
    });
  if (policy.approval === 'required' && signing !== undefined && verified.fingerprint === (await ownFingerprint(shell, signing)))
    throw ownApproval(`the approval of ${path} is by`, path);
  if (Date.parse(approval.at) > shell.clock.nowMs() + CLOCKS_DIFFER_MS)
    throw new RouterctlError('NOT_APPROVED', `the approval of ${path} is from the future (${approval.at})`, {
      hint: 'compare the clocks of both machines, then have it approved again',
    });
  if (approval.planHash !== planHash(plan))
    throw new RouterctlError('NOT_APPROVED', `the approval of ${path} is of another plan (${approval.planHash.slice(0, 8)})`, {
      hint: `have it approved: routerctl approve ${path}`,
    });
  if (canonicalJson(approval.window) !== canonicalJson(plan.window))
    throw new RouterctlError(
      'NOT_APPROVED',
      `the approval of ${path} is for ${windowWords(approval.window)}, not for ${windowWords(plan.window)}`,
      { hint: 'make the plan with the window in which it is to run (routerctl plan … --window), and have that approved' },
    );
  return approval;
}

/** How far the clock of the approver's machine may be ahead. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

function parseApproval(text: string, path: string): Approval {
  try {
    const { planHash: hash, approver, at, reference, window } = JSON.parse(text) as Approval;
    if ([hash, approver, at].every((word) => typeof word === 'string') && !Number.isNaN(Date.parse(at)))
      return { planHash: hash, approver, at, reference, window: window ?? null };
  } catch {
    // Told below, as for a text that is JSON and no approval.
  }
  throw new RouterctlError('NOT_APPROVED', `${path}.approval is not an approval`, { hint: `have it approved: routerctl approve ${path}` });
}

async function ownFingerprint(shell: Shell, signing: Signing): Promise<string> {
  const { key } = await openSigner(shell.signing, signing);
  return sshFingerprint(sshPublicBlob(key.publicKey));
}

function ownApproval(what: string, path: string): RouterctlError {
  return new RouterctlError('NOT_APPROVED', `${what} the key that signs the run’s own report`, {
    hint: `somebody else approves, with a key of their own: routerctl approve ${path} --key KEY --identity WHO`,
  });
}

const windowWords = (window: Plan['window']): string => (window === null ? 'no window' : `the window ${window.from} to ${window.to}`);
