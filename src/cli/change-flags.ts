// Flags that every changing command shares, and what they mean.
import { Flags } from '@oclif/core';
import { operator } from '../app/run-order.js';
import { RouterctlError } from '../core/errors.js';
import type { RunOrder } from '../core/ports/run-folders.js';
import type { ImpactId } from '../core/release-note.js';

const RULES = ['window', 'approval', 'bad-version'];

const IMPACTS: readonly ImpactId[] = ['operator', 'database', 'license', 'caller', 'note'];

export const changeFlags = {
  yes: Flags.boolean({ char: 'y', description: 'do not ask; needed without a terminal unless an approved plan is given' }),
  window: Flags.string({ description: 'maintenance window: 02:00-03:00 here, or two RFC 3339 times joined by /' }),
  acknowledge: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    options: IMPACTS,
    description: 'an impact of the release note that you have read; "note" for what the note is silent on',
  }),
  change: Flags.string({ description: 'reference of the change, for the record (CHG0042)' }),
  override: Flags.string({
    multiple: true,
    description: `overrule a rule with a reason that stands in the report: ${RULES.map((rule) => `${rule}=…`).join(', ')}`,
  }),
};

export const impactsOf = (given: readonly string[] = []): readonly ImpactId[] => IMPACTS.filter((impact) => given.includes(impact));

export function overridesOf(given: readonly string[], despiteBad: string | undefined): RunOrder['overrides'] {
  const by = String(operator()['user']);
  const overrides = given.map((text) => {
    const [rule = '', ...rest] = text.split('=');
    const reason = rest.join('=').trim();
    if (!RULES.includes(rule) || reason === '')
      throw new RouterctlError('USAGE', `--override ${text} says no rule with a reason`, {
        hint: `write --override "window=reason"; rules: ${RULES.join(', ')}`,
      });
    return { rule, reason, by };
  });
  if (despiteBad === undefined) return overrides;
  if (despiteBad.trim() === '')
    throw new RouterctlError('USAGE', '--despite-bad needs a reason', { hint: '--despite-bad "fixed by the provider"' });
  return [...overrides, { rule: 'bad-version', reason: despiteBad.trim(), by }];
}
