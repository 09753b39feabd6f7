// Every refusal that routerctl knows, in one place: its code, its exit code, and when it is raised.
// `docs/reference/errors.md` is held against this list in both directions. Anything else that is thrown is a bug (exit 1).
import type { ExitCode } from './exit-code.js';

export const errorCatalogue = {
  // usage, config, playbooks
  USAGE: { exit: 2, when: 'a flag or argument is missing or wrong' },
  CONFIG_MISSING: { exit: 2, when: 'no routerctl.yaml was found and the command needs one' },
  CONFIG_INVALID: { exit: 2, when: 'routerctl.yaml does not fit its schema' },
  TARGET_UNKNOWN: { exit: 2, when: 'the named target is not in the config' },
  ROUTER_NOT_FOUND: { exit: 7, when: 'init found nothing that it could describe; what was tried is listed' },
  ROUTER_AMBIGUOUS: { exit: 2, when: 'init found several routers and nobody could be asked which one is meant' },
  PROFILE_UNKNOWN: { exit: 2, when: 'the named profile is not shipped and no such file exists' },
  PROFILE_INVALID: { exit: 2, when: 'a profile does not fit its schema; every finding is printed' },
  PLAYBOOK_MISSING: { exit: 2, when: 'the named playbook is not shipped and no such file exists' },
  PLAYBOOK_INVALID: { exit: 2, when: 'a playbook does not fit the language; every finding is printed' },
  YAML_INVALID: { exit: 2, when: 'a YAML text cannot be read: syntax, size, depth, aliases, tags' },
  INPUT_INVALID: { exit: 2, when: 'an input of a playbook is missing or has the wrong type' },
  PLAN_INVALID: { exit: 2, when: 'a plan file is damaged or not a plan' },
  EXPLAIN_UNKNOWN: { exit: 2, when: 'explain was asked about a word that routerctl does not know' },
  RUN_UNKNOWN: { exit: 2, when: 'no run with that id is known here' },
  // files
  FILE_MISSING: { exit: 2, when: 'a named file does not exist' },
  FILE_UNREADABLE: { exit: 2, when: 'a named file cannot be read' },
  FILE_UNWRITABLE: { exit: 2, when: 'a named file cannot be written: asked before anything starts' },
  FILE_TOO_LARGE: { exit: 2, when: 'a file is larger than its reader allows' },
  FILE_EXISTS: { exit: 2, when: 'a file that must be new is already there' },
  NOT_PERMITTED: { exit: 6, when: 'what was asked takes another user: their process would have to be stopped, or looked at' },
  STATE_UNWRITABLE: { exit: 6, when: 'the state directory or the deployment directory cannot be written' },
  NETWORK_FILESYSTEM: { exit: 6, when: 'the journal would lie on a network file system, where locks and syncs cannot be trusted' },
  NO_ROOM: { exit: 6, when: 'there is not enough disk space or there are not enough inodes' },
  // packages
  PACKAGE_TRUNCATED: { exit: 3, when: 'a package ends in the middle' },
  PACKAGE_UNREADABLE: { exit: 3, when: 'a package is not an archive that can be read' },
  PACKAGE_UNSAFE: { exit: 3, when: 'a package holds links, paths outside, devices, duplicates or a decompression bomb' },
  PACKAGE_MISMATCH: { exit: 3, when: 'a package does not hold exactly what its list of digests says' },
  // databases, backups
  DATABASE_MISSING: { exit: 3, when: 'the database file does not exist' },
  DATABASE_DAMAGED: { exit: 3, when: 'the database cannot be read or fails its own integrity check' },
  DATABASE_BINDING: { exit: 6, when: 'the compiled part of better-sqlite3 would abort routerctl on this Node.js' },
  DATABASE_BUSY: { exit: 7, when: 'the database stayed locked by another process' },
  BACKUP_UNKNOWN: { exit: 2, when: 'no backup with that id is known' },
  BACKUP_UNOPENABLE: { exit: 3, when: 'a backup cannot be decrypted: wrong key, truncated or altered' },
  BACKUP_DAMAGED: { exit: 3, when: 'a backup does not hold what its manifest says' },
  // secrets, keys, signatures
  SECRET_UNREADABLE: { exit: 6, when: 'a secret reference cannot be resolved here' },
  SECRET_IN_JOURNAL: { exit: 1, when: 'an event would have carried a registered secret; it was not written' },
  KEY_UNSAFE: { exit: 6, when: 'a private key can be read by others' },
  KEY_INVALID: { exit: 2, when: 'a key file is not a P-256 or Ed25519 key, or its passphrase is wrong' },
  KEY_REVOKED: { exit: 6, when: 'the signing key is on the revocation list' },
  LEAK_FOUND: { exit: 8, when: 'the leak gate found a secret in a report file; nothing was signed' },
  REPORT_UNTRUSTED: { exit: 3, when: 'a report or its signature does not verify' },
  // lease, window, approval, plan
  LEASE_HELD: { exit: 6, when: 'another run holds the deployment' },
  LEASE_LOST: { exit: 6, when: 'a newer epoch took the deployment over; this process stopped before acting' },
  OUTSIDE_WINDOW: { exit: 6, when: 'the maintenance window is not open' },
  NOT_APPROVED: { exit: 6, when: 'policy asks for an approval that is missing, invalid or of another plan' },
  NOT_ACKNOWLEDGED: { exit: 6, when: 'the release note names impacts that nobody has acknowledged' },
  NOT_REVIEWED: { exit: 6, when: 'a file is not the one whose digest was reviewed' },
  NOT_CONFIRMED: { exit: 6, when: 'a changing command had neither -y nor an approved plan nor a yes' },
  PLAN_DRIFTED: { exit: 6, when: 'the state of the deployment differs from the one that the plan was made for' },
  POLICY_FORBIDS: { exit: 6, when: 'the environment of the target does not allow what a step costs' },
  UNDO_MISSING: { exit: 6, when: 'a change could not be taken back' },
  MARKED_BAD: { exit: 6, when: 'this version was rolled back here before' },
  NOTHING_TO_ROLL_BACK: { exit: 6, when: 'no run of this target keeps rollback data' },
  VERSION_MISMATCH: { exit: 6, when: 'the run was begun by another routerctl or playbook version' },
  RUN_FINISHED: { exit: 6, when: 'the run has already ended' },
  // journal
  JOURNAL_DAMAGED: { exit: 5, when: 'the journal cannot be trusted: chain broken or unreadable' },
  // containers
  ENGINE_UNREACHABLE: { exit: 7, when: 'the container engine does not answer: not running, or not permitted' },
  ENGINE_REFUSED: { exit: 3, when: 'the container engine said no: the image, the name or the room' },
  COMPOSE_MISSING: { exit: 6, when: 'neither the compose plugin of docker nor docker-compose is there' },
  COMPOSE_INVALID: { exit: 2, when: 'the files of a compose project do not fit, or a variable that they need is not set' },
  // the world
  URL_REFUSED: { exit: 2, when: 'a URL is not http or https, carries a password, or names a link-local or metadata address' },
  UNREACHABLE: { exit: 7, when: 'the router does not answer' },
  HOOK_ALIVE: { exit: 6, when: 'a hook left a process of another user running, which routerctl may not end' },
  COMMAND_FAILED: { exit: 3, when: 'an external command failed' },
  INTERRUPTED: { exit: 130, when: 'a signal arrived before anything was changed' },
} as const satisfies Record<string, { exit: ExitCode; when: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** A refusal that a person can act on: message says what is wrong and where, hint what to do next. */
export class RouterctlError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** Further lines, for example every finding of a lint. */
  readonly details: readonly string[];

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown; details?: readonly string[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RouterctlError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
  }

  get exitCode(): ExitCode {
    return errorCatalogue[this.code].exit;
  }
}
