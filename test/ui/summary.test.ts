import { expect, test } from 'vitest';
import { type Ending, verdictLine } from '../../src/report/verdict-line.js';
import { displayWidth } from '../../src/ui/display-width.js';
import { plainStyle } from '../../src/ui/style.js';
import { type SummaryInput, summaryLines } from '../../src/ui/summary.js';

function verdictOf(outcome: Ending['outcome'], serving: string | null): string {
  return verdictLine({
    outcome,
    target: 'router',
    host: 'gw-01',
    runId: '7k2m',
    from: '1.0.0',
    to: '1.1.0',
    serving,
    changing: true,
    markedBad: false,
  });
}

const base: SummaryInput = {
  verdict: verdictOf('upgraded', '1.1.0'),
  outcome: 'upgraded',
  exitCode: 0,
  runId: '7k2m',
  target: 'router',
  environment: 'production',
  from: '1.0.0',
  to: '1.1.0',
  package: 'packages/reference-router-1.1.0-linux-amd64.tar.gz',
  markedBad: false,
  why: [],
  users: {
    downMs: 2_400,
    downFromMs: Date.parse('2026-11-20T02:31:02.000Z'),
    downToMs: Date.parse('2026-11-20T02:31:04.400Z'),
    unseenMs: 0,
    probes: 3212,
    probesFailed: 7,
    streamsCut: 1,
  },
  data: '0 usage rows lost; database untouched',
  proof: '9/9 against the 02:01 baseline of 1.0.0; binary, config and environment as before',
  left: ['version 1.1.0 (1.1 GB)', 'backup kept until 2026-12-20'],
  record: { path: '/opt/router/.routerctl/runs/7k2m/report/report.html', unsigned: null },
  verify: [
    'ssh-keygen -Y verify -f allowed_signers -I ops@example.org -n routerctl-report -s SHA256SUMS.sig < SHA256SUMS',
    'sha256sum -c SHA256SUMS',
  ],
  byHand: '/opt/router/.routerctl/runs/7k2m/ROLLBACK.md',
  failedKind: null,
};

const endings: Record<string, Partial<SummaryInput>> = {
  upgraded: { proof: null },
  unsigned: {
    exitCode: 8,
    proof: null,
    record: { path: 'report/report.html', unsigned: 'the leak gate found a registered secret in journal.jsonl' },
    verify: [],
  },
  'rolled-back': {
    verdict: verdictOf('rolled-back', '1.0.0'),
    outcome: 'rolled-back',
    exitCode: 4,
    markedBad: true,
    why: [
      'validate/usage-recorded: 3 of 3 streamed requests left no usage row',
      'not the provider: the mock model and the upstream asked directly were fine at the same minute',
    ],
    failedKind: 'usage-recorded',
  },
  'rollback-failed': {
    verdict: verdictOf('rollback-failed', null),
    outcome: 'rollback-failed',
    exitCode: 5,
    why: ['rollback/chat: 401 for a token that worked before the change'],
    proof: null,
    data: null,
  },
  failed: {
    verdict: verdictOf('failed', null),
    outcome: 'failed',
    exitCode: 3,
    why: ['preflight/package: built for arm64, this host is amd64'],
    users: null,
    data: null,
    proof: null,
    left: [],
    failedKind: 'package',
  },
  unmeasured: {
    verdict: verdictOf('unmeasured', null),
    outcome: 'unmeasured',
    exitCode: 7,
    why: ['preflight/ready: connection refused on 127.0.0.1:4000'],
    users: null,
    data: null,
    proof: null,
    left: [],
    record: null,
    verify: [],
  },
  kept: {
    verdict: verdictOf('kept', null),
    outcome: 'kept',
    exitCode: 9,
    why: ['hold ended by alice with keep: "provider outage"'],
    proof: null,
  },
  interrupted: {
    verdict: verdictOf('interrupted', null),
    outcome: 'interrupted',
    exitCode: 130,
    why: ['SIGINT before anything was changed'],
    users: null,
    data: null,
    proof: null,
    left: [],
    record: null,
    verify: [],
  },
};

for (const [name, ending] of Object.entries(endings)) {
  for (const columns of [80, 160]) {
    test(`the last words of a run that ended ${name} at ${columns} columns`, async () => {
      const lines = summaryLines({ ...base, ...ending }, columns, plainStyle);

      expect(lines.filter((text) => text.startsWith(' NEXT'))).toHaveLength(1);
      await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../../fixtures/screens/summary-${name}.${columns}.txt`);
    });
  }
}

test('commands and paths are never cut, however narrow the terminal', () => {
  const text = summaryLines(base, 40, plainStyle).join('\n');

  for (const whole of [...base.verify, base.record?.path ?? '']) expect(text).toContain(whole);
});

test('a downtime that was not measured to the end is not printed as a number', () => {
  const users = { downMs: null, downFromMs: null, downToMs: null, unseenMs: 7_000, probes: 40, probesFailed: 0, streamsCut: null };
  const lines = (more: Partial<NonNullable<SummaryInput['users']>>): string =>
    summaryLines({ ...base, users: { ...users, ...more } }, 100, plainStyle).join('\n');
  expect(lines({})).toContain('downtime unknown: nobody asked for 7.0 s, 0 of 40 probes failed');
  expect(lines({ downMs: 400 })).toContain('at least 0.4 s down, nobody asked for 7.0 s, 0 of 40 probes failed');
});

test.each(Object.entries(endings))('the screen and the report say with the same words how a run ended: %s', (_name, ending) => {
  const input = { ...base, ...ending };
  const [words = '', place = ''] = input.verdict.split(/: (.*)/s);
  const head = summaryLines(input, Number.POSITIVE_INFINITY, plainStyle)[0] ?? '';

  expect(head.startsWith(` ${words}${input.exitCode === 8 ? ', REPORT NOT SIGNED' : ''}: PRODUCTION ${place}`), head).toBe(true);
});

test('what is longer than the line is broken at spaces, but a command or a path runs on', () => {
  const lines = summaryLines(
    { ...base, next: `nothing. While its rollback data is kept: routerctl rollback -t ${'a'.repeat(40)}` },
    60,
    plainStyle,
  );

  expect(lines).toContain(' NEXT      nothing. While its rollback data is kept:');
  expect(lines).toContain(`           routerctl rollback -t ${'a'.repeat(40)}`);
  expect(lines).toContain(` record    ${base.record?.path ?? ''},`);
  expect(lines.filter((text) => displayWidth(text) > 60).every((text) => /routerctl|report\.html|ssh-keygen/.test(text))).toBe(true);
});
