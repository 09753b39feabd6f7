// Password checks one or two at a time: each takes memory and a quarter of a second of a core, and anyone may ask for them.
// More than may wait are refused, so that a flood of logins costs the router no more than a few of them.

const atOnce = 2;
const mayWait = 16;

export class ScryptQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  get full(): boolean {
    return this.#waiting.length >= mayWait;
  }

  async run<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#running >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // Who waited takes over the place of who is done.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
