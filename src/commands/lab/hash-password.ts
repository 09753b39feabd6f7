// `routerctl lab hash-password`: an administrator's password as the hash that the reference router's config wants.
import { text } from 'node:stream/consumers';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand } from '../../cli/lab-command.js';
import { RouterctlError } from '../../core/errors.js';

const longest = 1000;

export default class LabHashPassword extends LabCommand {
  static override summary = 'hash the password of an administrator of the reference router';
  static override description =
    `Reads the password from stdin, up to the end of its first line, and prints the scrypt hash for admin_auth.users in the router's config.
A password is never given as an argument, where every user of the machine could read it.

EXIT STATUS
  0  printed
  2  there is no password on stdin, or one of more than ${longest} characters`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> < password.txt',
    'systemd-ask-password | <%= config.bin %> <%= command.id %>',
  ];

  protected override async practise(): Promise<CommandResult> {
    await this.parse(LabHashPassword);
    if (process.stdin.isTTY) throw refusal('the password must come by a pipe: typed here it would be shown');
    const password = (await text(process.stdin)).split(/\r?\n/, 1)[0] ?? '';
    if (password === '') throw refusal('there is no password on stdin');
    if (password.length > longest) throw refusal(`the password has more than ${longest} characters`);
    const { hashPassword } = await import('../../router/access/password-hash.js');
    const hash = await hashPassword(password);
    return { exitCode: 0, text: [hash], json: { hash } };
  }
}

function refusal(message: string): RouterctlError {
  return new RouterctlError('USAGE', message, { hint: 'for example: systemd-ask-password | routerctl lab hash-password' });
}
