// Appends to a journal, or verifies one: `journal-work.js append|append-together|verify FILE [EVENTS]`, as a process that can be traced.
import { clockNode } from '../../dist/src/adapters/clock-node.js';
import { openJournal, readJournal } from '../../dist/src/adapters/journal-sqlite.js';
import { createRedactor } from '../../dist/src/core/redaction.js';

const [, , what, path, events] = process.argv;
const data = { step: 'restart', phase: 'change', name: 'stopped', value: { processesStopped: 1, openConnections: 4, drainMs: 42 } };
const check = {
  step: 'ready',
  phase: 'ask',
  way: 'forward',
  verdict: { status: 'pass', summary: 'ready, 2 ms' },
  observation: { status: 200 },
};

if (what === 'verify') {
  const began = process.hrtime.bigint();
  const journal = readJournal(path, '');
  const read = journal.read().length;
  process.stdout.write(JSON.stringify({ tookMs: Number(process.hrtime.bigint() - began) / 1e6, events: read }));
  journal.close();
} else {
  const journal = openJournal(path, { runId: 'bench', clock: clockNode(), redactor: createRedactor(), hint: '' });
  const body = what === 'append' ? { type: 'fact', data } : { type: 'check-finished', data: check };
  for (let count = 0; count < Number(events); count += 1) journal.append(body);
  journal.close();
}
