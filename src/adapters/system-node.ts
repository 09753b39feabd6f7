// Facts about the machine that this process runs on. The machine's own word counts, not how node was built.
import { execFile } from 'node:child_process';
import { hostname, machine, platform } from 'node:os';
import type { SystemReads } from '../core/ports/system.js';

const goNames: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i686: '386', armv7l: 'arm' };

export function systemNode(): SystemReads {
  return {
    host: 'local',
    operatingSystem: () => Promise.resolve(platform() === 'win32' ? 'windows' : platform()),
    architecture: () => Promise.resolve(goNames[machine()] ?? machine()),
    hostName: () => Promise.resolve(hostname()),
    clockIsKept: () => keptByTimeService(),
  };
}

const ANSWER_LIMIT_MS = 5000;

/** systemd-timedated hands on what the kernel says, whoever set it: chrony, ntpd or systemd-timesyncd. */
function keptByTimeService(): Promise<boolean | null> {
  return new Promise((resolve) => {
    const argv = ['show', '--property=NTPSynchronized', '--value'];
    execFile('timedatectl', argv, { timeout: ANSWER_LIMIT_MS, env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' } }, (error, stdout) => {
      const said = stdout.trim();
      resolve(error !== null || !['yes', 'no'].includes(said) ? null : said === 'yes');
    });
  });
}
