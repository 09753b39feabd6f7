// The two pages that a package's own release note becomes: the note itself, and the releases that it names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Release } from '../release.js';
import { type DocsPage, htmlTable } from './docs-page.js';
import { htmlText } from './html-text.js';
import { markdownToHtml } from './markdown.js';

const largestBytes = 256 * 1024;
const noNote = '<p>This program runs from its sources and carries no release note.</p>';

/** The text of `RELEASE_NOTES.md`, cut at 256 KiB; null when the program lies in no package, or the package has none. */
export function readReleaseNote({ packageDirectory }: Release): string | null {
  if (packageDirectory === undefined) return null;
  try {
    return readFileSync(join(packageDirectory, 'RELEASE_NOTES.md')).subarray(0, largestBytes).toString('utf8');
  } catch {
    return null;
  }
}

export function releaseNotesPage(note: string | null): DocsPage {
  return { title: 'Release Notes', body: note === null ? noNote : markdownToHtml(note) };
}

export function releasesPage({ version, commit, buildDate }: Release, note: string | null): DocsPage {
  const earlier = versionsIn(note ?? '').filter((known) => known !== version);
  const rows = [
    [htmlText(version), htmlText(buildDate), `<code>${htmlText(commit)}</code>`, '<a href="/docs/release-notes">this build</a>'],
    ...earlier.map((known) => [htmlText(known), '', '', '<a href="/docs/release-notes">named in the release notes</a>']),
  ];
  return { title: 'Releases', body: htmlTable(['Version', 'Build date', 'Commit', 'Release note'], rows) };
}

/** Versions that a heading of the first or second level names, in their order. */
function versionsIn(note: string): readonly string[] {
  const headings = note.split('\n').filter((line) => /^##? /.test(line));
  return [...new Set(headings.flatMap((line) => /\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/.exec(line)?.[1] ?? []))];
}
