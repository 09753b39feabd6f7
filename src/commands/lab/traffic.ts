// `routerctl lab traffic`: steady chat traffic at a practice deployment, and what its callers noticed.
import { readFileSync } from 'node:fs';
import { Flags } from '@oclif/core';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand, stopSignal } from '../../cli/lab-command.js';

export default class LabTraffic extends LabCommand {
  static override summary = 'send steady chat traffic to a practice deployment';
  static override description =
    `Plain and streamed requests in turn, at a steady rate, until the duration is over or SIGTERM or Ctrl-C arrives; then the counts.
A stream without its terminal marker counts as cut. Failures do not change the exit status: they are what is being measured.

EXIT STATUS
  0  the counts were printed
  2  the directory holds no practice deployment`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --home lab --rate 20 --duration 10',
    '<%= config.bin %> <%= command.id %> --home lab --json',
  ];
  static override flags = {
    home: Flags.string({ required: true, description: 'directory given to lab up' }),
    rate: Flags.integer({ default: 10, min: 1, max: 1000, description: 'requests a second' }),
    duration: Flags.integer({ min: 1, description: 'seconds (default: until it is told to stop)' }),
  };

  protected override async practise(): Promise<CommandResult> {
    const { flags } = await this.parse(LabTraffic);
    const signal = stopSignal();
    const [{ readLabRecord }, { runTraffic }] = await Promise.all([
      import('../../router/lab/lab-record.js'),
      import('../../router/lab/steady-traffic.js'),
    ]);
    const { url, models, paths } = readLabRecord(flags.home);
    const token = readFileSync(paths.callerToken, 'utf8').trim();
    const durationMs = flags.duration === undefined ? null : flags.duration * 1000;
    const result = await runTraffic({ url, token, models, ratePerSecond: flags.rate, durationMs, signal });
    const { sent, ok, failed, cut, longestGapMs, failures } = result;
    const text = [`sent ${sent}, ok ${ok}, failed ${failed}, cut ${cut}, longest gap ${longestGapMs} ms`];
    for (const [reason, count] of Object.entries(failures)) text.push(`  ${count} × ${reason}`);
    return { exitCode: 0, text, json: { ...result, failures: { ...failures }, requestIds: [...result.requestIds] } };
  }
}
