// A profile text to a Profile: what one router product calls its paths, headers, columns and files.
import { RouterctlError } from '../core/errors.js';
import { type Profile, profileSpec } from '../core/profile.js';
import { renderFinding } from './finding.js';
import { shapeFindings } from './shape-findings.js';
import { readYaml } from './yaml-text.js';

/** Throws PROFILE_INVALID with every finding. */
export function readProfile(file: string, text: string): Profile {
  const yaml = readYaml(file, text);
  const findings = 'findings' in yaml ? yaml.findings : shapeFindings(yaml.document, [], yaml.document.value, profileSpec);
  const shaped = 'findings' in yaml ? null : profileSpec.safeParse(yaml.document.value);
  if (shaped?.success === true && findings.length === 0) return shaped.data;
  const count = `${findings.length} error${findings.length === 1 ? '' : 's'}`;
  throw new RouterctlError('PROFILE_INVALID', `${file} is not a valid profile: ${count}`, { details: findings.flatMap(renderFinding) });
}
