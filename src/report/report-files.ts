// The files of a report by name, first as they are read by people and programs, then with the signatures over them.
import type { SigningKey } from '../core/signing-key.js';
import { checksumList } from './checksum-list.js';
import { signBundle } from './dsse.js';
import { renderHtml } from './render-html.js';
import { renderJunit } from './render-junit.js';
import { renderMarkdown } from './render-markdown.js';
import type { ReportDocument } from './report-document.js';
import { reportNamespace, sshSign } from './ssh-signature.js';
import { deploymentStatement, readinessStatement } from './statement.js';

export type NamedFiles = ReadonlyMap<string, Uint8Array>;

export const contentNames = ['report.json', 'report.md', 'report.html', 'junit.xml', 'journal.jsonl'] as const;
export const bundleName = 'report.sigstore.json';
export const readinessName = 'readiness.sigstore.json';
export const sumsName = 'SHA256SUMS';
export const signatureName = 'SHA256SUMS.sig';

/** `journalLines` goes in byte for byte: the chain hashes exactly those bytes. */
export function contentFiles(report: ReportDocument, journalLines: string): NamedFiles {
  const texts: Readonly<Record<(typeof contentNames)[number], string>> = {
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'report.md': renderMarkdown(report),
    'report.html': renderHtml(report),
    'junit.xml': renderJunit(report),
    'journal.jsonl': journalLines,
  };
  return new Map(contentNames.map((name) => [name, Buffer.from(texts[name])]));
}

export function signedFiles(report: ReportDocument, content: NamedFiles, key: SigningKey): NamedFiles {
  const files = new Map(content);
  files.set(bundleName, Buffer.from(signBundle(Buffer.from(deploymentStatement(report, content)), key)));
  const readiness = readinessStatement(report);
  if (readiness !== null) files.set(readinessName, Buffer.from(signBundle(Buffer.from(readiness), key)));
  const sums = Buffer.from(checksumList(files));
  return files.set(sumsName, sums).set(signatureName, Buffer.from(sshSign(reportNamespace, sums, key)));
}
