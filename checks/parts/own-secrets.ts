// The secrets that a target has in use, to be looked for by value: a caller's token has no shape that could be known in advance.
import { RouterctlError } from '../../src/core/errors.js';
import type { ReadPorts } from '../../src/core/ports/ports.js';
import type { Target } from '../../src/core/target.js';
import { fileSecrets, secretReferences } from '../../src/core/target-secrets.js';

export interface OwnSecret {
  /** Where it lies; never the value. */
  readonly label: string;
  readonly value: string;
}

export interface OwnSecrets {
  readonly secrets: readonly OwnSecret[];
  /** References that cannot be read here, so that nobody can look for what they hold. */
  readonly unread: readonly string[];
}

export async function ownSecrets(target: Target, ports: ReadPorts): Promise<OwnSecrets> {
  const secrets: OwnSecret[] = [];
  const unread: string[] = [];
  for (const reference of secretReferences(target)) {
    const label = reference.startsWith('command:') ? 'command' : reference;
    try {
      secrets.push({ label, value: await ports.secrets.read(reference) });
    } catch (error) {
      if (!(error instanceof RouterctlError)) throw error;
      unread.push(label);
    }
  }
  const inFiles = await fileSecrets(target, ports.on(target.host).files);
  return { secrets: [...secrets, ...inFiles.filter(({ value }) => !isOrdinary(value))], unread };
}

/** `AUTH_MODE=required` is named like a secret, and every manual holds the word; addresses and paths are in every example. */
function isOrdinary(value: string): boolean {
  return /^[a-z]+([-_. ][a-z]+)?$/i.test(value) || /^-?[\d.]+$/.test(value) || /^(https?:\/\/[^@?]*|\/[\w./-]*)$/.test(value);
}
