// Which targets of a group can answer a request at all. What a request needs is worked out once; a target is never asked for
// what it cannot do, and when none can, the refusal names every need that stood in the way.
import type { Ask } from '../dialects/conversation.js';
import { dialects } from '../dialects/dialects.js';
import { GatewayError } from '../gateway-error.js';
import type { ModelGroup, Target } from './target.js';

export interface Eligibility {
  readonly targets: readonly Target[];
  /** Needs that no target of the group meets together with the others, sorted. */
  readonly missing: readonly string[];
}

/**
 * What a target lacks for a request: `image`, `tools`, `parallel-tools`, `output-cap`, `context`, or a member of the caller's
 * dialect that another dialect cannot say, as `<dialect>:<member>`.
 */
export function missingFor(ask: Ask, target: Target, omitHostedTools: boolean): readonly string[] {
  const missing: string[] = [];
  if (hasImage(ask) && !target.modalities.has('image')) missing.push('image');
  const tooled = ask.tools.length > 0 || (ask.hostedTools.length > 0 && target.dialect === ask.dialect);
  if (tooled && !target.tools) missing.push('tools');
  if (ask.parallelTools === true && ask.tools.length > 0 && target.tools && !target.parallelTools) missing.push('parallel-tools');
  if (ask.maxTokens !== null && !target.honorsMaxTokens) missing.push('output-cap');
  if (ask.maxTokens !== null && ask.maxTokens > target.contextTokens) missing.push('context');
  if (target.dialect !== ask.dialect) {
    missing.push(...ask.nativeOnly, ...dialects[target.dialect].unsaid(ask).needs);
    if (!omitHostedTools) missing.push(...ask.hostedTools.map((type) => `${ask.dialect}:${type}`));
  }
  return missing;
}

export function eligibleTargets(ask: Ask, group: ModelGroup): Eligibility {
  const lacking = group.targets.map((target) => ({ target, missing: missingFor(ask, target, group.omitHostedTools) }));
  const targets = lacking.filter(({ missing }) => missing.length === 0).map(({ target }) => target);
  return { targets, missing: [...new Set(lacking.flatMap(({ missing }) => missing))].sort() };
}

/** The refusal when nobody can; its details name what was asked for and what was missing. */
export function noEligibleTarget(ask: Ask, group: ModelGroup, missing: readonly string[]): GatewayError {
  return new GatewayError('no-eligible-target', `no target of the model group can answer this request: it needs ${missing.join(', ')}`, {
    details: {
      model: group.name,
      dialect: ask.dialect,
      requirements: missing,
      hint: 'ask a model group whose targets can do this, or leave it out of the request',
    },
  });
}

export function hasImage(ask: Ask): boolean {
  if (ask.keptImage) return true;
  return ask.turns.some(({ parts }) =>
    parts.some(
      (part) =>
        part.kind === 'image' ||
        part.kind === 'remote-image' ||
        (part.kind === 'tool-result' && part.content.some(({ kind }) => kind !== 'text')),
    ),
  );
}
