// Asks for a passphrase on the terminal without showing it: arguments and shell history are no place for one.
import { RouterctlError } from '../core/errors.js';

/** null when there is no terminal to ask on. */
export async function askPassphrase(question: string): Promise<string | null> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return null;
  stderr.write(question);
  stdin.setRawMode(true);
  try {
    return await typedLine();
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function typedLine(): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const listen = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n') return finish(() => resolve(typed));
        if (character === '\u0003') return finish(() => reject(new RouterctlError('INTERRUPTED', 'interrupted; no key was made')));
        typed = character === '\u007f' || character === '\b' ? typed.slice(0, -1) : typed + character;
      }
    };
    const finish = (settle: () => void): void => {
      process.stdin.off('data', listen);
      settle();
    };
    process.stdin.on('data', listen);
  });
}
