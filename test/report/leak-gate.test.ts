import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createReportFiles } from '../../src/adapters/report-files-node.js';
import { signReportFolder } from '../../src/app/sign-report-folder.js';
import { verifyReportFolder } from '../../src/app/verify-report.js';
import { createRedactor } from '../../src/core/redaction.js';
import { findLeaks } from '../../src/report/leak-gate.js';
import { workshop, write } from './report-folder.js';

describe('the leak gate', () => {
  const secret = 'hunter2-hunter2-hunter2';
  test('refuses to sign, and puts the files aside for their owner only', async () => {
    const redactor = createRedactor();
    redactor.register(secret, 'env:ROUTER_KEY');
    const own = await workshop();
    const leaky = { ...redactor, mask: (text: string) => text };
    const written = await write(own, { redactor: leaky, hostile: secret });
    expect(written).toMatchObject({ signed: false, directory: join(own.home, 'report', 'unsigned'), problem: { code: 'LEAK_FOUND' } });
    expect(JSON.stringify(written.problem)).not.toContain(secret);
    expect(await readdir(join(own.home, 'report'))).toEqual(['unsigned']);
    for (const name of await readdir(written.directory)) expect((await stat(join(written.directory, name))).mode & 0o777, name).toBe(0o600);
    expect(await verifyReportFolder(createReportFiles(), join(own.home, 'report'), { allowedSigners: own.allowedSigners })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not signed'),
    });
    await expect(signReportFolder(own.tools, written.directory, own.signing, redactor)).rejects.toMatchObject({ code: 'LEAK_FOUND' });
  });

  test('looks into compressed files and at names, and takes bombs for leaks', () => {
    const redactor = createRedactor();
    redactor.register(secret, 'key');
    const leaks = findLeaks(
      new Map<string, Uint8Array>([
        ['a.gz', gzipSync(gzipSync(`x ${secret}`))],
        [`${secret}.txt`, Buffer.from('')],
        ['clean', Buffer.from('fine')],
        ['wide', Buffer.from(secret, 'utf16le')],
        ['bomb.gz', gzipSync(Buffer.alloc(70 * 1024 * 1024))],
      ]),
      redactor,
    );
    expect(leaks.map(({ file }) => file)).toEqual(['a.gz', `${secret}.txt`, 'wide', 'bomb.gz']);
  });

  test('looks for what the masker would have masked, registered or not', () => {
    const found = (name: string, text: string) => findLeaks(new Map([[name, Buffer.from(text)]]), createRedactor());
    const url = 'postgres://router:hunter2@db/x';
    expect(found('journal.jsonl', `{"a":1}\n{"log":["${url}"]}\n`)).toEqual([{ file: 'journal.jsonl', rules: ['url-user'] }]);
    expect(found('report.json', JSON.stringify({ smtp: { password: 'x' } }))).toEqual([{ file: 'report.json', rules: ['secret-name'] }]);
    expect(found('report.json', `{"log": "${url}"`), 'broken JSON').toHaveLength(1);
    expect(found('report.md', `| ${url} |`)).toHaveLength(1);
    expect(found('report.html', '<td>database_password=hunter2</td>')).toHaveLength(1);
    expect(found('junit.xml', '<system-out>Authorization: Basic cm91dGVyOmh1bnRlcjI=</system-out>')).toHaveLength(1);
  });

  test('takes no border between two texts for a secret', () => {
    const found = (name: string, text: string) => findLeaks(new Map([[name, Buffer.from(text)]]), createRedactor());
    expect(found('report.json', JSON.stringify({ hint: 'set password=', next: 'Abc123' }, null, 2))).toEqual([]);
    expect(found('journal.jsonl', `${JSON.stringify({ hint: 'the line ends with token:', next: 'Abc123' })}\n`)).toEqual([]);
    expect(found('report.html', '<td>set password=</td><td>Abc123</td>')).toEqual([]);
  });

  test('a masked report is signed', async () => {
    const redactor = createRedactor();
    redactor.register(secret, 'env:ROUTER_KEY');
    const own = await workshop();
    const { plan, events } = (await import('./sample-run.js')).sampleRun('upgraded', ` ${secret}`);
    const lines = (await import('./sample-run.js')).sampleRun('upgraded').lines;
    const { writeReport } = await import('../../src/app/build-report.js');
    const written = await writeReport(own.tools, {
      directory: join(own.home, 'r'),
      plan,
      events,
      journalLines: lines,
      evidence: {},
      signing: own.signing,
      redactor,
    });
    expect(written.signed).toBe(true);
    for (const bytes of (await createReportFiles().read(join(own.home, 'r'))).values())
      expect(Buffer.from(bytes).toString()).not.toContain(secret);
  });
});
