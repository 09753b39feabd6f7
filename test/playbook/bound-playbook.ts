// Playbooks of a test bound to one small target, so that a test shows only what it is about.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../../src/cli/catalogue.js';
import type { Catalogue } from '../../src/core/catalogue.js';
import { RouterctlError } from '../../src/core/errors.js';
import type { Json } from '../../src/core/json.js';
import { readConfig } from '../../src/playbook/config.js';
import { type BoundStep, type Expansion, expand } from '../../src/playbook/expand.js';
import { renderFinding } from '../../src/playbook/finding.js';
import { readPlaybook, type SourceText } from '../../src/playbook/playbook.js';
import { readProfile } from '../../src/playbook/profile.js';

export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const textOf = (path: string): string => readFileSync(`${repository}/${path}`, 'utf8');

export const targetYaml = `
routerctl: 1
targets:
  lab:
    profile: reference-router
    environment: lab
    root: data
    components:
      router:
        url: http://127.0.0.1:4000
        models: [fast, slow]
    databases:
      usage: { kind: sqlite, path: usage.sqlite }
    upstreams:
      primary: { url: "http://127.0.0.1:4001", model: m }
    temporary: { roots: [tmp] }
`;

const catalogue = await loadCatalogue();

interface Around {
  readonly inputs?: Readonly<Record<string, Json>>;
  readonly suites?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly catalogue?: Catalogue;
}

/** Binds a whole playbook text; throws what `expand` throws, or its findings as one error. */
export function bind(text: string, around: Around = {}): Expansion {
  const suites = new Map(
    Object.entries({ readiness: textOf('playbooks/suites/readiness.yaml'), ...around.suites }).map(([name, body]): [string, SourceText] => [
      name,
      { file: `${name}.yaml`, text: body },
    ]),
  );
  const kinds = around.catalogue ?? catalogue;
  const read = readPlaybook({ file: 'p.yaml', text }, suites, kinds);
  if ('findings' in read) throw new Error(read.findings.flatMap(renderFinding).join('\n'));
  const target = readConfig('routerctl.yaml', around.target ?? targetYaml, '/srv').get('lab');
  if (target === undefined) throw new Error('no target lab');
  const profile = readProfile('profile.yaml', textOf('playbooks/profiles/reference-router.yaml'));
  return expand({ playbook: read.playbook, target, profile, inputs: around.inputs ?? {}, catalogue: kinds });
}

/** Binds one phase of steps, one per line, after optional input declarations. */
export function bindSteps(steps: readonly string[], around: Around & { readonly declare?: string } = {}): Expansion {
  const inputs = around.declare === undefined ? '' : `inputs:\n${around.declare}\n`;
  return bind(
    `routerctl: 1\nname: p\ntitle: P\n${inputs}phases:\n  - name: only\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`,
    around,
  );
}

export function stepsOf(expansion: Expansion): readonly BoundStep[] {
  return expansion.phases.flatMap(({ steps }) => steps);
}

export function refusal(act: () => unknown): RouterctlError {
  try {
    act();
  } catch (error) {
    if (error instanceof RouterctlError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

export const artifact = {
  path: '/p/reference-router-1.1.0-linux-amd64.tar.gz',
  name: 'reference-router-1.1.0-linux-amd64.tar.gz',
  sha256: 'ab',
  bytes: 1,
  version: '1.1.0',
  arch: 'amd64',
  os: 'linux',
  commit: 'c',
  buildDate: '2026-01-01T00:00:00Z',
  product: 'reference-router',
  migrations: 'none',
};
