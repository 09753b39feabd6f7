// The faults that the scripted provider can be told to make: by the model's name, by a request header, or by its control endpoint.

export interface UpstreamFault {
  /** Before the status line. */
  readonly delayMs?: number;
  /** Between the pieces of a streamed answer; 4 by default. */
  readonly pieceDelayMs?: number;
  /** Answer with this status and `body` instead of an answer. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Break the connection after this many pieces of a streamed answer, or in the middle of a plain one. */
  readonly cut?: number;
  /** Leave the token counts out. */
  readonly withoutUsage?: boolean;
}

export interface ControlledFault extends UpstreamFault {
  /** Only requests for this model; all when left out. */
  readonly model?: string;
  /** Only streamed (true) or plain (false) requests; both when left out. */
  readonly stream?: boolean;
  /** How many requests it hits before it is used up; no end when left out. */
  readonly times?: number;
}

/** A model name spells its own faults, joined by `+`: `delay-500`, `pieces-50`, `status-429`, `cut-2`, `no-usage`. */
export function faultOfModel(model: string): UpstreamFault {
  let fault: UpstreamFault = {};
  for (const word of model.split('+')) {
    const [, name, number] = /^(delay|pieces|status|cut)-(\d+)$/.exec(word) ?? [];
    if (name === 'delay') fault = { ...fault, delayMs: Number(number) };
    if (name === 'pieces') fault = { ...fault, pieceDelayMs: Number(number) };
    if (name === 'status') fault = { ...fault, status: Number(number) };
    if (name === 'cut') fault = { ...fault, cut: Number(number) };
    if (word === 'no-usage') fault = { ...fault, withoutUsage: true };
  }
  return fault;
}

export class FaultPlan {
  #planned: { readonly fault: ControlledFault; left: number }[] = [];

  set(faults: readonly ControlledFault[]): void {
    this.#planned = faults.map((fault) => ({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }));
  }

  /** The first planned fault that fits, used up by one. */
  take(request: { readonly model: string; readonly stream: boolean }): UpstreamFault {
    const hit = this.#planned.find(({ fault, left }) => {
      const { model = request.model, stream = request.stream } = fault;
      return left > 0 && model === request.model && stream === request.stream;
    });
    if (hit === undefined) return {};
    hit.left -= 1;
    return hit.fault;
  }
}

export function faultOfHeader(value: string | string[] | undefined): UpstreamFault {
  return typeof value === 'string' ? (JSON.parse(value) as UpstreamFault) : {};
}
