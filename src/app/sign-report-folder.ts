// Signs a report that could not be signed when it was written, for example because the key was missing then.
import { basename, dirname, resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Redactor } from '../core/redaction.js';
import { contentNames } from '../report/report-files.js';
import { readReport } from './show-report.js';
import { openSigner, refuseLeaks, type Signing, type SigningTools, signContent } from './sign-report.js';

/** Takes a report folder or its `unsigned/`; returns the folder that is signed now. Throws LEAK_FOUND, KEY_*, REPORT_UNTRUSTED. */
export async function signReportFolder(tools: SigningTools, directory: string, signing: Signing, redactor: Redactor): Promise<string> {
  const folder = resolve(directory);
  const from = (await tools.files.exists(`${folder}/unsigned`)) ? `${folder}/unsigned` : folder;
  const to = basename(from) === 'unsigned' ? dirname(from) : from;
  const report = await readReport(tools.files, from);
  const all = await tools.files.read(from);
  const content = new Map(contentNames.map((name) => [name as string, contentOf(all, name, from)]));
  refuseLeaks(content, redactor);
  const signed = signContent(report, content, await openSigner(tools, signing));
  await tools.files.write(to, signed, { mode: 0o644 });
  return to;
}

function contentOf(files: ReadonlyMap<string, Uint8Array>, name: string, from: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined)
    throw new RouterctlError('FILE_MISSING', `${from}/${name} does not exist`, {
      hint: 'build the whole report anew: routerctl report build',
    });
  return bytes;
}
