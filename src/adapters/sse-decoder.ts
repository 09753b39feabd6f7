// Server-sent events out of bytes as they arrive, with whatever line ending and chunk border, comments ignored.
// Stands alone because it is the one place where a stream's timing is read, and it is tested byte by byte.
import type { SseEvent } from '../core/ports/http.js';

export class SseDecoder {
  readonly events: SseEvent[] = [];
  readonly #utf8 = new TextDecoder('utf-8');
  #rest = '';
  #event: string | null = null;
  #data: string | null = null;
  #lastLineMs = 0;
  #dataMs = 0;

  push(bytes: Uint8Array, atMs: number): void {
    this.#take(this.#utf8.decode(bytes, { stream: true }), atMs, false);
  }

  /** The body ended properly: a last event that lacks only its blank line still counts, as it does for the usual clients. */
  end(): void {
    this.#take(this.#utf8.decode(), this.#lastLineMs, true);
    if (this.#rest !== '') this.#line(this.#rest, this.#lastLineMs);
    this.#rest = '';
    this.#dispatch();
  }

  #take(text: string, atMs: number, last: boolean): void {
    if (text !== '') this.#lastLineMs = Math.max(this.#lastLineMs, atMs);
    const all = this.#rest === '' ? text : this.#rest + text;
    let start = 0;
    for (;;) {
      const feed = all.indexOf('\n', start);
      const back = all.indexOf('\r', start);
      const end = feed === -1 || (back !== -1 && back < feed) ? back : feed;
      if (end === -1) break;
      // A carriage return at the border may be half of CRLF: wait for the next byte.
      if (end === back && end === all.length - 1 && !last) break;
      this.#line(all.slice(start, end), atMs);
      start = end === back && all[end + 1] === '\n' ? end + 2 : end + 1;
    }
    this.#rest = start === 0 ? all : all.slice(start);
  }

  #line(line: string, atMs: number): void {
    if (line === '') return this.#dispatch();
    if (line.startsWith(':')) return;
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') {
      this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
      this.#dataMs = atMs;
    } else if (name === 'event') this.#event = value;
  }

  #dispatch(): void {
    if (this.#data !== null) this.events.push({ atMs: this.#dataMs, event: this.#event, data: this.#data });
    this.#data = null;
    this.#event = null;
  }
}
