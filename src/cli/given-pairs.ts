// `NAME=VALUE` flags: one meaning of the equals sign for all of them.
import { RouterctlError } from '../core/errors.js';

/** Throws USAGE for a word without a name or an equals sign. */
export function givenPairs(flag: string, given: readonly string[] | undefined, example: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (given ?? []).map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new RouterctlError('USAGE', `${flag} ${text} is not NAME=VALUE`, { hint: `for example ${flag} ${example}` });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
