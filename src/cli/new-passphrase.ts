// The passphrase of a new key: by reference, by prompt (twice), or declined in so many words. Never from the command line itself.
import { askPassphrase } from '../adapters/signing-passphrase-prompt.js';
import { RouterctlError } from '../core/errors.js';
import type { Secrets } from '../core/ports/secrets.js';

const shortestPassphrase = 8;

/** null only with `declined`. Throws USAGE when there is no way to get one. */
export async function newPassphrase(
  secrets: Secrets,
  { reference, declined }: { readonly reference: string | undefined; readonly declined: boolean },
): Promise<string | null> {
  if (declined) return null;
  const passphrase = reference === undefined ? await asked() : await secrets.read(reference);
  if (passphrase.length < shortestPassphrase)
    throw new RouterctlError('USAGE', `the passphrase has fewer than ${shortestPassphrase} characters`, {
      hint: 'take a longer one; no key was made',
    });
  return passphrase;
}

async function asked(): Promise<string> {
  const first = await askPassphrase('passphrase for the new key: ');
  if (first === null)
    throw new RouterctlError('USAGE', 'a key needs a passphrase, and there is no terminal to ask on', {
      hint: 'give --passphrase env:NAME (or file:path), or --no-passphrase for an unencrypted key',
    });
  if ((await askPassphrase('once more: ')) !== first)
    throw new RouterctlError('USAGE', 'the two passphrases differ', { hint: 'no key was made; run the same command again' });
  return first;
}
