// The only place that builds adapters and hands them to use cases. Tests of faults build the same with their own decorations.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { archivesTar } from '../adapters/archives-tar.js';
import { badVersionsNode } from '../adapters/bad-versions-node.js';
import { clockNode } from '../adapters/clock-node.js';
import { commandsNode } from '../adapters/commands-node.js';
import { composeCli } from '../adapters/compose-cli.js';
import { containersDocker } from '../adapters/containers-docker.js';
import { databasesSqlite } from '../adapters/databases-sqlite.js';
import { discoveryNode } from '../adapters/discovery-node.js';
import { filesNode } from '../adapters/files-node.js';
import { fingerprintsNode } from '../adapters/fingerprints-node.js';
import { httpMasked } from '../adapters/http-masked.js';
import { httpUndici } from '../adapters/http-undici.js';
import { openJournal, readJournal } from '../adapters/journal-sqlite.js';
import { leasesFiles } from '../adapters/lease-files.js';
import { notificationLogNode } from '../adapters/notification-log-node.js';
import { ownProcessesNode } from '../adapters/own-processes-node.js';
import { probeLogNode } from '../adapters/probe-log-node.js';
import { runFoldersNode, stateDirectory } from '../adapters/run-folders-node.js';
import { secretsNode } from '../adapters/secrets-node.js';
import { servicesByKind } from '../adapters/services-by-kind.js';
import { systemNode } from '../adapters/system-node.js';
import { unpackingTar } from '../adapters/unpacking-tar.js';
import { vaultAge } from '../adapters/vault-age.js';
import type { Shell } from '../app/shell.js';
import type { Journal } from '../core/ports/journal.js';
import type { HostPorts, Ports } from '../core/ports/ports.js';
import type { RunFolder } from '../core/ports/run-folders.js';
import type { Redactor } from '../core/redaction.js';
import { loadCatalogue } from './catalogue.js';
import { playbookShelf } from './playbook-shelf.js';
import { processRedactor } from './process-redactor.js';
import { reportTools } from './report-tools.js';

export interface WiringOptions {
  /** argv with which helper processes are started; the fault tests put their own program here. */
  readonly entry?: readonly string[];
  /** Instead of the state directory of the environment. */
  readonly state?: string;
  readonly decoratePorts?: (ports: Ports) => Ports;
  readonly decorateJournal?: (journal: Journal) => Journal;
}

const inDist = import.meta.url.includes('/dist/src/cli/');
const program = fileURLToPath(new URL(inDist ? '../../../bin/run.js' : '../../bin/run.js', import.meta.url));

export function toolVersion(): string {
  const manifest = fileURLToPath(new URL(inDist ? '../../../package.json' : '../../package.json', import.meta.url));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

export async function openShell(options: WiringOptions = {}): Promise<Shell> {
  const redactor = processRedactor();
  const clock = clockNode();
  const state = options.state ?? stateDirectory(process.env);
  const host = hostPorts(redactor);
  const wire = httpUndici();
  const http = httpMasked(wire, redactor);
  const secrets = secretsNode({ redactor, baseDirectory: process.cwd(), environment: process.env });
  const hint = (folder: RunFolder): string =>
    `the plain commands that undo the change: ${folder.byHandPath}; then: routerctl run close ${folder.runId} --reason "what you did"`;
  return {
    tool: { name: 'routerctl', version: toolVersion() },
    clock,
    redactor,
    catalogue: loadCatalogue,
    leases: leasesFiles(clock),
    folders: runFoldersNode(state),
    processes: ownProcessesNode(options.entry ?? [process.execPath, program]),
    badVersions: badVersionsNode(),
    discovery: discoveryNode(),
    shelf: playbookShelf(process.cwd()),
    signing: reportTools(redactor),
    stateDirectory: state,
    openJournal(folder) {
      const journal = openJournal(folder.journalPath, { runId: folder.runId, clock, redactor, hint: hint(folder) });
      return options.decorateJournal?.(journal) ?? journal;
    },
    readJournal: (folder) => readJournal(folder.journalPath, hint(folder)),
    close: () => wire.close(),
    probeLog: (folder) => probeLogNode(folder.probePath),
    notificationLog: (folder) => notificationLogNode(folder.notificationsPath),
    ports(root, onGroup) {
      const ports: Ports = { clock, http, secrets, fingerprints: fingerprintsNode(root), on: (name) => host(name, onGroup) };
      return options.decoratePorts?.(ports) ?? ports;
    },
  };
}

type OnGroup = Parameters<Shell['ports']>[1];

/** Version 1 knows one host: this one. */
function hostPorts(redactor: Redactor): (name: string, onGroup: OnGroup) => HostPorts {
  const files = filesNode();
  const databases = databasesSqlite();
  const services = servicesByKind();
  const containers = containersDocker(redactor);
  const reads = { host: 'local', files, archives: { ...archivesTar() }, databases, services, containers, system: systemNode() };
  const unpacking = unpackingTar();
  const vault = vaultAge(redactor);
  return (name, onGroup) => {
    if (name !== 'local') throw new Error(`there is no host ${name}`);
    const commands = commandsNode({ redactor, onGroup: async ({ pgid, startTicks }) => onGroup?.({ pid: pgid, startTicks }) });
    const compose = composeCli(redactor, commands);
    return { ...reads, compose, acts: { files, archives: unpacking, databases, services, containers, compose, vault, commands } };
  };
}

export function homeDirectory(): string {
  return process.env['HOME'] ?? homedir();
}
