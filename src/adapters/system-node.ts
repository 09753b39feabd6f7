// Facts about the machine that this process runs on. The machine's own word counts, not how node was built.
import { hostname, machine, platform } from 'node:os';
import type { SystemReads } from '../core/ports/system.js';

const goNames: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i686: '386', armv7l: 'arm' };

export function systemNode(): SystemReads {
  return {
    host: 'local',
    operatingSystem: () => Promise.resolve(platform() === 'win32' ? 'windows' : platform()),
    architecture: () => Promise.resolve(goNames[machine()] ?? machine()),
    hostName: () => Promise.resolve(hostname()),
  };
}
