// `routerctl init`: looks at what runs, and writes the first routerctl.yaml.
import { dirname, resolve } from 'node:path';
import { Flags, type Interfaces } from '@oclif/core';
import { firstConfig } from '../app/first-config.js';
import { describe, firstContact, type Recognised } from '../app/first-contact.js';
import type { ServiceCandidate } from '../app/recognise-service.js';
import { checkedReference, parsedUrl } from '../app/url-target.js';
import { refuseExisting, writeFirstConfig } from '../app/write-first-config.js';
import { BaseCommand, type CommandResult } from '../cli/base-command.js';
import { type InitOutcome, initJson, initRows } from '../cli/init-summary.js';
import { terminalColumns } from '../cli/print.js';
import { keyInEnvironment } from '../cli/smoke-target.js';
import { openShell } from '../cli/wiring.js';
import { askWhich } from '../ui/ask.js';
import { foundLines } from '../ui/found-screen.js';
import { styleFor } from '../ui/style.js';

type InitFlags = Interfaces.InferredFlags<typeof Init.flags & typeof BaseCommand.baseFlags>;

export default class Init extends BaseCommand {
  static override summary = 'Recognise the router that runs here, and write routerctl.yaml.';
  static override description =
    `Looks only: at the unit or process, its files, and what answers at its URL. Each fact is told with how it was recognised. The file holds references to secrets and no secret; one that is there already is never touched. Without a flag, ROUTER_BASE_URL says where the router is, else what runs below the working directory is looked at. The token of a caller is referred to by --key, ROUTERCTL_KEY or ROUTER_TOKEN.

EXIT STATUS
  0  written
  2  wrong usage, refused URL, the file is there already, or several routers were found
  6  refused: a token that cannot be read
  7  nothing was recognised; what was tried is listed`;
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --unit llm-router.service --key file:/srv/router/secrets/caller-token',
    '<%= config.bin %> init --url http://127.0.0.1:4000 --backup-dir /var/backups/router --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p -o gateway.yaml',
  ];
  static override flags = {
    url: Flags.string({ description: 'where the router is asked (default: ROUTER_BASE_URL, else where it listens)' }),
    unit: Flags.string({ description: 'unit of systemd that runs it', exclusive: ['pid-file'] }),
    'pid-file': Flags.string({ description: 'file with the pid of its process' }),
    compose: Flags.string({ description: 'directory of a compose project', exclusive: ['unit', 'pid-file'] }),
    root: Flags.string({ description: "the deployment's own directory (default: told from where its program lies)" }),
    key: Flags.string({ description: "reference of a caller's token: env:NAME or file:PATH" }),
    'backup-dir': Flags.string({ description: 'directory for backups', dependsOn: ['recipient'] }),
    recipient: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'age public key that can open backups',
      dependsOn: ['backup-dir'],
    }),
    output: Flags.string({ char: 'o', description: 'file to write', default: 'routerctl.yaml' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(Init);
    const shell = await openShell();
    try {
      const file = resolve(flags.output);
      await refuseExisting(shell, file);
      const key = await readableKey(flags, (reference) => shell.ports(shell.stateDirectory).secrets.read(reference));
      const url = flags.url ?? process.env['ROUTER_BASE_URL'] ?? '';
      const recognised = await firstContact(shell, {
        url: url === '' ? null : parsedUrl(url),
        unit: flags.unit ?? null,
        pidFile: flags['pid-file'] === undefined ? null : resolve(flags['pid-file']),
        compose: flags.compose === undefined ? null : resolve(flags.compose),
        below: resolve(flags.root ?? '.'),
        root: flags.root === undefined ? null : resolve(flags.root),
        configDirectory: dirname(file),
        again: ['routerctl init', ...this.argv],
        choose,
      });
      const backupDirectory = flags['backup-dir'];
      const backup = backupDirectory === undefined ? null : { directory: resolve(backupDirectory), recipients: flags.recipient ?? [] };
      const text = firstConfig(recognised, { name: nameOf(recognised), key, backup });
      await writeFirstConfig(shell, file, text);
      const outcome = { file, lines: text.split('\n').length - 1, next: nextSteps(recognised, { key, backup }) };
      const style = styleFor(process.env, process.stdout.isTTY);
      const lines = foundLines(initRows(recognised, outcome), terminalColumns(process.stdout), style);
      return { exitCode: 0, text: lines, json: initJson(recognised, outcome) };
    } finally {
      await shell.close();
    }
  }
}

async function readableKey(flags: InitFlags, read: (reference: string) => Promise<string>): Promise<string | null> {
  const given = flags.key === undefined ? keyInEnvironment() : checkedReference(flags.key);
  if (given === null) return null;
  // In the config it is meant beside the config, on the command line where one stands.
  const reference = given.startsWith('file:') ? `file:${resolve(given.slice('file:'.length))}` : given;
  await read(reference);
  return reference;
}

async function choose(candidates: readonly ServiceCandidate[]): Promise<ServiceCandidate | null> {
  const asker = { input: process.stdin, output: process.stderr, isTty: process.stdin.isTTY && process.stderr.isTTY };
  const index = await askWhich('Which one?', candidates.map(describe), asker);
  return index === null ? null : (candidates[index] ?? null);
}

/** A key of `targets`: as the unit or the program is called. */
function nameOf({ service, layout }: Recognised): string {
  const word =
    service.unit?.unit.replace(/\.service$/, '') ?? layout?.program ?? (service.url === null ? 'router' : new URL(service.url).hostname);
  const name = word
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '');
  return name === '' ? 'router' : name;
}

function nextSteps({ service }: Recognised, { key, backup }: { key: string | null; backup: unknown }): InitOutcome['next'] {
  const isHere = service.unit !== null || service.process !== null;
  return [
    ...(key === null ? [{ command: 'credentials.caller in that file', why: 'the token of a caller, as file:PATH' }] : []),
    ...(isHere && backup === null
      ? [{ command: 'backup.directory and backup.recipients in that file', why: 'an upgrade saves everything first' }]
      : []),
    ...(isHere
      ? [{ command: 'routerctl key generate --identity you@example.org', why: 'reports are signed with it, once `signing` names it' }]
      : []),
    { command: 'routerctl doctor', why: 'everything that can be known before a window' },
  ];
}
