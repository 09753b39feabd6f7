// What runs on a host as it shows itself to somebody who knows nothing yet. Reads only. Of an environment the names leave, never a value.
import type { ProcessIdentity } from './service-processes.js';

export interface ListeningAddress {
  /** As a URL writes it: `127.0.0.1`, `[::1]`; loopback where it listens on every address. */
  readonly host: string;
  readonly port: number;
}

export interface FoundProcess extends ProcessIdentity {
  readonly argv: readonly string[];
  /** Where it runs; null where this user may not see that. */
  readonly directory: string | null;
  /** The script behind an interpreter, else the executable; links resolved; null where that cannot be told. */
  readonly program: string | null;
  readonly listens: readonly ListeningAddress[];
  /** Regular files that it holds open, and the one that its output goes to. */
  readonly openFiles: readonly string[];
  readonly output: string | null;
  /** Names of its environment at start, sorted; null where this user may not see them. */
  readonly environmentNames: readonly string[] | null;
}

export interface FoundUnit {
  readonly unit: string;
  readonly scope: 'system' | 'user';
  readonly loaded: boolean;
  readonly activeState: string;
  /** 0 while none runs. */
  readonly mainPid: number;
  /** As the unit names it, links not resolved: the program, or the script behind an interpreter; null where that cannot be told. */
  readonly program: string | null;
  readonly argv: readonly string[];
  readonly environmentFiles: readonly string[];
  readonly directory: string | null;
}

export interface Discovery {
  readonly host: string;
  /** Processes that listen on the port, or on any; of parent and children that share a socket only the parent. */
  listening(port: number | null): Promise<readonly FoundProcess[]>;
  process(pid: number): Promise<FoundProcess | null>;
  /** By its name, asked of the manager of the system, then of the user's own; null where neither answers or knows it. */
  unit(name: string): Promise<FoundUnit | null>;
  /** The unit whose main process this is. */
  unitOf(pid: number): Promise<FoundUnit | null>;
  /** Whether the file begins as a database of SQLite does; false where that cannot be told. */
  isSqlite(path: string): Promise<boolean>;
  /** Whether the environment at start held every one of these; null where this user may not see it. */
  startedWith(pid: number, entries: readonly { readonly key: string; readonly value: string }[]): Promise<boolean | null>;
}
