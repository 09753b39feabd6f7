// The real path of a thousand checks: a playbook with one `ready` step over a list, planned, and run by the engine with the real
// catalogue, HTTP adapter, lease and journal on disk. Arguments: origin of the server, count.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePlan } from '../../dist/src/app/make-plan.js';
import { loadProfile } from '../../dist/src/app/playbook-shelf.js';
import { openShell } from '../../dist/src/cli/wiring.js';
import { targetSpec } from '../../dist/src/core/target.js';
import { run } from '../../dist/src/engine/run.js';
import { runExpressions } from '../../dist/src/playbook/run-expressions.js';

const [origin, count] = [process.argv[2], Number(process.argv[3])];
const root = mkdtempSync(join(tmpdir(), 'routerctl-bench-'));
const playbook = join(root, 'thousand.yaml');
const items = Array.from({ length: count }, (_, index) => `n${index}`).join(', ');
writeFileSync(
  playbook,
  `routerctl: 1
name: thousand
title: Ask many times
phases:
  - name: ask
    onFailure: stop
    steps:
      - { id: ready, check: ready, on: router, forEach: [${items}] }
`,
);
try {
  const shell = await openShell();
  const profile = await loadProfile(shell.shelf, 'reference-router');
  const target = {
    ...targetSpec.parse({ profile: 'reference-router', environment: 'lab', root, components: { router: { url: origin } } }),
    name: 'bench',
  };
  const plan = await makePlan(shell, { playbook, target, profile, inputs: {}, window: null });
  const folder = { runId: 'bench', path: root, journalPath: join(root, 'journal.sqlite'), byHandPath: join(root, 'ROLLBACK.md') };
  const lease = shell.leases.acquire(root, 'bench', 'runner');
  const journal = shell.openJournal(folder);
  journal.append({
    type: 'run-created',
    data: { nonce: 'bench', planHash: '', tool: '', playbook: '', target: 'bench', environment: 'lab' },
  });
  const ports = shell.ports(root);
  const catalogue = await shell.catalogue();
  await ports.http.request({ method: 'GET', url: `${origin}/readyz`, timeoutMs: 1000 });
  const began = process.hrtime.bigint();
  const used = process.cpuUsage();
  const finished = await run({
    plan,
    journal,
    lease,
    ports,
    catalogue,
    expressions: runExpressions,
    requests: { take: () => [], forget: () => undefined },
    signal: () => null,
    endProber: async () => null,
    freeReserve: () => undefined,
    holdMs: 0,
  });
  const tookMs = Number(process.hrtime.bigint() - began) / 1e6;
  const { user, system } = process.cpuUsage(used);
  const events = journal.read().length;
  journal.close();
  await shell.close();
  process.stdout.write(JSON.stringify({ tookMs, cpuMs: (user + system) / 1000, events, exitCode: finished.exitCode, why: finished.why }));
} finally {
  rmSync(root, { recursive: true, force: true });
}
