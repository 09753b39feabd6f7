// What use cases are handed: everything that touches the machine, built once in `cli/wiring.ts`.
import type { Catalogue } from '../core/catalogue.js';
import type { BadVersions } from '../core/ports/bad-versions.js';
import type { Clock } from '../core/ports/clock.js';
import type { Discovery } from '../core/ports/discovery.js';
import type { Journal, JournalReads } from '../core/ports/journal.js';
import type { Leases } from '../core/ports/lease.js';
import type { NotificationLog } from '../core/ports/notification-log.js';
import type { OwnProcesses } from '../core/ports/own-processes.js';
import type { Ports } from '../core/ports/ports.js';
import type { ProbeLog } from '../core/ports/probe-log.js';
import type { RunFolder, RunFolders } from '../core/ports/run-folders.js';
import type { ProcessIdentity } from '../core/ports/service-processes.js';
import type { Redactor } from '../core/redaction.js';
import type { PlaybookShelf } from './playbook-shelf.js';
import type { SigningTools } from './sign-report.js';

export interface Shell {
  readonly tool: { readonly name: 'routerctl'; readonly version: string };
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Loaded with the first call: helper processes that need no kind do not pay for their schemas. */
  catalogue(): Promise<Catalogue>;
  readonly leases: Leases;
  readonly folders: RunFolders;
  readonly processes: OwnProcesses;
  readonly badVersions: BadVersions;
  /** What runs here, for somebody who has no config yet. */
  readonly discovery: Discovery;
  readonly shelf: PlaybookShelf;
  readonly signing: SigningTools;
  /** The host's own directory: runs that change nothing are kept below it. */
  readonly stateDirectory: string;
  openJournal(folder: RunFolder): Journal;
  readJournal(folder: RunFolder): JournalReads;
  probeLog(folder: RunFolder): ProbeLog;
  notificationLog(folder: RunFolder): NotificationLog;
  /** Lets go of connections, so that the process can end at once. */
  close(): Promise<void>;
  /** Ports for one deployment; `onGroup` puts a child's process group on record before its program starts. */
  ports(root: string, onGroup?: (group: ProcessIdentity) => void | Promise<void>): Ports;
}
