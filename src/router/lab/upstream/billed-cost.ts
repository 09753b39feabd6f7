// What the scripted provider says it bills. At rates of its own, so that it never happens to equal the cost that a router
// computes from its config.
import type { TokenCounts } from './token-counts.js';

export interface BilledUsd {
  readonly inputUsd: number;
  readonly outputUsd: number;
  readonly totalUsd: number;
}

const usdPerInputToken = 0.000_003_7;
const usdPerOutputToken = 0.000_011_3;

export function billedFor({ input, output }: TokenCounts): BilledUsd {
  const inputUsd = rounded(input * usdPerInputToken);
  const outputUsd = rounded(output * usdPerOutputToken);
  return { inputUsd, outputUsd, totalUsd: rounded(inputUsd + outputUsd) };
}

function rounded(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}
