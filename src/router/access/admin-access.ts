// The first of the two locks before the reports: which administrator is asking, by a session's cookie or by HTTP Basic (RFC 7617).
// What an administrator may see is the policy's matter. Sessions and counted attempts outlive a reload; users are the config's.
import { GatewayError } from '../gateway-error.js';
import type { Generation } from '../generation.js';
import type { Exchange } from '../http/exchange.js';
import type { Log } from '../log.js';
import { LoginAttempts } from './login-attempts.js';
import { isPassword, type PasswordHash, parsePasswordHash } from './password-hash.js';
import { RecentPasswords } from './recent-passwords.js';
import { ScryptQueue } from './scrypt-queue.js';
import { Sessions } from './sessions.js';

export interface AdminIdentity {
  readonly username: string;
  /** `basic:<user name>` */
  readonly subject: string;
  /** How it was shown with this request. */
  readonly by: 'session' | 'basic';
  /** The id of the session that shows it; null with Basic alone. */
  readonly sessionId: string | null;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

interface AccessParts {
  readonly generation: Generation;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

export const cookieName = 'router-admin';
const cookiePath = '/admin';

export class AdminAccess {
  readonly #sessions = new Sessions();
  readonly #attempts = new LoginAttempts();
  readonly #queue = new ScryptQueue();
  readonly #recent = new RecentPasswords();

  /**
   * The administrator who is asking; null when the request shows none.
   * @throws GatewayError `unauthorized` for a wrong user or password, `login-limited`
   */
  async identify(parts: AccessParts, exchange: Exchange): Promise<AdminIdentity | null> {
    const basic = basicCredentials(exchange);
    const signedIn = this.#bySession(parts, exchange);
    if (signedIn !== null && (basic === null || basic.username === signedIn.username)) return signedIn;
    if (basic === null) return null;
    await this.#recent.check(basic.username, basic.password, hashTextOf(parts, basic.username) ?? '', () =>
      this.#check(parts, exchange, basic),
    );
    return identity(basic.username, 'basic', null);
  }

  /**
   * Checks a password and begins a session; its cookie goes with the answer.
   * @throws GatewayError `unauthorized`, `login-limited`
   */
  async login(parts: AccessParts, exchange: Exchange, credentials: Credentials): Promise<AdminIdentity> {
    const hash = await this.#check(parts, exchange, credentials);
    return this.#begin(parts, exchange, credentials.username, hash);
  }

  /** Gives a browser that asked with Basic a session, so that its next requests cost no password check. */
  remember(parts: AccessParts, exchange: Exchange, { username }: AdminIdentity): void {
    const hash = hashTextOf(parts, username);
    if (hash !== null) this.#begin(parts, exchange, username, hash);
  }

  /** Ends what the request shows, and has its browser forget it; false when there was no session. */
  logout(parts: AccessParts, exchange: Exchange): boolean {
    const signedIn = this.#bySession(parts, exchange) !== null;
    for (const id of sessionIds(exchange)) this.#sessions.end(id);
    exchange.response.setHeader('Set-Cookie', cookie(parts, '', 0));
    return signedIn;
  }

  #begin(parts: AccessParts, exchange: Exchange, username: string, hash: string): AdminIdentity {
    const ttlMs = parts.generation.config.admin_auth.session_ttl_ms;
    const id = this.#sessions.begin(username, hash, ttlMs);
    exchange.response.setHeader('Set-Cookie', cookie(parts, id, Math.floor(ttlMs / 1000)));
    return identity(username, 'session', id);
  }

  #bySession(parts: AccessParts, exchange: Exchange): AdminIdentity | null {
    for (const id of sessionIds(exchange)) {
      const session = this.#sessions.find(id);
      if (session !== null && hashTextOf(parts, session.username) === session.passwordHash)
        return identity(session.username, 'session', id);
    }
    return null;
  }

  /** Returns the hash that the password was checked against. */
  async #check(parts: AccessParts, exchange: Exchange, { username, password }: Credentials): Promise<string> {
    const { max, window_ms: windowMs } = parts.generation.config.admin_auth.attempts;
    const name = username.slice(0, 64);
    const attempt = this.#attempts.begin([`address ${exchange.request.socket.remoteAddress ?? ''}`, `user ${name}`], { max, windowMs });
    if (typeof attempt === 'number') throw limited(attempt, 'too many failed logins from this address or for this user');
    if (this.#queue.full) throw limited(1, 'too many logins are waiting to be checked');
    const text = hashTextOf(parts, username);
    const hash = text === null ? null : parsePasswordHash(text);
    if (text !== null && hash === null) parts.log.warn({ username }, 'the password hash of an administrator is not one');
    const comparedWith = hash ?? anyHash(parts);
    const right = comparedWith !== null && (await this.#queue.run(() => isPassword(password, comparedWith)));
    if (!right || hash === null || text === null) throw new GatewayError('unauthorized', 'the user name or the password is wrong');
    attempt();
    return text;
  }
}

/** Null when there is no such user, or the environment lacks the hash. */
function hashTextOf({ generation, environment }: AccessParts, username: string): string | null {
  const user = generation.config.admin_auth.users.find((candidate) => candidate.username === username);
  return user?.password_hash ?? environment[user?.password_hash_env ?? ''] ?? null;
}

/** What an unknown user's password is compared with, so that the time tells nothing about who exists. */
function anyHash(parts: AccessParts): PasswordHash | null {
  const texts = parts.generation.config.admin_auth.users.map(({ username }) => hashTextOf(parts, username));
  return texts.map((text) => parsePasswordHash(text ?? '')).find((hash) => hash !== null) ?? null;
}

function identity(username: string, by: AdminIdentity['by'], sessionId: string | null): AdminIdentity {
  return { username, subject: `basic:${username}`, by, sessionId };
}

function limited(retryAfterSeconds: number, message: string): GatewayError {
  return new GatewayError('login-limited', `${message}; try again in ${retryAfterSeconds} s`, {
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });
}

function basicCredentials({ request }: Exchange): Credentials | null {
  const encoded = /^Basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function sessionIds({ request }: Exchange): readonly string[] {
  return (request.headers.cookie ?? '')
    .split(/;\s*/, 50)
    .filter((pair) => pair.startsWith(`${cookieName}=`))
    .map((pair) => pair.slice(cookieName.length + 1))
    .filter((id) => /^[\w-]{43}$/.test(id));
}

function cookie({ generation }: AccessParts, id: string, maxAgeSeconds: number): string {
  const secure = generation.config.admin_auth.behind_tls ? '; Secure' : '';
  return `${cookieName}=${id}; Path=${cookiePath}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}
