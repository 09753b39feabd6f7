// The only ways out. Checks get ReadPorts; changes get Ports. Everything on a machine hangs below `on(host)`.
import type { Archives, Unpacking } from './archives.js';
import type { Clock } from './clock.js';
import type { Commands } from './commands.js';
import type { ComposeActs, ComposeReads } from './compose.js';
import type { ContainerActs, ContainerReads } from './containers.js';
import type { DatabaseReads, DatabaseSnapshots } from './databases.js';
import type { FileReads, FileWrites } from './files.js';
import type { Fingerprints } from './fingerprints.js';
import type { Http } from './http.js';
import type { Secrets } from './secrets.js';
import type { ServiceActs, ServiceReads } from './service-processes.js';
import type { SystemReads } from './system.js';
import type { Vault } from './vault.js';

export interface HostReadPorts {
  readonly host: string;
  readonly files: FileReads;
  readonly archives: Archives;
  readonly databases: DatabaseReads;
  readonly services: ServiceReads;
  readonly containers: ContainerReads;
  readonly compose: ComposeReads;
  readonly system: SystemReads;
}

/** Each member below `acts` mutates: every call of one is a kill point of the fault matrix. */
export interface HostPorts extends HostReadPorts {
  readonly acts: {
    readonly files: FileWrites;
    readonly archives: Unpacking;
    readonly databases: DatabaseSnapshots;
    readonly services: ServiceActs;
    readonly containers: ContainerActs;
    readonly compose: ComposeActs;
    readonly vault: Vault;
    readonly commands: Commands;
  };
}

export interface ReadPorts {
  readonly clock: Clock;
  readonly http: Http;
  readonly secrets: Secrets;
  readonly fingerprints: Fingerprints;
  on(host: string): HostReadPorts;
}

export interface Ports extends ReadPorts {
  on(host: string): HostPorts;
}
