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
