// `routerctl lab upstream`: the scripted provider in the foreground.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Flags } from '@oclif/core';
import type { CommandResult } from '../../cli/base-command.js';
import { LabCommand, stopSignal } from '../../cli/lab-command.js';

export default class LabUpstream extends LabCommand {
  static override summary = 'run a scriptable model provider in the foreground';
  static override description =
    `Speaks OpenAI Chat Completions, OpenAI Responses and Anthropic Messages. Gives predictable answers with token
counts, calls tools, reads pictures, and makes faults on demand: for every request (--fault), by model name (delay-500, status-429,
cut-2, no-usage, …, joined by +), by the request header x-lab-fault, or by POST /control.

EXIT STATUS
  0  stopped as asked
  2  wrong flags`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --port 4100',
    '<%= config.bin %> <%= command.id %> --port-file upstream.port',
    '<%= config.bin %> <%= command.id %> --fault status-429+retry-7',
  ];
  static override flags = {
    port: Flags.integer({ default: 0, min: 0, max: 65_535, description: 'port on 127.0.0.1; 0 takes a free one' }),
    fault: Flags.string({ description: 'made for every request: words joined by +, or JSON' }),
    'port-file': Flags.string({ description: 'write the port here once it listens' }),
  };

  protected override async practise(): Promise<CommandResult> {
    const { flags } = await this.parse(LabUpstream);
    const stop = stopSignal();
    const { startScriptedUpstream } = await import('../../router/lab/scripted-upstream.js');
    const { faultOfText } = await import('../../router/lab/upstream-faults.js');
    const fault = flags.fault === undefined ? {} : faultOfText(flags.fault);
    const upstream = await startScriptedUpstream({ port: flags.port, fault });
    if (flags['port-file'] !== undefined) writeFileSync(flags['port-file'], `${upstream.port}\n`);
    if (!flags.quiet) process.stderr.write(`scripted upstream on ${upstream.url}\n`);
    if (!stop.aborted) await once(stop, 'abort');
    const { requests, canceled } = upstream.counters;
    await upstream.stop();
    return {
      exitCode: 0,
      text: [`${requests} requests, ${canceled} left by their caller`],
      json: { url: upstream.url, requests, canceled },
    };
  }
}
