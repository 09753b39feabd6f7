// Faults that a lab package carries on purpose, so that an upgrade to a bad version can be practised: probes, version and
// plain chat stay perfect while streams are wrong. Kept apart, so that the honest code has exactly two places that ask.

export const defectNames = ['cut-streams', 'no-stream-usage'] as const;

export type Defect = (typeof defectNames)[number];

export interface StreamProgress {
  readonly contentDeltas: number;
  /** The next event would end the answer. */
  readonly finishing: boolean;
}

export class Defects {
  readonly #names: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  /** The stream ends without finish reason and marker, after two deltas where there are so many. */
  cutsStreamAt(progress: StreamProgress): boolean {
    return this.#names.has('cut-streams') && (progress.finishing || progress.contentDeltas >= 2);
  }

  forgetsUsageOf(request: { readonly stream: boolean }): boolean {
    return this.#names.has('no-stream-usage') && request.stream;
  }
}
