// Passwords that were right a moment ago. A program that sends HTTP Basic shows its password with every request; for a minute it
// is recognised by a digest under a key that lives only in this process, so that one scrypt serves all of them.
import { createHmac, randomBytes } from 'node:crypto';

const rememberedMs = 60_000;
const capacity = 100;

export class RecentPasswords {
  readonly #key = randomBytes(32);
  /** Checks that are going on, and when the answer of one that was right is forgotten. */
  readonly #checks = new Map<string, { readonly answer: Promise<unknown>; untilMs: number }>();

  /**
   * Resolves when the password is right; runs `check` unless the same one is being checked or was right a moment ago.
   * @param hash what it is checked against; another hash makes it another password
   * @throws what `check` throws
   */
  async check(username: string, password: string, hash: string, check: () => Promise<unknown>): Promise<void> {
    const digest = createHmac('sha256', this.#key)
      .update(JSON.stringify([username, password, hash]))
      .digest('base64');
    const known = this.#checks.get(digest);
    if (known !== undefined && known.untilMs > performance.now()) {
      await known.answer;
      return;
    }
    const begun = { answer: check(), untilMs: Number.POSITIVE_INFINITY };
    this.#checks.set(digest, begun);
    try {
      await begun.answer;
      begun.untilMs = performance.now() + rememberedMs;
    } catch (error) {
      this.#checks.delete(digest);
      throw error;
    }
    if (this.#checks.size > capacity) for (const oldest of [...this.#checks.keys()].slice(0, 1)) this.#checks.delete(oldest);
  }
}
