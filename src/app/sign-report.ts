// Signs the files of a report, or says why not. Everything is scanned for secrets first, and what was signed is verified at once
// with the same trust files that a reader would use: a signature that nobody can check is none.
import { RouterctlError } from '../core/errors.js';
import type { ReportFiles } from '../core/ports/report-files.js';
import type { Secrets } from '../core/ports/secrets.js';
import type { SigningKeys } from '../core/ports/signing-keys.js';
import type { Redactor } from '../core/redaction.js';
import type { SigningKey } from '../core/signing-key.js';
import type { Target } from '../core/target.js';
import { parseAllowedSigners } from '../report/allowed-signers.js';
import { signBundle, verifyBundle } from '../report/dsse.js';
import { findLeaks } from '../report/leak-gate.js';
import type { ReportDocument } from '../report/report-document.js';
import { type NamedFiles, signedFiles } from '../report/report-files.js';
import { noRevocations, parseRevocations } from '../report/revocations.js';
import { reportNamespace, sshSign, sshVerify } from '../report/ssh-signature.js';
import { type TrustGiven, verifyReport } from '../report/verify.js';

export type Signing = NonNullable<Target['signing']>;

export interface SigningTools {
  readonly files: ReportFiles;
  readonly keys: SigningKeys;
  readonly secrets: Secrets;
}

export interface Signer {
  readonly key: SigningKey;
  readonly trust: TrustGiven;
  /** The list of revoked keys that was read. */
  readonly revokedIn: string | null;
}

/** Throws what makes signing impossible: KEY_UNSAFE, KEY_INVALID, KEY_REVOKED, SECRET_UNREADABLE, FILE_MISSING … */
export async function openSigner(tools: SigningTools, signing: Signing): Promise<Signer> {
  const passphrase = signing.passphrase === undefined ? null : await tools.secrets.read(signing.passphrase);
  const key = await tools.keys.load(signing.key, passphrase);
  return {
    key,
    trust: await readTrust(tools.files, { allowedSigners: signing.allowedSigners, revoked: signing.revoked, identity: signing.identity }),
    revokedIn: signing.revoked ?? null,
  };
}

export interface TrustPaths {
  readonly allowedSigners: string;
  readonly revoked?: string | undefined;
  readonly identity?: string | undefined;
}

export async function readTrust(files: ReportFiles, { allowedSigners, revoked, identity }: TrustPaths): Promise<TrustGiven> {
  const allowed = parseAllowedSigners(await files.readText(allowedSigners));
  const revocations = revoked === undefined ? noRevocations : parseRevocations(await files.readText(revoked));
  return { allowed, revoked: revocations, ...(identity === undefined ? {} : { identity }) };
}

/** Signs and verifies a throwaway text both ways, so that a run learns before its first live step whether it can end signed. */
export async function proveSigning(
  tools: SigningTools,
  signing: Signing | undefined,
  atMs: number,
): Promise<{ readonly signing: string } | { readonly refused: string; readonly hint: string | null }> {
  if (signing === undefined) return { signing: 'not configured: reports stay unsigned' };
  try {
    const { key, trust, revokedIn } = await openSigner(tools, signing);
    const probe = Buffer.from('{"routerctl":"proof that signing works"}');
    const identity = signing.identity;
    const ssh = sshVerify(reportNamespace, probe, sshSign(reportNamespace, probe, key), trust.allowed, {
      identity,
      atMs,
      revoked: trust.revoked,
    });
    const bundle = verifyBundle(signBundle(probe, key), trust.allowed, { identity, atMs: () => atMs, revoked: trust.revoked });
    const bad = [ssh, bundle].find((verification) => !verification.ok);
    if (bad !== undefined && !bad.ok)
      return {
        refused: `the report could not be signed: ${bad.reason}`,
        hint: bad.code === 'KEY_REVOKED' ? revokedHint(revokedIn) : `put the key into ${signing.allowedSigners}, or choose another one`,
      };
    return { signing: `${identity} ${ssh.ok ? ssh.fingerprint : ''}` };
  } catch (error) {
    if (!(error instanceof RouterctlError)) throw error;
    return { refused: `the report could not be signed: ${error.message}`, hint: error.hint ?? null };
  }
}

const revokedHint = (list: string | null): string =>
  `it is revoked in ${list ?? 'the list of revoked keys'}; sign with another key: signing.key of the target, or --key`;

/** Throws LEAK_FOUND; its details name files and rules, never a value. */
export function refuseLeaks(content: NamedFiles, redactor: Redactor): void {
  const leaks = findLeaks(content, redactor);
  if (leaks.length === 0) return;
  throw new RouterctlError(
    'LEAK_FOUND',
    `the report was not signed: ${leaks.length === 1 ? 'a file holds' : `${leaks.length} files hold`} what looks like a secret`,
    {
      hint: 'look at the files in unsigned/, replace the secret where it is in use, then: routerctl report build',
      details: leaks.map(({ file, rules }) => `${file}: ${rules.join(', ')}`),
    },
  );
}

/** Throws KEY_REVOKED or REPORT_UNTRUSTED when the result would not verify. */
export function signContent(report: ReportDocument, content: NamedFiles, signer: Signer): NamedFiles {
  const files = signedFiles(report, content, signer.key);
  const verification = verifyReport(files, signer.trust);
  if (!verification.ok)
    throw new RouterctlError(verification.code, `the fresh signature does not verify: ${verification.reason}`, {
      hint:
        verification.code === 'KEY_REVOKED'
          ? revokedHint(signer.revokedIn)
          : 'is the key in the allowed signers, for this identity and this time?',
    });
  return files;
}
