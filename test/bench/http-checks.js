// A thousand HTTP checks through the whole engine beside the same requests through undici alone, in turns, each in a process of
// its own; the server is a third one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { line, median, projectRoot, runNode } from './measure.js';

export const title = 'checks';

const checks = 1000;
/** What the engine asks at once. */
const concurrency = 8;

export async function measure({ rounds }) {
  const here = (name) => join(projectRoot, 'test/bench', name);
  const server = spawn(process.execPath, [here('loopback-server.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [port] = await once(server.stdout, 'data');
    const origin = `http://127.0.0.1:${Number(port)}`;
    const bare = [];
    const engine = [];
    for (let round = 0; round < rounds; round += 1) {
      bare.push(JSON.parse(runNode([here('bare-requests.js'), `${origin}/readyz`, checks, concurrency].map(String)).stdout));
      const run = runNode([here('engine-checks.js'), origin, String(checks)]);
      engine.push({ ...JSON.parse(run.stdout), rssMiB: run.rssMiB });
    }
    const wrong = engine.find((run) => run.exitCode !== 0);
    if (wrong !== undefined) throw new Error(`the checks did not pass: ${wrong.why}`);
    const per = (what) => median(engine.map((run, round) => (run[what] - bare[round][what]) / checks));
    const note = (what) =>
      `${Math.round(median(engine.map((run) => run[what])))} ms for ${checks}, bare ${Math.round(median(bare.map((run) => run[what])))} ms`;
    return [
      line('one HTTP check over a bare undici request, wall', per('tookMs'), 0.2, 'ms', note('tookMs')),
      line('the same, processor time', per('cpuMs'), null, 'ms', note('cpuMs')),
      line(`memory at most, ${checks} checks`, Math.max(...engine.map((run) => run.rssMiB)), 150, 'MiB'),
    ];
  } finally {
    server.kill();
  }
}
