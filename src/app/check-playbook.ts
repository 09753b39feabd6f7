// A playbook of one check, made on the spot, so that a single question goes through the same language, engine and report as every run.
import { createHash } from 'node:crypto';
import type { Catalogue } from '../core/catalogue.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { hintFor } from '../playbook/nearest.js';
import { readPlaybook } from '../playbook/playbook.js';
import { invalidPlaybook, type LoadedPlaybook } from './playbook-shelf.js';

export interface CheckQuestion {
  readonly kind: string;
  readonly on: string | null;
  readonly with: Readonly<Record<string, Json>>;
}

/** Throws USAGE for an unknown kind, PLAYBOOK_INVALID for options that the kind does not have. */
export function checkPlaybook(
  { kind, on, with: options }: CheckQuestion,
  catalogue: Catalogue,
): Pick<LoadedPlaybook, 'playbook' | 'sha256'> {
  const kinds = [...catalogue.checks.keys()];
  const definition = catalogue.checks.get(kind);
  if (definition === undefined)
    throw new RouterctlError('USAGE', `there is no check ${kind}`, {
      hint: hintFor(kind, kinds) ?? `kinds: ${kinds.join(', ')}; routerctl check list says what they ask`,
    });
  const step = { id: kind.replaceAll('-', '_'), check: kind, ...(on === null ? {} : { on }), with: options };
  const document = { routerctl: 1, name: `check-${kind}`, title: definition.title, phases: [{ name: 'check', steps: [step] }] };
  const text = JSON.stringify(document, null, 2);
  const read = readPlaybook({ file: `check ${kind}`, text }, new Map(), catalogue);
  if ('findings' in read) throw invalidPlaybook(`check ${kind}`, read.findings);
  return { playbook: read.playbook, sha256: createHash('sha256').update(text).digest('hex') };
}
