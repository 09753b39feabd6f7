// Puts the parts of a streamed answer one after another. Providers may interleave the arguments of parallel tool calls; the
// dialects that open and close parts must finish one before the next begins. Providers that do not interleave lose no time.
import type { ReplyEvent } from './conversation.js';
import { isWholeJson } from './tool-arguments.js';

type PartEvent = Extract<ReplyEvent, { type: 'text' | 'tool-start' | 'tool-arguments' }>;

export type OrderedEvent = PartEvent | { readonly type: 'close' };

type OpenPart = { readonly kind: 'text' } | { readonly kind: 'tool'; readonly id: string; arguments: string };

export class OrderedParts {
  #open: OpenPart | null = null;
  #waiting: PartEvent[] = [];

  take(event: PartEvent): readonly OrderedEvent[] {
    const { id } = this.#openTool ?? { id: null };
    const continues = event.type === 'tool-arguments' && event.id === id;
    // While something waits, only what completes the open call may pass; and that is the time to look whether it is complete.
    if (!continues && (this.#waiting.length > 0 || !this.#mayClose())) {
      this.#waiting.push(event);
      return [];
    }
    const events = this.#pass(event);
    if (this.#waiting.length > 0 && this.#mayClose()) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const each of waiting) events.push(...this.take(each));
    }
    return events;
  }

  /** Everything that still waits, in the order of the parts, and the end of the last one. */
  end(): readonly OrderedEvent[] {
    const events: OrderedEvent[] = [];
    let waiting = this.#waiting;
    this.#waiting = [];
    while (waiting.length > 0) {
      const { id } = this.#openTool ?? { id: null };
      const own = (event: PartEvent): boolean => event.type === 'tool-arguments' && event.id === id;
      for (const event of waiting.filter(own)) events.push(...this.#pass(event));
      waiting = waiting.filter((event) => !own(event));
      const next = waiting.shift();
      if (next !== undefined) events.push(...this.#pass(next));
    }
    if (this.#open !== null) events.push({ type: 'close' });
    this.#open = null;
    return events;
  }

  get #openTool(): Extract<OpenPart, { kind: 'tool' }> | null {
    return this.#open?.kind === 'tool' ? this.#open : null;
  }

  #mayClose(): boolean {
    return this.#openTool === null || isWholeJson(this.#openTool.arguments);
  }

  #pass(event: PartEvent): OrderedEvent[] {
    if (event.type === 'tool-arguments') {
      const open = this.#openTool;
      // Arguments for a call that was closed with whole arguments already can only be blanks after them.
      if (open === null || open.id !== event.id) return [];
      open.arguments += event.fragment;
      return [event];
    }
    if (event.type === 'text' && this.#open?.kind === 'text') return [event];
    const closing: OrderedEvent[] = this.#open === null ? [] : [{ type: 'close' }];
    this.#open = event.type === 'text' ? { kind: 'text' } : { kind: 'tool', id: event.id, arguments: '' };
    return [...closing, event];
  }
}
