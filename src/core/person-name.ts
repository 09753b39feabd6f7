// What a person is called in the record: the user of the operating system, and behind sudo the one who called it.
import type { Json } from './json.js';

/** `bob`, or `bob as root` behind sudo; `unknown` where nobody was recorded. */
export function personName(facts: Json): string {
  if (typeof facts === 'string' && facts !== '') return facts;
  if (facts === null || typeof facts !== 'object' || Array.isArray(facts)) return 'unknown';
  const { user, sudoUser } = facts as Readonly<Record<string, Json>>;
  if (typeof user !== 'string') return 'unknown';
  return typeof sudoUser === 'string' && sudoUser !== user ? `${sudoUser} as ${user}` : user;
}
