import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.js';
import { createRedactor, maskJson } from '../../src/core/redaction.js';
import type { Availability } from '../../src/report/availability.js';
import { buildReport } from '../../src/report/build.js';
import { checkJournalChain } from '../../src/report/journal-chain.js';
import { renderHtml } from '../../src/report/render-html.js';
import { renderJunit, xml } from '../../src/report/render-junit.js';
import { renderMarkdown } from '../../src/report/render-markdown.js';
import { renderText } from '../../src/report/render-text.js';
import type { ReportDocument } from '../../src/report/report-document.js';
import { artifactDigest, type Ending, sampleRun } from './sample-run.js';

function reportOf(ending: Ending, hostile = ''): ReportDocument {
  const { plan, events, lines } = sampleRun(ending, hostile);
  const chain = checkJournalChain(lines);
  if (typeof chain === 'string') throw new Error(chain);
  return buildReport(events, plan, { journal: chain });
}
const answers = (report: ReportDocument): Record<string, string> =>
  Object.fromEntries(report.questions.map(({ id, status }) => [id, status]));

describe('the report of an upgrade', () => {
  const report = reportOf('upgraded');
  test('says what serves, from which version to which, with which artifact', () => {
    expect(report.result).toEqual({
      outcome: 'upgraded',
      exitCode: 0,
      why: 'every required check passed',
      verdictLine: 'UPGRADED, VERIFIED: router @ gw-01 serves 1.1.0',
      next: 'nothing; the rollback data is kept until cleanup',
    });
    expect(report.release).toEqual({
      from: '1.0.0',
      to: '1.1.0',
      artifacts: [{ name: 'reference-router-1.1.0-linux-amd64.tar.gz', sha256: artifactDigest }],
    });
    expect(report.journal.sealed).toBe(true);
  });
  test('answers the four questions by its checks', () => {
    expect(answers(report)).toEqual({ run: 'pass', observed: 'pass', updated: 'warn', rolledBack: 'pass' });
    expect(report.counts).toEqual({ passed: 5, warned: 1, failed: 0, inconclusive: 0, skipped: 1, waived: 0 });
  });
  test('names what was not proven', () => {
    expect(report.unproven).toEqual([
      { what: 'smoke/vision', why: 'skipped: no model can see' },
      { what: 'load_image', why: 'left out when the plan was made: the artifact is a binary' },
      { what: 'times', why: "they are this machine's own; no outside authority stamped them" },
    ]);
  });
  test('is the same whenever it is built', () => {
    expect(JSON.stringify(reportOf('upgraded'))).toBe(JSON.stringify(report));
  });
});

describe('a time in which nobody asked', () => {
  const hole = { fromMs: Date.parse('2026-11-20T02:14:20Z'), toMs: Date.parse('2026-11-20T02:14:32Z') };
  const seen = { everyMs: 50, requests: 400, failures: 0, fromMs: hole.fromMs - 20_000, toMs: hole.fromMs, longestGapMs: 61 };
  const reportWith = (rest: Pick<Availability, 'downtimeMs' | 'outages' | 'untilMs'>): ReportDocument => {
    const { plan, events } = sampleRun('upgraded');
    const availability = { ...seen, holes: [hole], ...rest };
    return buildReport(events, plan, { journal: { entries: 1, head: '' }, availability });
  };
  test('to the end is the death of the prober, and no renderer prints a downtime that nobody measured', () => {
    const report = reportWith({ downtimeMs: null, outages: [], untilMs: hole.toMs });
    expect(report.unproven).toContainEqual({
      what: 'downtime',
      why: 'nobody asked from 2026-11-20T02:14:20.000Z to 2026-11-20T02:14:32.000Z: the prober had died',
    });
    for (const text of [renderText(report).join('\n'), renderMarkdown(report), renderHtml(report)]) {
      expect(text).toContain('downtime unknown');
      expect(text).not.toMatch(/\b0 m?s down|down 0 m?s/);
    }
  });
  test('in the middle makes the downtime the least that it was', () => {
    const outage = { fromMs: hole.fromMs - 2000, toMs: hole.fromMs - 1000, failures: 19 };
    const report = reportWith({ downtimeMs: 1000, outages: [outage], untilMs: hole.toMs + 5000 });
    expect(report.unproven).toContainEqual({
      what: 'downtime',
      why: 'nobody asked from 2026-11-20T02:14:20.000Z to 2026-11-20T02:14:32.000Z',
    });
    for (const text of [renderText(report).join('\n'), renderMarkdown(report), renderHtml(report)])
      expect(text).toMatch(/at least 1\.0 s down/);
  });
});

test('a package that the plan names by digest is the artifact', () => {
  const { plan, events } = sampleRun('dead');
  const to = { path: '/srv/p-2.0.0.tar.gz', name: 'p-2.0.0.tar.gz', sha256: 'd'.repeat(64), version: '2.0.0' };
  const report = buildReport(events, { ...plan, inputs: { to } }, { journal: { entries: 1, head: '' } });
  expect(report.release).toEqual({ from: '1.0.0', to: '2.0.0', artifacts: [{ name: 'p-2.0.0.tar.gz', sha256: 'd'.repeat(64) }] });
});

describe('the report of a rollback', () => {
  const report = reportOf('rolled-back');
  test('says why, and that the old version was verified', () => {
    expect(report.result.verdictLine).toBe('ROLLED BACK, VERIFIED: router @ gw-01 serves 1.0.0');
    expect(report.rollback).toMatchObject({ why: 'smoke/usage failed', verified: true, tookMs: 10_500 });
    expect(answers(report)).toEqual({ run: 'warn', observed: 'fail', updated: 'warn', rolledBack: 'pass' });
  });
  test('keeps the way back apart from the way forward', () => {
    expect(report.timeline.filter(({ way }) => way === 'back').map(({ what, step }) => `${what} ${step}`)).toEqual([
      'revert up',
      'revert install',
      'check smoke/version',
    ]);
  });
});

test('the report of a dead run says that it has no end and what it never reached', () => {
  const report = reportOf('dead');
  expect(report.result).toMatchObject({
    outcome: 'unfinished',
    exitCode: null,
    verdictLine: 'UNFINISHED: router @ gw-01; the journal has no end',
  });
  expect(report.journal.sealed).toBe(false);
  expect(report.timeline.at(-1)).toMatchObject({ step: 'up', status: 'unfinished', endedAt: null });
  const gaps = report.unproven.map(({ what }) => what);
  expect(gaps).toEqual([
    'up',
    'load_image',
    'smoke/version',
    'smoke/chat',
    'smoke/usage',
    'smoke/vision',
    'downtime',
    'times',
    'end of the run',
  ]);
});

test('a run that checked nothing answers no question with yes', () => {
  const { plan, events } = sampleRun('upgraded');
  const report = buildReport(
    events.filter(({ type }) => type === 'run-created' || type === 'run-finished'),
    plan,
    { journal: { entries: 2, head: '' } },
  );
  expect(answers(report)).toEqual({ run: 'inconclusive', observed: 'inconclusive', updated: 'inconclusive', rolledBack: 'inconclusive' });
});

const hostile = `<script>alert(1)</script> | [x](javascript:1) \u001b[2J\u202e \`code\` "quote' ]]> & \u0000 https://evil.test ![](http://evil.test/p.png)`;

describe('hostile text', () => {
  const report = reportOf('rolled-back', hostile);
  test('stays text in HTML, under a policy that allows one style sheet and nothing else', () => {
    const page = renderHtml(report);
    expect(page).not.toMatch(/<script|<img|<a |<link|<iframe|javascript:1\)<|\son\w+=|@import|url\(/i);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(page).toContain(
      `content="default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(page).not.toMatch(/\sstyle=/);
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
  test('stays text in Markdown', () => {
    const text = renderMarkdown(report);
    expect(text).not.toMatch(/<script|\u001b|\u202e|https:\/\/evil|[^\\]!\[|[^\\]\[x\]/);
    for (const line of text.split('\n')) if (line.startsWith('|')) expect(line.endsWith(' |'), line).toBe(true);
  });
  test('cannot redraw the terminal', () => {
    expect(renderText(report).join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });
  test('stays text in XML, without characters that XML does not know', () => {
    const text = renderJunit(report);
    expect(text).not.toMatch(/<script|\u001b|\u0000/);
    expect(xml('a\u0000b<&>"\n\ud800')).toBe('a\ufffdb&lt;&amp;&gt;&quot;&#10;\ufffd');
  });
});

test('JUnit XML holds what all readers know: counts on the root, properties at suites, errors for what was not measured', () => {
  const text = renderJunit(reportOf('rolled-back'));
  expect(text).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="routerctl 7k2m" tests="13" failures="1" errors="0" time="\d+\.\d{3}">\n/,
  );
  expect(text).toContain(
    '<testcase name="smoke/usage" classname="validate.usage-recorded" time="0.041">\n      <failure message="3 of 3 streamed requests left no usage row" type="fail">',
  );
  expect([...text.matchAll(/<testsuite name="([^"]+)"/g)].map(([, name]) => name)).toEqual(['preflight', 'change', 'validate', 'rollback']);
  expect(text.match(/<testcase /g)).toHaveLength(13);
  const names = [...text.matchAll(/classname="([^"]+)"/g)].length;
  expect(names).toBe(13);
  expect(renderJunit(reportOf('dead'))).toContain('<error message="did not end" type="unfinished">');
});

test('a masked report has the same shape as before', () => {
  const report = reportOf('upgraded');
  const redactor = createRedactor();
  redactor.register('reference-router-1.1.0', 'a name');
  const masked = maskJson(report as unknown as Json, redactor) as unknown as ReportDocument;
  expect(masked.release.artifacts[0]?.name).toBe('***a_name***-linux-amd64.tar.gz');
  expect({ ...masked, release: report.release, inputs: report.inputs, timeline: report.timeline }).toEqual(report);
});
