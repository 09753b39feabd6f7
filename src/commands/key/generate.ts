// `routerctl key generate`: a key to sign reports and approve plans with.
import { join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { generateKey } from '../../app/generate-key.js';
import { BaseCommand, type CommandResult } from '../../cli/base-command.js';
import { newPassphrase } from '../../cli/new-passphrase.js';
import { keyDirectory, reportTools } from '../../cli/report-tools.js';
import { terminalText } from '../../core/terminal-text.js';

export default class KeyGenerate extends BaseCommand {
  static override summary = 'Make a key to sign reports and approve plans with.';
  static override description =
    'Writes the private key (mode 600, encrypted unless declined), FILE.pub and FILE.pub.pem, and prints the line that others put into their allowed signers.\n\nEXIT STATUS\n  0  made\n  2  wrong usage, or the file is already there\n  6  the secret reference cannot be read';
  static override examples = [
    '<%= config.bin %> key generate --identity release@acme.test',
    '<%= config.bin %> key generate --identity ci@acme.test --out ci.pem --passphrase env:CI_KEY_PASSPHRASE',
  ];
  static override flags = {
    identity: Flags.string({ description: 'who signs with it, for example an e-mail address', required: true }),
    out: Flags.string({ description: 'file for the private key (default: in the routerctl config directory, named by the identity)' }),
    alg: Flags.option({
      description: 'P-256 is read by every tool; Ed25519 needs OpenSSL 3',
      options: ['p256', 'ed25519'] as const,
      default: 'p256',
    })(),
    passphrase: Flags.string({
      description: 'reference of the passphrase: env:NAME, file:path or command:["argv"]',
      exclusive: ['no-passphrase'],
    }),
    'no-passphrase': Flags.boolean({ description: 'leave the key unencrypted' }),
  };

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(KeyGenerate);
    if (!/^[\w@.+-]+$/.test(flags.identity)) this.error('an identity is letters, digits and @ . + _ - only');
    const { keys, secrets } = reportTools();
    const path = resolve(flags.out ?? join(keyDirectory(), `${flags.identity}.pem`));
    const passphrase = await newPassphrase(secrets, { reference: flags.passphrase, declined: flags['no-passphrase'] });
    const key = await generateKey(keys, { path, algorithm: flags.alg, passphrase, identity: flags.identity });
    const text = [
      `private key  ${key.path}${passphrase === null ? ' (unencrypted)' : ''}`,
      `public key   ${key.path}.pub, ${key.path}.pub.pem`,
      `fingerprint  ${key.fingerprint}`,
      '',
      'line for the allowed signers:',
      key.allowedSignersLine,
    ];
    return { exitCode: 0, text: text.map((line) => terminalText(line)), json: { ...key, encrypted: passphrase !== null } };
  }
}
