// Lints playbook and suite files: every finding of every file, and whether all are clean.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import { findingJson, renderFinding } from '../playbook/finding.js';
import { lintFile, type PlaybookShelf } from './playbook-shelf.js';

export interface LintResult {
  readonly clean: boolean;
  readonly text: readonly string[];
  readonly json: Json;
}

/** A file that cannot be found or read throws, as for every command; findings do not. */
export async function lintPlaybooks(shelf: PlaybookShelf, names: readonly string[], catalogue: Catalogue): Promise<LintResult> {
  const files = [];
  for (const name of names) files.push(await lintFile(shelf, name, catalogue));
  const total = files.reduce((sum, { findings }) => sum + findings.length, 0);
  const text = files.flatMap(({ file, findings }) => (findings.length === 0 ? [`${file}: ok`] : findings.flatMap(renderFinding)));
  const summary = `${total} error${total === 1 ? '' : 's'} in ${files.length} file${files.length === 1 ? '' : 's'}`;
  return {
    clean: total === 0,
    text: [...text, summary],
    json: { errors: total, files: files.map(({ file, findings }) => ({ file, findings: findings.map(findingJson) })) },
  };
}
