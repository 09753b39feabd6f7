// A free loopback port below the range from which the system takes ports for outgoing connections, so that a router that
// restarts finds its port free again even on a busy machine.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { LabError } from './lab-error.js';

const lowest = 15_000;
const highest = 32_000;

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
  throw new LabError('UNREACHABLE', `no free port was found between ${lowest} and ${highest}`, 'stop other practice deployments');
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
