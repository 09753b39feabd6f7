// The guard under a real systemd: a private user manager in a mount namespace of its own, started and ended by the test.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const manager = '/lib/systemd/systemd';
const canIsolate = existsSync(manager) && spawnSync('unshare', ['-m', 'true']).status === 0;
if (!canIsolate) process.stderr.write('skipped: systemd as a private manager is missing; bin/provision (as root) installs it\n');

interface Answer {
  readonly by: string;
  readonly alive: boolean;
  readonly again: boolean;
  readonly restarts: string;
  readonly log: string;
}

/** `lingers`: the user's manager goes on when the last session of the user has ended. */
function guardUnder(lingers: boolean): Answer {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-systemd-'));
  try {
    const script = join(directory, 'in-namespace.sh');
    writeFileSync(script, inNamespace(directory, lingers));
    const said = execFileSync('unshare', ['-m', 'bash', script], { encoding: 'utf8', timeout: 50_000 });
    return JSON.parse(said.trim().split('\n').at(-1) ?? 'null') as Answer;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test.runIf(canIsolate)('a guard unit outlives a kill, because systemd starts it again', { timeout: 60_000 }, () => {
  const answer = guardUnder(true);
  expect(answer).toMatchObject({ by: 'systemd', alive: true, again: true, restarts: '1' });
  expect(answer.log).toContain('guard of run r1');
  expect(answer.log).not.toContain('SECRET_OF_THE_SHELL');
});

test.runIf(canIsolate)('a manager that ends with the last session of its user gets no guard', { timeout: 60_000 }, () => {
  const answer = guardUnder(false);
  expect(answer).toMatchObject({ by: 'process', alive: true, again: false, restarts: '' });
  expect(answer.log).toContain('guard of run r1');
});

function inNamespace(directory: string, lingers: boolean): string {
  const program = join(import.meta.dirname, 'guard-systemd-program.js');
  return `set -eu
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib/systemd
${lingers ? 'mkdir /var/lib/systemd/linger; touch "/var/lib/systemd/linger/$(id -un)"' : ''}
export XDG_RUNTIME_DIR=/run/user/$(id -u)
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
${manager} --user >${directory}/systemd.log 2>&1 &
systemd=$!
trap 'kill $systemd; wait $systemd || true' EXIT
for round in $(seq 100); do systemctl --user show --property=Version >/dev/null 2>&1 && break; sleep 0.1; done
SECRET_OF_THE_SHELL=x node ${program} ${directory}
`;
}
