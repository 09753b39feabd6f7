// Who is signed in. A session's id lives in the browser only; here it is known by its SHA-256, in memory, so that neither a dump of
// the process nor a restart can give a session to anyone. It ends with its time, at logout, and when its user's password changes.
import { createHash, randomBytes } from 'node:crypto';

export interface Session {
  readonly username: string;
  /** The password hash that the login was checked against; a session of an older password is void. */
  readonly passwordHash: string;
  readonly untilMs: number;
}

const capacity = 1000;

export class Sessions {
  readonly #open = new Map<string, Session>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** Returns the new session's id, 256 random bits in base64url. */
  begin(username: string, passwordHash: string, ttlMs: number): string {
    const now = this.#nowMs();
    for (const [key, { untilMs }] of this.#open) if (untilMs <= now) this.#open.delete(key);
    if (this.#open.size >= capacity) for (const oldest of [...this.#open.keys()].slice(0, 1)) this.#open.delete(oldest);
    const id = randomBytes(32).toString('base64url');
    this.#open.set(digest(id), { username, passwordHash, untilMs: now + ttlMs });
    return id;
  }

  find(id: string): Session | null {
    const session = this.#open.get(digest(id));
    return session !== undefined && session.untilMs > this.#nowMs() ? session : null;
  }

  end(id: string): void {
    this.#open.delete(digest(id));
  }
}

function digest(id: string): string {
  return createHash('sha256').update(id).digest('base64');
}
