// A practice deployment handed over to systemd: the same router, run by a unit whose ExecStart goes through the link to the version
// in use, and a routerctl.yaml that says so.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { parse, stringify } from 'yaml';
import type { PrivateSystemd } from '../parts/private-systemd.js';
import type { Lab } from './lab.js';
import { stopPlainRouter, untilReady } from './plain-router.js';

export interface SystemdLab {
  readonly unit: string;
  readonly unitFile: string;
  /** What systemd says of the unit. */
  show(property: string): string;
  /** Adds lines to [Service]; systemd does not know of them before it is reloaded. */
  addToUnit(...lines: readonly string[]): void;
  writeUnit(text: string): void;
  ready(): Promise<void>;
}

let handedOver = 0;

export async function runBySystemd(lab: Lab, systemd: PrivateSystemd, scope: 'system' | 'user' = 'system'): Promise<SystemdLab> {
  await stopPlainRouter(lab);
  // No other manager on this machine may have a control group of this name.
  const unit = `router-${process.pid}-${handedOver++}.service`;
  const unitFile = systemd.writeUnit(unit, unitText(lab));
  writeFileSync(lab.paths.targetConfig, asUnit(readFileSync(lab.paths.targetConfig, 'utf8'), lab, { unit, scope }));
  const ready = (): Promise<void> => untilReady(lab);
  systemd.systemctl('start', unit);
  await ready();
  return {
    unit,
    unitFile,
    show: (property) => systemd.systemctl('show', '--value', `--property=${property}`, unit),
    addToUnit: (...lines) => writeFileSync(unitFile, [readFileSync(unitFile, 'utf8').trimEnd(), ...lines, ''].join('\n')),
    writeUnit: (text) => writeFileSync(unitFile, text),
    ready,
  };
}

const unitText = ({ paths }: Lab): string => `[Unit]
Description=Reference router of a test

[Service]
ExecStart=${paths.program} serve --config ${paths.config}
WorkingDirectory=${paths.home}
Environment=PATH=${dirname(process.execPath)}:/usr/bin:/bin
EnvironmentFile=${paths.environment}
StandardOutput=append:${paths.routerLog}
StandardError=inherit
Restart=always
RestartSec=100ms
TimeoutStopSec=20s
`;

interface Practice {
  readonly targets: {
    readonly lab: { readonly components: { readonly router: Record<string, unknown> }; policy?: unknown; [key: string]: unknown };
  };
}

function asUnit(text: string, { paths }: Lab, { unit, scope }: { readonly unit: string; readonly scope: string }): string {
  const config = parse(text) as Practice;
  const { lab } = config.targets;
  lab.components.router['deployment'] = {
    kind: 'systemd',
    unit,
    ...(scope === 'system' ? {} : { scope }),
    environmentFile: basename(paths.environment),
    drain: '12s',
    start: '20s',
  };
  // The guard is a unit of the same manager.
  delete lab['policy'];
  return stringify(config);
}
