// Words of a command line for `sh`, for ROLLBACK.md and for hints.

/** Quoted only where it must be. */
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text));

/** Within a pattern of `case` only what is quoted is taken as it is. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
