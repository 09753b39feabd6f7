// In which order the eligible targets of a group are asked. The first is the choice; the rest are its fallbacks.
import type { ModelGroup, Target } from './target.js';
import type { TargetSpeed } from './target-speed.js';

export interface Ordering {
  readonly speed: TargetSpeed;
  /** In [0, 1). */
  readonly random: () => number;
  /** What this very request is expected to cost at a target. */
  readonly priceUsd: (target: Target) => number;
}

/**
 * `static`: the first target alone. `failover`: the order of the config. `weighted`: drawn by weight, then the rest in the
 * order of the config. `latency`: the fastest first, unmeasured ones before all so that they become measured, and ones that
 * failed lately after all others. `cost`: the cheapest for this request first.
 */
export function orderTargets(group: ModelGroup, eligible: readonly Target[], ordering: Ordering): readonly Target[] {
  switch (group.strategy) {
    case 'static':
      return eligible.slice(0, 1);
    case 'failover':
      return eligible;
    case 'weighted':
      return drawn(eligible, ordering.random());
    case 'latency':
      return stable(eligible, (target) => ordering.speed.ofMs(target.key) ?? -1);
    case 'cost':
      return stable(eligible, ordering.priceUsd);
  }
}

function drawn(targets: readonly Target[], random: number): readonly Target[] {
  let left = random * targets.reduce((sum, { weight }) => sum + weight, 0);
  for (const chosen of targets) {
    left -= chosen.weight;
    if (left < 0) return [chosen, ...targets.filter((target) => target !== chosen)];
  }
  return targets;
}

function stable(targets: readonly Target[], measure: (target: Target) => number): readonly Target[] {
  return targets
    .map((target, index) => ({ target, index, value: measure(target) }))
    .sort((left, right) => left.value - right.value || left.index - right.index)
    .map(({ target }) => target);
}
