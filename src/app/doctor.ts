// Everything that can be known before a window, looked at in one go: what the checks of the playbook `doctor` say, and besides them what
// a run would be refused for. Nothing ends early, so that all findings are told at once.

import { RouterctlError } from '../core/errors.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { Profile } from '../core/profile.js';
import type { Target } from '../core/target.js';
import { pass, warn } from '../core/verdict.js';
import { type Diagnosis, diagnose, faultOf } from './diagnosis.js';
import { examineHost, examineState } from './examine-host.js';
import { examineSecrets, examineTarget } from './examine-target.js';
import { makePlan } from './make-plan.js';
import { observeRun } from './observe-run.js';
import type { Shell } from './shell.js';

export interface Patient {
  readonly target: Target;
  readonly profile: Profile;
  /** null for a router that is known by nothing but its URL. */
  readonly configPath: string | null;
}

export interface Surgery {
  readonly shell: Shell;
  /** Its state directory is a scratch one: looking leaves no record. */
  readonly aside: Shell;
  /** An empty directory that is gone afterwards. */
  readonly scratch: string;
  readonly stop: AbortSignal;
}

export async function doctor(
  { shell, aside, scratch, stop }: Surgery,
  { target, profile, configPath }: Patient,
): Promise<readonly Diagnosis[]> {
  const secrets = await examineSecrets(target, shell.ports(target.root));
  const deployed = Object.values(target.components).some(({ deployment }) => deployment !== undefined);
  const { answers, folder } = await askChecks(aside, target, profile, stop);
  if (stop.aborted) throw new RouterctlError('INTERRUPTED', `signal ${String(stop.reason)}; nothing was changed`);
  const unread = new Set(secrets.map(({ verdict }) => verdict.summary));
  // What a check could not ask for want of a secret is told by that secret.
  const told = answers.filter(({ verdict }) => verdict.status !== 'inconclusive' || !unread.has(verdict.summary));
  const [ofHost, ofTarget] = await Promise.all([
    deployed && folder !== null ? examineHost(shell, folder.plan()) : examineState(shell),
    deployed && folder !== null ? examineTarget(shell, target, profile, folder, scratch) : [],
  ]);
  return [configured(target, configPath, deployed), ...told, ...secrets, ...ofTarget, ...ofHost];
}

function configured(target: Target, configPath: string | null, deployed: boolean): Diagnosis {
  const url = Object.values(target.components).find((component) => component.url !== undefined)?.url ?? '';
  if (configPath === null)
    return { name: 'config', verdict: warn('there is no routerctl.yaml: only the URL is known', { hint: `routerctl init --url ${url}` }) };
  if (deployed) return { name: 'config', verdict: pass(`${configPath} describes ${target.name}`) };
  const verdict = warn(`${configPath}: no component of ${target.name} has a deployment, so that it can only be asked`, {
    hint: `on the host where it runs: routerctl init --url ${url} -o FILE`,
  });
  return { name: 'config', verdict };
}

interface Asked {
  readonly answers: readonly Diagnosis[];
  readonly folder: RunFolder | null;
}

async function askChecks(aside: Shell, target: Target, profile: Profile, stop: AbortSignal): Promise<Asked> {
  try {
    const plan = await makePlan(aside, { playbook: 'doctor', target, profile, inputs: {}, window: null });
    const { folder, events } = await observeRun(aside, plan, { changeRef: null, stop, event: () => undefined });
    const steps = plan.phases.flatMap((phase) => phase.steps.map(({ id }) => id));
    const answers = steps.flatMap((id) => {
      const told = events.findLast((event) => event.type === 'check-finished' && event.data.step === id);
      return told?.type === 'check-finished' ? [{ name: id.replaceAll('_', '-'), verdict: told.data.verdict }] : [];
    });
    return { answers, folder };
  } catch (error) {
    return { answers: [await diagnose('checks', () => faultOf(error))], folder: null };
  }
}
