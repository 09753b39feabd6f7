// Every secret that a target refers to or keeps in its files, read once so that the redactor knows them before anything is said.
import { RouterctlError } from '../core/errors.js';
import type { Ports } from '../core/ports/ports.js';
import type { Redactor } from '../core/redaction.js';
import type { Target } from '../core/target.js';
import { fileSecrets, secretReferences } from '../core/target-secrets.js';

/** Reads every reference; returns those that could not be read, each with its reason. */
export async function readSecrets(target: Target, ports: Ports): Promise<readonly string[]> {
  const problems = await unreadableSecrets(target, ports);
  return problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`));
}

export async function unreadableSecrets(target: Target, ports: Ports): Promise<readonly RouterctlError[]> {
  const problems: RouterctlError[] = [];
  for (const reference of secretReferences(target)) {
    try {
      await ports.secrets.read(reference);
    } catch (error) {
      if (!(error instanceof RouterctlError)) throw error;
      problems.push(error);
    }
  }
  return problems;
}

/** Throws SECRET_UNREADABLE for a run that changes something: it reads every one of them, also on the way back. */
export async function refuseUnreadableSecrets(target: Target, ports: Ports): Promise<void> {
  for (const reference of secretReferences(target)) await ports.secrets.read(reference);
}

/** Registers what lies in the target's env and license files. */
export async function registerFileSecrets(target: Target, ports: Ports, redactor: Redactor): Promise<void> {
  for (const { value, label } of await fileSecrets(target, ports.on(target.host).files)) redactor.register(value, label);
}
