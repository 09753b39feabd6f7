// One word of a command line for `sh`, quoted only where it must be, for ROLLBACK.md and for hints.
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
