// Is this report what a trusted signer signed, whole and unchanged? Pure: files and trust come in, findings go out. Trust is an
// allowed_signers text and a revocation list from the verifier's own hands; a key found beside a report counts for nothing.
import type { AllowedSigners } from './allowed-signers.js';
import { parseChecksumList, sha256Hex } from './checksum-list.js';
import { verifyBundle } from './dsse.js';
import { checkJournalChain } from './journal-chain.js';
import { bundleName, contentNames, type NamedFiles, readinessName, signatureName, sumsName } from './report-files.js';
import type { Revocations } from './revocations.js';
import { reportNamespace, sshVerify } from './ssh-signature.js';
import { deploymentReportType, statementType, testResultType } from './statement.js';

export interface TrustGiven {
  readonly allowed: AllowedSigners;
  readonly revoked: Revocations;
  readonly identity?: string;
}

export type Verification =
  | {
      readonly ok: true;
      readonly identity: string;
      readonly fingerprint: string;
      readonly runId: string;
      readonly verdictLine: string;
      readonly exitCode: number | null;
      readonly checked: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly code: 'REPORT_UNTRUSTED' | 'KEY_REVOKED'; readonly reason: string; readonly checked: readonly string[] };

class Refusal extends Error {
  readonly code: 'REPORT_UNTRUSTED' | 'KEY_REVOKED';
  constructor(reason: string, code: 'REPORT_UNTRUSTED' | 'KEY_REVOKED' = 'REPORT_UNTRUSTED') {
    super(reason);
    this.code = code;
  }
}

export function verifyReport(files: NamedFiles, trust: TrustGiven): Verification {
  const checked: string[] = [];
  try {
    return { ok: true, ...verified(files, trust, checked), checked };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, code: error.code, reason: error.message, checked };
    throw error;
  }
}

type Findings = Omit<Extract<Verification, { ok: true }>, 'ok' | 'checked'>;

function verified(files: NamedFiles, trust: TrustGiven, checked: string[]): Findings {
  if (!files.has(sumsName) || !files.has(signatureName))
    throw new Refusal('this report is not signed: SHA256SUMS or SHA256SUMS.sig is missing');
  const atMs = statedTime(files);
  const sums = bytesOf(files, sumsName);
  const signer = sshVerify(reportNamespace, sums, textOf(files, signatureName), trust.allowed, {
    atMs,
    revoked: trust.revoked,
    ...identityOf(trust),
  });
  if (!signer.ok) throw new Refusal(`${signatureName}: ${signer.reason}`, signer.code);
  checked.push(`${signatureName}: signed by ${signer.identity} (${signer.fingerprint})`);
  checkSums(files, sums.toString('utf8'));
  checked.push(`${sumsName}: every file is unchanged, and there is no other`);

  const predicate = checkBundle(files, trust, signer.fingerprint, atMs);
  checked.push(`${bundleName}: signature and the digests of ${contentNames.length} files`);
  const report = objectOf(parseJson(textOf(files, 'report.json'), 'report.json'), 'report.json');
  checkJournal(files, report, predicate);
  checked.push('journal.jsonl: chain whole, head as signed');
  if (files.has(readinessName)) {
    checkReadiness(files, trust, signer.fingerprint, atMs, report);
    checked.push(`${readinessName}: signature, and the artifacts of this report`);
  }
  const result = objectOf(report['result'], 'report.json result');
  const exitCode = result['exitCode'];
  return {
    identity: signer.identity,
    fingerprint: signer.fingerprint,
    runId: String(report['runId']),
    verdictLine: String(result['verdictLine']),
    exitCode: typeof exitCode === 'number' ? exitCode : null,
    warnings: warningsOf(predicate, trust),
  };
}

function warningsOf(predicate: Members, trust: TrustGiven): readonly string[] {
  const sealed = objectOf(predicate['journal'], 'journal of the statement')['sealed'] === true;
  return [
    "the time of signing is the signer's own word; no outside authority stamped it",
    ...(sealed ? [] : ['the journal has no end: the run died, or still went on, when this report was made']),
    ...trust.allowed.problems.map((problem) => `allowed signers, ${problem}`),
  ];
}

function checkSums(files: NamedFiles, text: string): void {
  const sums = parseChecksumList(text);
  if (typeof sums === 'string') throw new Refusal(sums);
  for (const [name, digest] of sums) {
    if (!files.has(name)) throw new Refusal(`${name} is missing`);
    if (sha256Hex(bytesOf(files, name)) !== digest) throw new Refusal(`${name} was changed after it was signed`);
  }
  const extra = [...files.keys()].find((name) => name !== sumsName && name !== signatureName && !sums.has(name));
  if (extra !== undefined) throw new Refusal(`${extra} is not covered by the signature`);
}

function checkBundle(files: NamedFiles, trust: TrustGiven, fingerprint: string, atMs: number): Members {
  const statement = statementOf(files, bundleName, trust, fingerprint, atMs, deploymentReportType);
  const digests = subjectsOf(statement);
  for (const name of contentNames) {
    if (digests.get(name) !== sha256Hex(bytesOf(files, name))) throw new Refusal(`${bundleName} does not attest ${name} as it is here`);
  }
  return objectOf(statement['predicate'], 'predicate');
}

function checkReadiness(files: NamedFiles, trust: TrustGiven, fingerprint: string, atMs: number, report: Members): void {
  const digests = new Set(subjectsOf(statementOf(files, readinessName, trust, fingerprint, atMs, testResultType)).values());
  const artifacts = objectOf(report['release'], 'release')['artifacts'];
  const known = new Set((Array.isArray(artifacts) ? artifacts : []).map((artifact: unknown) => objectOf(artifact, 'artifact')['sha256']));
  for (const digest of digests)
    if (!known.has(digest)) throw new Refusal(`${readinessName} attests an artifact that this report does not know`);
}

function statementOf(
  files: NamedFiles,
  name: string,
  trust: TrustGiven,
  fingerprint: string,
  atMs: number,
  predicateType: string,
): Members {
  const bundle = verifyBundle(textOf(files, name), trust.allowed, { revoked: trust.revoked, atMs: () => atMs, ...identityOf(trust) });
  if (!bundle.ok) throw new Refusal(`${name}: ${bundle.reason}`, bundle.code);
  if (bundle.fingerprint !== fingerprint) throw new Refusal(`${name} was signed with another key than ${sumsName}`);
  const statement = objectOf(parseJson(Buffer.from(bundle.statement).toString('utf8'), name), name);
  if (statement['_type'] !== statementType || statement['predicateType'] !== predicateType)
    throw new Refusal(`${name} is not a statement of the type ${predicateType}`);
  return statement;
}

function subjectsOf(statement: Members): ReadonlyMap<string, string> {
  const subjects = statement['subject'];
  if (!Array.isArray(subjects)) throw new Refusal('the statement has no subjects');
  return new Map(
    subjects.map((subject: unknown) => {
      const { name, digest } = objectOf(subject, 'subject');
      return [String(name), String(objectOf(digest, 'digest')['sha256'])];
    }),
  );
}

function checkJournal(files: NamedFiles, report: Members, predicate: Members): void {
  const chain = checkJournalChain(textOf(files, 'journal.jsonl'));
  if (typeof chain === 'string') throw new Refusal(chain);
  for (const [where, journal] of [
    ['the statement', predicate['journal']],
    ['report.json', report['journal']],
  ] as const) {
    const { entries, head } = objectOf(journal, where);
    if (entries !== chain.entries || head !== chain.head) throw new Refusal(`journal.jsonl is not the journal that ${where} names`);
  }
  const runId = objectOf(predicate['run'], 'run')['id'];
  if (runId !== chain.runId || report['runId'] !== chain.runId) throw new Refusal('report, statement and journal are of different runs');
  if (chain.planHash !== null && report['planHash'] !== chain.planHash) throw new Refusal('report and journal are of different plans');
}

/** The end of the run as the report states it; it only decides whether a key with limits was valid. */
function statedTime(files: NamedFiles): number {
  const finishedAt = objectOf(parseJson(textOf(files, 'report.json'), 'report.json'), 'report.json')['finishedAt'];
  const atMs = typeof finishedAt === 'string' ? Date.parse(finishedAt) : Number.NaN;
  if (Number.isNaN(atMs)) throw new Refusal('report.json states no time');
  return atMs;
}

type Members = Readonly<Record<string, unknown>>;
const identityOf = ({ identity }: TrustGiven): { identity?: string } => (identity === undefined ? {} : { identity });

function bytesOf(files: NamedFiles, name: string): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Refusal(`${name} is missing`);
  return Buffer.from(bytes);
}

const textOf = (files: NamedFiles, name: string): string => bytesOf(files, name).toString('utf8');

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(`${name} is not JSON; was it changed or cut short?`);
  }
}

function objectOf(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal(`${what} is not what it should be`);
  return value as Members;
}
