// Decides whether a router needs a license: when its config names one, and always in a package, which carries the public key
// that its licenses are signed with. A program run from its sources without one in its config needs none.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RouterConfig } from '../config/config.js';
import type { Log } from '../log.js';
import type { Release } from '../release.js';
import { type LicenseGate, unlicensed } from './license-gate.js';
import { SignedLicenseGate } from './signed-license-gate.js';

/** Beside `RELEASE.json` in a package. */
export const packagedKeyName = 'license-public-key.pem';
/** Beside the license, when the config names no other. */
const stateName = 'license-state.json';

export interface LicenseParts {
  readonly release: Release;
  /** The config in force, asked each time. */
  readonly config: () => RouterConfig;
  readonly log: Log;
  readonly nowMs: () => number;
}

export function openLicenseGate({ release, config, log, nowMs }: LicenseParts): LicenseGate {
  const { license } = config();
  const packaged = release.packageDirectory === undefined ? null : join(release.packageDirectory, packagedKeyName);
  const publicKeyFile = license?.public_key_file ?? (packaged !== null && existsSync(packaged) ? packaged : null);
  if (license === undefined && publicKeyFile === null) return unlicensed;
  const file = license?.file ?? null;
  const stateFile = license?.state_file ?? join(dirname(file ?? '.'), stateName);
  const gate = new SignedLicenseGate({ file, stateFile, publicKeyFile, config, log, nowMs });
  gate.problem();
  return gate;
}
