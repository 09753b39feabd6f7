// Puts the first config where none is: it must load as it stands, and a file that is there already is never touched.
import { dirname } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import { readConfig } from '../playbook/config.js';
import { registerFileSecrets } from './known-secrets.js';
import type { Shell } from './shell.js';

/** Throws FILE_EXISTS. Asked before anything is looked at, too. */
export async function refuseExisting(shell: Shell, path: string): Promise<void> {
  if ((await shell.ports(shell.stateDirectory).on('local').files.stat(path)) === null) return;
  throw new RouterctlError('FILE_EXISTS', `${path} is there already; nothing was written`, {
    hint: 'write beside it and compare: routerctl init -o FILE',
  });
}

export async function writeFirstConfig(shell: Shell, path: string, text: string): Promise<void> {
  const ports = shell.ports(shell.stateDirectory);
  for (const target of readConfig(path, text, dirname(path)).values()) await registerFileSecrets(target, ports, shell.redactor);
  const { files } = ports.on('local').acts;
  const draft = `${path}.init-${process.pid}`;
  try {
    // It holds no secret, and a second operator has to read it.
    await files.replace(draft, text, { mode: 0o644 });
    await files.copyNew(draft, path);
  } finally {
    await files.remove(draft);
  }
}
