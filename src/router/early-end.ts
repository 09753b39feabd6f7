// Why something that is under way ends before its answer, and who must hear of it. A request has one and each of its attempts
// another; they are made so often that an AbortSignal costs too much, and one is made only for an API that wants it.
import type { GatewayError } from './gateway-error.js';

export class EarlyEnd {
  #reason: GatewayError | null = null;
  #listeners: readonly (() => void)[] = [];
  #controller: AbortController | null = null;

  /** Null while nothing speaks against going on. */
  get reason(): GatewayError | null {
    return this.#reason;
  }

  /** The first reason stays. */
  end(reason: GatewayError): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
    this.#controller?.abort(reason);
  }

  /** Called once, when the end comes; at once when it is there already. */
  onEnd(listener: () => void): void {
    if (this.#reason === null) this.#listeners = [...this.#listeners, listener];
    else listener();
  }

  offEnd(listener: () => void): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener);
  }

  /** Aborted with the reason. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== null) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }
}
