// The classes that a request's latency, tokens and cost are sorted into for the reports, and the finer steps from which
// percentiles are read. A value belongs to the last class whose lower end it reaches.

interface Band {
  readonly from: number;
  readonly name: string;
}

export const latencyBands: readonly Band[] = [
  { from: 0, name: 'under 250 ms' },
  { from: 250, name: '250 ms to 1 s' },
  { from: 1000, name: '1 s to 3 s' },
  { from: 3000, name: '3 s to 10 s' },
  { from: 10_000, name: '10 s to 30 s' },
  { from: 30_000, name: '30 s and more' },
];

export const tokenBands: readonly Band[] = [
  { from: 0, name: 'none' },
  { from: 1, name: 'under 100' },
  { from: 100, name: '100 to 999' },
  { from: 1000, name: '1,000 to 9,999' },
  { from: 10_000, name: '10,000 to 99,999' },
  { from: 100_000, name: '100,000 and more' },
];

export const costBands: readonly Band[] = [
  { from: 0, name: 'free' },
  { from: 1e-9, name: 'under $0.001' },
  { from: 0.001, name: '$0.001 to $0.01' },
  { from: 0.01, name: '$0.01 to $0.10' },
  { from: 0.1, name: '$0.10 to $1' },
  { from: 1, name: '$1 and more' },
];

export function bandOf(bands: readonly Band[], value: number): string {
  let name = bands[0]?.name ?? '';
  for (const band of bands) {
    if (value < band.from) break;
    name = band.name;
  }
  return name;
}

/** Lower end and upper end (null: open) of a band by its name, for filters; null when there is no such band. */
export function boundsOf(bands: readonly Band[], name: string): { readonly from: number; readonly below: number | null } | null {
  const at = bands.findIndex((band) => band.name === name);
  const band = bands[at];
  return band === undefined ? null : { from: band.from, below: bands[at + 1]?.from ?? null };
}

/** Steps per doubling; a percentile read from them is at most 9.1 per cent too high. */
const stepsPerDoubling = 8;

/** The step of a duration in milliseconds: 0 for less than 1 ms. */
export function stepOf(durationMs: number): number {
  return durationMs < 1 ? 0 : 1 + Math.floor(Math.log2(durationMs) * stepsPerDoubling + 1e-9);
}

/** The upper end of a step, in milliseconds. */
export function endOfStep(step: number): number {
  return step === 0 ? 1 : 2 ** (step / stepsPerDoubling);
}
