// The journal: fsyncs counted by strace where it is there, and the time to verify a long chain.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { line, median, projectRoot, runNode } from './measure.js';

export const title = 'journal';

const counted = 200;
const long = 10_000;

export function measure({ rounds }) {
  const directory = mkdtempSync(join(tmpdir(), 'routerctl-bench-journal-'));
  const program = join(projectRoot, 'test/bench/journal-work.js');
  try {
    const path = join(directory, 'long.sqlite');
    runNode([program, 'append-together', path, String(long)]);
    const verified = Array.from({ length: rounds }, () => JSON.parse(runNode([program, 'verify', path]).stdout));
    return [
      line(
        'fsyncs for one event',
        fsyncsPerEvent(directory, program),
        1,
        '',
        'a change event, the one that must be durable before the act',
      ),
      line(
        `verify ${long} events`,
        median(verified.map(({ tookMs }) => tookMs)),
        1000,
        'ms',
        `read, parse and hash ${verified[0].events} events`,
      ),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The difference of a longer and a shorter run leaves out what opening and closing cost; null without strace. */
function fsyncsPerEvent(directory, program) {
  const calls = [counted, counted * 2].map((events, index) => {
    const summary = join(directory, `trace-${index}`);
    const args = [
      '-f',
      '-c',
      '-e',
      'trace=fsync,fdatasync',
      '-o',
      summary,
      process.execPath,
      program,
      'append',
      join(directory, `${index}.sqlite`),
      String(events),
    ];
    const traced = spawnSync('strace', args, { stdio: 'ignore' });
    if (traced.status !== 0) return null;
    return [...readFileSync(summary, 'utf8').matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+).*\b(?:fsync|fdatasync)$/gm)].reduce(
      (sum, match) => sum + Number(match[1]),
      0,
    );
  });
  return calls.includes(null) ? null : (calls[1] - calls[0]) / counted;
}
