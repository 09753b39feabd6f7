// How much happened in the last 60 seconds, in slots of a quarter of a second, so that a caller with a million requests a
// minute takes as little memory as one with ten. A slot counts until its last instant is 60 seconds old: in no 60 seconds,
// wherever they begin, is more let through than the limit says.

const windowMs = 60_000;
const slotMs = 250;

interface Slot {
  readonly number: number;
  amount: number;
}

export class SlidingWindow {
  /** In the order of time; at most one for each quarter of a second of the window. */
  readonly #slots: Slot[] = [];
  #sum = 0;

  /** Counts an amount at a moment and returns the slot that it went to. */
  add(atMs: number, amount: number): number {
    const number = Math.floor(atMs / slotMs);
    this.change(number, amount);
    return number;
  }

  /** Corrects what was counted in a slot. */
  change(number: number, by: number): void {
    let index = this.#slots.length;
    while (index > 0 && (this.#slots[index - 1]?.number ?? 0) > number) index -= 1;
    const slot = this.#slots[index - 1];
    if (slot?.number === number) slot.amount += by;
    else this.#slots.splice(index, 0, { number, amount: by });
    this.#sum += by;
  }

  sum(nowMs: number): number {
    for (let first = this.#slots[0]; first !== undefined && endMs(first) <= nowMs; first = this.#slots[0]) {
      this.#sum -= first.amount;
      this.#slots.shift();
    }
    return this.#sum;
  }

  /** Slots in memory. */
  get size(): number {
    return this.#slots.length;
  }

  /** Milliseconds until at least `amount` of the sum has left the window; null when it holds less than that. */
  freesInMs(nowMs: number, amount: number): number | null {
    let freed = 0;
    for (const slot of this.#slots) {
      freed += slot.amount;
      if (freed >= amount) return Math.max(0, endMs(slot) - nowMs);
    }
    return null;
  }
}

function endMs({ number }: Slot): number {
  return (number + 1) * slotMs + windowMs;
}
