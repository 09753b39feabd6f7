// The text of the first routerctl.yaml: what was recognised, with how, and the places that a person fills in. References only.
import type { Recognised } from './first-contact.js';

export interface FirstConfigChoices {
  /** Key in `targets`. */
  readonly name: string;
  /** Reference of an ordinary caller's token. */
  readonly key: string | null;
  readonly backup: { readonly directory: string; readonly recipients: readonly string[] } | null;
}

export function firstConfig(recognised: Recognised, { name, key, backup }: FirstConfigChoices): string {
  const { service, profile, root, files } = recognised;
  const [usage, ...more] = files.databases;
  const lines = [
    '# Written by `routerctl init` from what runs here. It holds references to secrets, never secrets.',
    '# Every key: docs/reference/config.md; an editor completes them with `routerctl playbook schema --for config`.',
    'routerctl: 1',
    'targets:',
    `  ${name}:`,
    `    profile: ${scalar(profile)}${service.product === null ? '  # a guess: nothing answered' : `  # told by ${service.product.how}`}`,
    '    # production asks for the name of the target before a change, and admits no check that changes state; else staging or lab.',
    '    environment: production',
    "    # The deployment's own directory: lease and runs lie in its .routerctl.",
    `    root: ${scalar(root)}`,
    '    components:',
    '      router:',
    ...(service.url === null ? [] : [`        url: ${scalar(service.url)}`]),
    ...credentialLines(key),
    ...artifactLines(recognised),
    ...deploymentLines(recognised),
    ...fileLines(recognised),
    ...(usage === undefined
      ? []
      : ['    databases:', `      # ${usage.how}`, `      usage: { kind: sqlite, path: ${scalar(usage.path)}, component: router }`]),
    ...more.map(
      ({ path, how }, index) => `      # ${how}\n      other_${index + 1}: { kind: sqlite, path: ${scalar(path)}, component: router }`,
    ),
    ...backupLines(backup),
    ...(service.unit === null && service.process === null ? [] : policyLines),
    ...signingLines,
  ];
  return `${lines.join('\n')}\n`;
}

/** JSON's quoted text is YAML's too. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z/][\w./@+-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

const list = (words: readonly string[]): string =>
  `[${words.map((word) => (/^[A-Za-z/][\w./@+-]*$/.test(word) ? scalar(word) : JSON.stringify(word))).join(', ')}]`;

function credentialLines(key: string | null): readonly string[] {
  if (key === null)
    return [
      '        # The token of an ordinary caller, which checks ask with: file:PATH with mode 600.',
      '        # credentials: { caller: "file:secrets/caller-token" }',
    ];
  const kept = key.startsWith('env:')
    ? ['        # The guard outlives your shell and cannot see this variable: for an upgrade keep the token in a file, and say file:PATH.']
    : [];
  return [...kept, `        credentials: { caller: ${JSON.stringify(key)} }`];
}

function artifactLines({ layout }: Recognised): readonly string[] {
  if (layout === null || layout.current === null) return [];
  const { program, versions, current, version } = layout;
  return [
    `        # ${version} is in use`,
    `        artifact: { kind: binary, program: ${scalar(program)}, versions: ${scalar(versions)}, current: ${scalar(current)} }`,
  ];
}

function deploymentLines(recognised: Recognised): readonly string[] {
  const { service, environmentFile, command, root, directory, log, pidFile } = recognised;
  const environment =
    environmentFile === null ? [] : [`          environmentFile: ${scalar(environmentFile.path)}  # ${environmentFile.how}`];
  if (service.unit !== null) {
    const { unit, scope } = service.unit;
    return [
      '        deployment:',
      '          kind: systemd',
      `          unit: ${scalar(unit)}`,
      ...(scope === 'user' ? ['          scope: user'] : []),
      ...environment,
    ];
  }
  if (service.process === null) return [];
  if (command === null) return ['        # deployment: its arguments hold what looks like a secret, so that they were not written down.'];
  return [
    '        deployment:',
    '          kind: process',
    `          command: ${list(command)}`,
    `          directory: ${scalar(directory)}`,
    ...environment,
    `          pidFile: ${scalar(pidFile?.path ?? `${root}/run/router.pid`)}${pidFile === null ? '  # not there yet' : ''}`,
    `          log: ${scalar(log ?? `${root}/log/router.log`)}${log === null ? '  # its output goes to no file now; a restart would begin this one' : ''}`,
  ];
}

function fileLines({ files, environmentFile }: Recognised): readonly string[] {
  const entries = Object.entries({
    config: files.config,
    providerEnvironment: environmentFile,
    license: files.license,
    licenseState: files.licenseState,
  }).flatMap(([role, file]) => (file === null ? [] : [`          ${role}: ${scalar(file.path)}  # ${file.how}`]));
  return entries.length === 0 ? [] : ['        # What a backup saves.', '        files:', ...entries];
}

function backupLines(backup: FirstConfigChoices['backup']): readonly string[] {
  if (backup !== null)
    return ['    backup:', `      directory: ${scalar(backup.directory)}`, `      recipients: ${list(backup.recipients)}`];
  return [
    '    # An upgrade saves everything first: name a directory, and age public keys that can open it (docs/guides/backups.md).',
    '    # backup:',
    '    #   directory: /var/backups/router',
    '    #   recipients: [age1...]',
  ];
}

const policyLines = ['    # policy: { window: required, approval: required, approvers: keys/approvers, rollbackOwner: on-call }'];

const signingLines = [
  '    # Reports stay unsigned until there is a key: routerctl key generate --identity you@example.org --out keys/signing.pem',
  '    # signing: { key: keys/signing.pem, identity: you@example.org, allowedSigners: keys/allowed_signers }',
];
