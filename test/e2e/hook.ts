// Somebody who is told: a command that keeps every notification in a file, and a webhook on this machine that can be slow or rude.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Notification } from '../../src/core/notification.js';
import type { Lab } from '../lab/lab.js';

export interface Webhook {
  readonly url: string;
  readonly got: readonly { readonly headers: IncomingHttpHeaders; readonly body: Notification; readonly path: string }[];
  /** What it answers from now on; null never answers. */
  answer(status: number | null, headers?: Readonly<Record<string, string>>): void;
  close(): void;
}

export async function webhook(): Promise<Webhook> {
  const got: { headers: IncomingHttpHeaders; body: Notification; path: string }[] = [];
  let status: number | null = 204;
  let headers: Readonly<Record<string, string>> = {};
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (data: Buffer) => {
      text += data.toString();
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body: JSON.parse(text) as Notification, path: request.url ?? '' });
      if (status !== null) response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    answer(next, more = {}) {
      status = next;
      headers = more;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface HookCommand {
  readonly argv: readonly string[];
  told(): readonly Notification[];
  environments(): string;
}

/** Every notification becomes a line of `told`; its environment is kept, too. */
export function hookCommand(directory: string): HookCommand {
  const [script, told, environments] = ['hook.sh', 'told.jsonl', 'environments'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(script, `#!/bin/sh\ncat >> '${told}'\nenv >> '${environments}'\n`);
  chmodSync(script, 0o755);
  const text = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  return {
    argv: [script],
    told: () =>
      text(told)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Notification),
    environments: () => text(environments),
  };
}

/** As an operator would with an editor. */
export function setNotify({ paths }: Lab, notify: Readonly<Record<string, unknown>> | null): void {
  const document = parse(readFileSync(paths.targetConfig, 'utf8')) as { targets: { lab: Record<string, unknown> } };
  if (notify === null) delete document.targets.lab['notify'];
  else document.targets.lab['notify'] = notify;
  writeFileSync(paths.targetConfig, stringify(document));
}
