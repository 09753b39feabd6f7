// Builds what the report and key commands need, and no more: `report verify` and `key list` start without databases and catalogues.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createReportFiles } from '../adapters/report-files-node.js';
import { secretsNode } from '../adapters/secrets-node.js';
import { createSigningKeys } from '../adapters/signing-keys-node.js';
import type { SigningTools } from '../app/sign-report.js';
import type { Redactor } from '../core/redaction.js';
import { processRedactor } from './process-redactor.js';

export function reportTools(redactor: Redactor = processRedactor()): SigningTools {
  return {
    files: createReportFiles(),
    keys: createSigningKeys(),
    secrets: secretsNode({ redactor, baseDirectory: process.cwd(), environment: process.env }),
  };
}

/** Where keys live unless told otherwise. */
export function keyDirectory(): string {
  return join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'routerctl', 'keys');
}
