// What a target itself needs for a change: secrets that can be read, also by the guard, a key, a place for backups that can be opened
// again, a program that could be started, databases of a known shape, and people who may approve.
import { join } from 'node:path';
import type { Ports } from '../core/ports/ports.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { Profile } from '../core/profile.js';
import { serviceOf } from '../core/service-of.js';
import type { Database, Target } from '../core/target.js';
import { secretReferences } from '../core/target-secrets.js';
import { fail, pass, skip, type Verdict, warn } from '../core/verdict.js';
import { parseAllowedSigners } from '../report/allowed-signers.js';
import { type Diagnosis, diagnose, faultOf } from './diagnosis.js';
import { unreadableSecrets } from './known-secrets.js';
import type { Shell } from './shell.js';
import { proveSigning } from './sign-report.js';

const PROOF_LIMIT_MS = 20_000;

export async function examineSecrets(target: Target, ports: Ports): Promise<readonly Diagnosis[]> {
  const problems = await unreadableSecrets(target, ports);
  if (problems.length > 0) return problems.map((problem) => ({ name: 'secret', verdict: faultOf(problem) }));
  const count = secretReferences(target).length;
  return [
    {
      name: 'secrets',
      verdict:
        count === 0
          ? skip('the target refers to none')
          : pass(`${count === 1 ? 'the one reference' : `all ${count} references`} can be read`),
    },
  ];
}

/** `folder` holds the plan whose target the guard is asked about; `scratch` is an empty directory that is gone afterwards. */
export async function examineTarget(
  shell: Shell,
  target: Target,
  profile: Profile,
  folder: RunFolder,
  scratch: string,
): Promise<readonly Diagnosis[]> {
  const ports = shell.ports(target.root);
  const deployed = Object.keys(target.components).filter((name) => serviceOf(target, name) !== null);
  return await Promise.all([
    diagnose("guard's secrets", () => readableByGuard(shell, target, folder)),
    diagnose('signing', () => signing(shell, target)),
    diagnose('backup', () => backup(target, ports, scratch)),
    diagnose('policy', () => policy(shell, target)),
    ...deployed.map((name) => diagnose(deployed.length === 1 ? 'start' : `start ${name}`, () => startable(target, name, ports))),
    ...Object.entries(target.databases).map(([name, database]) => diagnose(`database ${name}`, () => readable(database, profile, ports))),
  ]);
}

async function readableByGuard(shell: Shell, target: Target, folder: RunFolder): Promise<Verdict> {
  const { exitCode, stdout, stderr } = await shell.processes.runBare(['run', 'prove', folder.path], PROOF_LIMIT_MS);
  if (exitCode === 0) return pass(secretReferences(target).length === 0 ? 'it needs none' : 'it can read them without your shell');
  const [first = 'it gave no answer', ...details] = (stdout.trim() || stderr.trim()).split('\n');
  return fail(`a guard could not finish a run: ${first}`, {
    details,
    hint: 'it outlives your shell: use file: or command: references, not env:',
  });
}

async function signing(shell: Shell, { signing: signer }: Target): Promise<Verdict> {
  if (signer === undefined)
    return warn('reports stay unsigned: the target names no key', {
      hint: 'routerctl key generate --identity you@example.org, then name it under `signing`',
    });
  const proof = await proveSigning(shell.signing, signer, shell.clock.nowMs());
  if ('signing' in proof) return pass(`signs and verifies as ${proof.signing}`);
  return fail(proof.refused, proof.hint === null ? {} : { hint: proof.hint });
}

async function backup(target: Target, ports: Ports, scratch: string): Promise<Verdict> {
  if (target.backup === undefined)
    return fail('the target names no backup: an upgrade saves everything first', {
      hint: 'add backup: { directory: …, recipients: [age1…] } to the target; a key pair is made with: age-keygen -o backup-key.txt',
    });
  const { directory, recipients } = target.backup;
  const { files, acts } = ports.on(target.host);
  if (!(await files.mayWrite(directory)))
    return fail(`this user cannot write in ${directory}`, { hint: 'change its owner, or point backup.directory elsewhere' });
  const [plain, sealed] = [join(scratch, 'plain'), join(scratch, 'sealed')];
  await acts.files.replace(plain, 'can it be encrypted?');
  try {
    await acts.vault.encrypt(plain, sealed, recipients);
  } catch {
    return fail('a recipient of the backup is no age public key', {
      hint: 'copy it again: the line that begins with age1, from age-keygen -y backup-key.txt',
    });
  }
  return pass(`${directory} can be written, for ${recipients.length === 1 ? '1 recipient' : `${recipients.length} recipients`}`);
}

async function policy(shell: Shell, { policy: rules }: Target): Promise<Verdict> {
  const window = rules.window === 'required' ? 'a window must be given: --window 02:00-03:00' : 'no window is asked for';
  if (rules.approval !== 'required' || rules.approvers === undefined) return pass(`${window}, and no approval`);
  const { signers, problems } = parseAllowedSigners(await shell.signing.files.readText(rules.approvers));
  if (signers.length === 0)
    return fail(`nobody may approve: ${rules.approvers} names no key`, {
      details: problems,
      hint: 'put the line of an approver there: routerctl key generate prints it',
    });
  const said = `${window}; ${signers.length === 1 ? '1 key' : `${signers.length} keys`} may approve`;
  return problems.length === 0
    ? pass(said)
    : warn(`${said}, but ${problems[0] ?? ''}`, { details: problems, hint: `correct ${rules.approvers}` });
}

async function startable(target: Target, name: string, ports: Ports): Promise<Verdict> {
  const service = serviceOf(target, name);
  if (service === null) return skip('the component has no deployment');
  const would = await ports.on(target.host).services.startable(service);
  if ('problem' in would) return fail(would.problem, { hint: would.hint });
  if (would.stale !== undefined) return warn(would.stale.problem, { hint: would.stale.hint });
  return pass(`a restart would start ${would.program}`);
}

/** Only one row is read: counting millions is the backup's business. */
async function readable(database: Database, { usage, profile }: Profile, ports: Ports): Promise<Verdict> {
  const { databases } = ports.on(database.host ?? 'local');
  const bytes = await databases.size(database);
  if (usage === undefined) return pass(`${bytes} bytes; the profile ${profile} does not say what should be in it`);
  const { table, settleMs: _settle, ...columns } = usage;
  const named = Object.values(columns).filter((column) => column !== undefined);
  await databases.select(database, { table, columns: named, limit: 1 });
  return pass(`${table} has every column that the profile ${profile} names`);
}
