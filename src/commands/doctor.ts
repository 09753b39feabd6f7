// `routerctl doctor`: everything that can be known before a window, all findings at once, each with its fix.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnosis } from '../app/diagnosis.js';
import { doctor, type Patient } from '../app/doctor.js';
import { BaseCommand, type CommandResult } from '../cli/base-command.js';
import { doctorTarget } from '../cli/doctor-target.js';
import { terminalColumns } from '../cli/print.js';
import { openShell } from '../cli/wiring.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Json } from '../core/json.js';
import { doctorLines } from '../ui/doctor-screen.js';
import { styleFor } from '../ui/style.js';

export default class Doctor extends BaseCommand {
  static override summary = 'Look at everything that can be known before a window: router, secrets, keys, room, deployment.';
  static override description =
    `Changes nothing, sends no request that costs, and leaves no record. Every finding is told at once, each with its fix. Without a routerctl.yaml the router of ROUTER_BASE_URL is looked at, with the token of ROUTERCTL_KEY or ROUTER_TOKEN.

EXIT STATUS
  0  nothing is in the way; a warning may still be worth a look
  2  wrong usage, no config, invalid config, refused URL
  3  something would stop a change
  7  something could not be measured, for example the router does not answer
  130  interrupted`;
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor -t gateway -v', '<%= config.bin %> doctor --json'];

  protected async perform(): Promise<CommandResult> {
    const { flags } = await this.parse(Doctor);
    const shell = await openShell();
    const scratch = mkdtempSync(join(tmpdir(), 'routerctl-doctor-'));
    const aside = await openShell({ state: join(scratch, 'state') });
    const controller = new AbortController();
    const stop = (name: NodeJS.Signals): void => controller.abort(name);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop);
    try {
      const patient = await doctorTarget(shell, flags);
      const rows = await doctor({ shell, aside, scratch, stop: controller.signal }, patient);
      const exitCode = exitOf(rows);
      const next = nextStep(patient, exitCode);
      const style = styleFor(process.env, process.stdout.isTTY);
      const columns = terminalColumns(process.stdout);
      const json = { exitCode, target: patient.target.name, config: patient.configPath, next, findings: rows.map(findingOf) };
      const text = doctorLines({ title: titleOf(patient), rows, exitCode, next, verbose: flags.verbose }, columns, style);
      return { exitCode, text, json: json as unknown as Json };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, stop);
      await Promise.all([shell.close(), aside.close()]);
    }
  }
}

function exitOf(rows: readonly Diagnosis[]): ExitCode {
  if (rows.some(({ verdict }) => verdict.status === 'fail')) return 3;
  return rows.some(({ verdict }) => verdict.status === 'inconclusive') ? 7 : 0;
}

const findingOf = ({ name, verdict }: Diagnosis) => {
  const { status, summary, details = [], hint = null } = verdict;
  return { name, status, summary, details, fix: hint };
};

function titleOf({ target, profile }: Patient): string {
  const url = Object.values(target.components).find((component) => component.url !== undefined)?.url;
  const place = url === undefined ? '' : `, ${url}`;
  return `${target.environment === 'production' ? 'PRODUCTION ' : ''}${target.name}: ${profile.title}${place}`;
}

function nextStep({ configPath }: Patient, exitCode: ExitCode): string {
  if (exitCode !== 0) return 'mend what is marked, then: routerctl doctor';
  return configPath === null ? 'routerctl smoke' : 'routerctl plan upgrade --to PACKAGE';
}
