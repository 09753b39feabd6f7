// Short calls of a container engine: asked, understood, and refused in its own words, masked, since those may quote what it was given.
import type { RouterctlError } from '../core/errors.js';
import type { EngineAddress } from '../core/ports/containers.js';
import type { Redactor } from '../core/redaction.js';
import type { z } from '../core/zod.js';
import { askEngine, type EngineAnswer, engineRefused, unreachable, wordsOf } from './docker-engine-http.js';

const readMs = 10_000;
/** Layers of gigabytes are deleted with the last name of an image. */
const actMs = 120_000;

export class EngineClient {
  readonly #redactor: Redactor;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** null when there is no such thing. `what` it was to do, as in "refused to …". */
  async read<Answer>(at: EngineAddress, what: string, path: string, spec: z.ZodType<Answer>): Promise<Answer | null> {
    const bytes = await this.bytes(at, what, path);
    if (bytes === null) return null;
    const fitting = spec.safeParse(parsed(bytes.toString('utf8')));
    if (fitting.success) return fitting.data;
    throw this.stranger(at);
  }

  async bytes(at: EngineAddress, what: string, path: string): Promise<Buffer | null> {
    const answer = await askEngine(at, { method: 'GET', path }, readMs);
    if (answer.status === 404) return null;
    this.demandYes(at, what, answer);
    return answer.bytes;
  }

  /** False when there is nothing to act upon. */
  async act(at: EngineAddress, what: string, method: 'POST' | 'DELETE', path: string): Promise<boolean> {
    const answer = await askEngine(at, { method, path }, actMs);
    if (answer.status === 404) return false;
    this.demandYes(at, what, answer);
    return true;
  }

  refused(at: EngineAddress, what: string, words: string): RouterctlError {
    return engineRefused(at, what, this.#redactor.mask(words));
  }

  /** What listens there is no engine. */
  stranger(at: EngineAddress): RouterctlError {
    return unreachable(at, 'does not answer as one does', 'does something else listen there? Name the socket of the engine.');
  }

  demandYes(at: EngineAddress, what: string, answer: EngineAnswer): void {
    if (answer.status < 200 || answer.status > 299) throw this.refused(at, what, wordsOf(answer));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
