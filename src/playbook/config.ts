// routerctl.yaml to targets: shape, then cross references, then every relative path made absolute beside the config file.
import { join, resolve } from 'node:path';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import { type Notify, type Target, targetSpec } from '../core/target.js';
import { z } from '../core/zod.js';
import { type Finding, findingAt, renderFinding, sortFindings } from './finding.js';
import { hintFor } from './nearest.js';
import { shapeFindings, valueAt } from './shape-findings.js';
import { type Path, readYaml, type YamlText } from './yaml-text.js';

const targetName = z.string().regex(/^[a-z][a-z0-9_-]*$/, 'a name is lower-case letters, digits, _ and -');

export const configSpec = z.strictObject({
  routerctl: z.literal(1, 'this routerctl reads version 1 of the config: write routerctl: 1'),
  targets: z.record(targetName, targetSpec).refine((map) => Object.keys(map).length > 0, 'a config has at least one target'),
});

/** Throws CONFIG_INVALID with every finding. `directory` is the absolute directory of the config file. */
export function readConfig(file: string, text: string, directory: string): ReadonlyMap<string, Target> {
  const yaml = readYaml(file, text);
  if ('findings' in yaml) throw invalid(file, yaml.findings);
  const { document } = yaml;
  const findings = [
    ...shapeFindings(document, [], document.value, configSpec),
    ...referenceFindings(document),
    ...homeFindings(document, [], document.value),
  ];
  const shaped = configSpec.safeParse(document.value);
  if (!shaped.success || findings.length > 0) throw invalid(file, findings);
  return new Map(Object.entries(shaped.data.targets).map(([name, spec]) => [name, absolute({ ...spec, name }, directory)]));
}

function invalid(file: string, findings: readonly Finding[]): RouterctlError {
  const sorted = sortFindings(findings);
  const count = `${sorted.length} error${sorted.length === 1 ? '' : 's'}`;
  return new RouterctlError('CONFIG_INVALID', `${file} is not a valid config: ${count}`, {
    details: sorted.flatMap(renderFinding),
    hint: 'an editor finds these while typing: routerctl playbook schema --for config',
  });
}

function referenceFindings(document: YamlText): readonly Finding[] {
  const targets = valueAt(document.value, ['targets']);
  return membersOf(targets).flatMap(([target, spec]) => {
    const components = membersOf(valueAt(spec, ['components'])).map(([name]) => name);
    return membersOf(valueAt(spec, ['databases'])).flatMap(([name, database]) => {
      const component = valueAt(database, ['component']);
      if (typeof component !== 'string' || components.includes(component)) return [];
      const span = document.valueSpan(['targets', target, 'databases', name, 'component']);
      return [findingAt(document.file, document.text, span, `the target has no component ${component}`, hintFor(component, components))];
    });
  });
}

/** `~` is the shell's; taken literally it would make a directory of that name. */
function homeFindings(document: YamlText, path: Path, value: Json): readonly Finding[] {
  if (typeof value === 'string') {
    if (!/^(file:)?~(\/|$)/.test(value)) return [];
    return [
      findingAt(
        document.file,
        document.text,
        document.valueSpan(path),
        '~ is not expanded in a config',
        'write the whole path, or one relative to this file',
      ),
    ];
  }
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => homeFindings(document, [...path, index], item));
  return Object.entries(value).flatMap(([key, member]) => homeFindings(document, [...path, key], member));
}

function membersOf(value: Json | undefined): readonly (readonly [string, Json])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function absolute(target: Target, directory: string): Target {
  const at = (path: string): string => resolve(directory, path);
  const secret = (reference: string): string => (reference.startsWith('file:') ? `file:${at(reference.slice(5))}` : reference);
  const { backup, signing, notify } = target;
  return {
    ...target,
    profile: /[/\\]|\.ya?ml$/.test(target.profile) ? at(target.profile) : target.profile,
    root: at(target.root),
    components: mapped(target.components, (component) => absoluteComponent(component, at, secret)),
    databases: mapped(target.databases, (database) => ({ ...database, path: at(database.path) })),
    upstreams: mapped(target.upstreams, (upstream) =>
      upstream.credential === undefined ? upstream : { ...upstream, credential: secret(upstream.credential) },
    ),
    temporary: { roots: target.temporary.roots.map(at) },
    policy: { ...target.policy, ...(target.policy.approvers === undefined ? {} : { approvers: at(target.policy.approvers) }) },
    ...(backup === undefined ? {} : { backup: { ...backup, directory: at(backup.directory) } }),
    ...(signing === undefined ? {} : { signing: absoluteSigning(signing, at, secret) }),
    ...(notify === undefined ? {} : { notify: absoluteNotify(notify, at, secret) }),
  };
}

type At = (path: string) => string;

function absoluteComponent(component: Target['components'][string], at: At, secret: At): Target['components'][string] {
  const { artifact, deployment } = component;
  return {
    ...component,
    credentials: mapped(component.credentials, secret),
    files: Object.fromEntries(Object.entries(component.files).map(([role, path]) => [role, path === undefined ? path : at(path)])),
    ...(artifact === undefined ? {} : { artifact: absoluteArtifact(artifact, at) }),
    ...(deployment === undefined ? {} : { deployment: absoluteDeployment(deployment, at) }),
  };
}

type Artifact = NonNullable<Target['components'][string]['artifact']>;

const absoluteArtifact = (artifact: Artifact, at: At): Artifact =>
  artifact.kind === 'image' ? artifact : { ...artifact, versions: at(artifact.versions), current: at(artifact.current) };

type Deployment = NonNullable<Target['components'][string]['deployment']>;

function absoluteDeployment(deployment: Deployment, at: At): Deployment {
  const { environmentFile, drainHook } = deployment;
  const shared = {
    ...(environmentFile === undefined ? {} : { environmentFile: at(environmentFile) }),
    ...(drainHook === undefined ? {} : { drainHook: absoluteCommand(drainHook, at) }),
  };
  if (deployment.kind === 'systemd') return { ...deployment, ...shared };
  const { directory } = deployment;
  if (deployment.kind === 'compose') return { ...deployment, ...shared, ...absoluteProject(deployment, at) };
  return {
    ...deployment,
    ...shared,
    command: absoluteCommand(deployment.command, at),
    pidFile: at(deployment.pidFile),
    log: at(deployment.log),
    ...(directory === undefined ? {} : { directory: at(directory) }),
  };
}

/** Its files are named from its own directory, as compose does it. */
function absoluteProject({ directory, files }: Extract<Deployment, { kind: 'compose' }>, at: At) {
  const absolute = at(directory);
  return { directory: absolute, files: files.map((file) => resolve(absolute, file)) };
}

/** A program written with a slash is a path; one without is looked up in PATH. Arguments are the program's own affair. */
function absoluteCommand(argv: readonly string[], at: At): string[] {
  const [program = '', ...rest] = argv;
  return [program.includes('/') ? at(program) : program, ...rest];
}

function absoluteNotify({ command, webhook, on }: Notify, at: At, secret: At): Notify {
  return {
    on,
    ...(command === undefined ? {} : { command: absoluteCommand(command, at) }),
    ...(webhook === undefined ? {} : { webhook: { url: secret(webhook.url), headers: mapped(webhook.headers, secret) } }),
  };
}

function absoluteSigning(signing: NonNullable<Target['signing']>, at: At, secret: At): NonNullable<Target['signing']> {
  const { passphrase, revoked } = signing;
  return {
    ...signing,
    key: at(signing.key),
    allowedSigners: at(signing.allowedSigners),
    ...(passphrase === undefined ? {} : { passphrase: secret(passphrase) }),
    ...(revoked === undefined ? {} : { revoked: at(revoked) }),
  };
}

function mapped<Value>(record: Readonly<Record<string, Value>>, change: (value: Value) => Value): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

/** Where a config is looked for from a directory upwards, nearest first; XDG is the caller's last resort. */
export function configCandidates(directory: string): readonly string[] {
  const candidates = [join(directory, 'routerctl.yaml')];
  const parent = resolve(directory, '..');
  return parent === resolve(directory) ? candidates : [...candidates, ...configCandidates(parent)];
}
