// The few words that every measurement needs: medians, lines of figures, a child that tells what it used.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `limit` null is a part of the line above, without a limit of its own. Figures that cannot be had here are null. */
export function line(name, value, limit, unit, note = '') {
  return { name, value, limit, unit, note };
}

const usage = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, JSON.stringify({ ...process.cpuUsage(), rssKiB: process.resourceUsage().maxRSS })));`,
)}`;

/** Runs node with `args`; wall time, processor time and peak memory of that process alone. */
export function runNode(args, options = {}) {
  const began = process.hrtime.bigint();
  const child = spawnSync(process.execPath, ['--import', usage, ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  const wallMs = Number(process.hrtime.bigint() - began) / 1e6;
  if (child.status !== 0) throw new Error(`node ${args.join(' ')} ended with ${child.status}:\n${child.stderr}`);
  const { user, system, rssKiB } = JSON.parse(child.output[3]);
  return { wallMs, cpuMs: (user + system) / 1000, rssMiB: rssKiB / 1024, stdout: child.stdout };
}
