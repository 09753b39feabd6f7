// Every exit code of the command line, in one place; `docs/reference/exit-codes.md` is held against this list.

export const exitCodes = {
  0: 'done; every required check passed (also: a requested rollback that was verified)',
  1: 'a bug in routerctl',
  2: 'wrong usage, invalid playbook or config',
  3: 'a required check failed; nothing was changed',
  4: 'the change failed and was rolled back; the old state was verified',
  5: 'a person is needed: the rollback failed or could not be verified; the message says what to type',
  6: 'refused: lease held, outside the window, not approved, drifted from the plan, missing undo or secret, no room',
  7: 'could not be measured (unreachable, too few samples); nothing was changed',
  8: 'done, but the report could not be signed (replaces only 0)',
  9: 'the change was kept although something required did not pass: isolated, held, or told to keep',
  129: 'hung up before anything was changed',
  130: 'interrupted before anything was changed',
  143: 'terminated before anything was changed',
} as const;

export type ExitCode = keyof typeof exitCodes;
