// A request that a real provider would not take, with the reason. Strictness is the point: what a router translates wrongly must
// be refused here and not be answered as if it were right.

export class UpstreamRefusal extends Error {
  readonly status: number;

  /** `message` names the member that is wrong and never repeats its value. */
  constructor(message: string, status = 400) {
    super(message);
    this.name = 'UpstreamRefusal';
    this.status = status;
  }
}
