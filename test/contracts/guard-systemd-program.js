// Inside the namespace: starts a stand-in for a guard as a unit, kills it, and says what systemd made of that.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownProcessesNode } from '../../dist/src/adapters/own-processes-node.js';

const directory = process.argv[2];
const program = join(directory, 'guard.js');
writeFileSync(program, "console.log('guard of run', process.argv.at(-1), JSON.stringify(process.env)); setInterval(() => {}, 1000);\n");
const processes = ownProcessesNode([process.execPath, program]);
const show = (property) =>
  execFileSync('systemctl', ['--user', 'show', `--property=${property}`, '--value', 'routerctl-guard-r1'], { encoding: 'utf8' }).trim();
const until = async (holds) => {
  for (let rounds = 0; rounds < 1200 && !holds(); rounds += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  return holds();
};

const guard = await processes.startGuard(['r1'], { runId: 'r1', how: 'auto', log: join(directory, 'runner.log') });
const alive = processes.isAlive(guard);
const lines = () => readFileSync(join(directory, 'runner.log'), 'utf8').split('\n').length - 1;
await until(() => lines() > 0);
process.kill(guard.pid, 'SIGKILL');
const isUnit = guard.by === 'systemd';
const again = isUnit && (await until(() => Number(show('MainPID')) > 0 && Number(show('MainPID')) !== guard.pid));
const restarts = isUnit ? show('NRestarts') : '';
if (isUnit) {
  await until(() => lines() > 1);
  execFileSync('systemctl', ['--user', 'stop', 'routerctl-guard-r1']);
}
console.log(JSON.stringify({ by: guard.by, alive, again, restarts, log: readFileSync(join(directory, 'runner.log'), 'utf8') }));
