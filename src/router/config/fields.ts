// The small kinds of value that the config's sections share.
import { z } from 'zod';

export const milliseconds = z.number().int().positive();
/** What a timer can hold; one that is set for longer rings at once. */
const longestTimerMs = 2 ** 31 - 1;
/** A time that is waited for, and not compared with the clock. */
export const timerMilliseconds = milliseconds.max(longestTimerMs, `must be at most ${longestTimerMs}, which is 24 days`);
export const price = z.number().nonnegative();
export const count = z.number().int().nonnegative();
export const atLeastOne = z.number().int().positive();
export const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, 'a name is letters, digits and . _ : / -');
export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable');
/** A secret is never written into the file: it is `${NAME}`, the environment variable that holds it. */
export const secretReference = z
  .string()
  .regex(/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/, 'a secret is not written here: name the environment variable that holds it, as ${NAME}');
