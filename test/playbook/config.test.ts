import { expect, test } from 'vitest';
import { configCandidates, readConfig } from '../../src/playbook/config.js';
import { readProfile } from '../../src/playbook/profile.js';
import { refusal, targetYaml, textOf } from './bound-playbook.js';

const full = `
routerctl: 1
targets:
  gw:
    profile: ./ours.yaml
    environment: production
    root: ./deployment
    components:
      router:
        url: https://router.internal
        credentials: { caller: "file:secrets/caller", admin: env:ADMIN }
        artifact: { kind: binary, program: reference-router, versions: versions, current: current }
        deployment:
          kind: process
          command: [current/bin/reference-router, serve, --config, router.yaml]
          directory: .
          environmentFile: router.env
          pidFile: run/router.pid
          log: /var/log/router.log
          drainHook: [notify, draining]
          drain: 5s
        files: { config: router.yaml, providerEnvironment: provider.env }
    databases: { usage: { kind: sqlite, path: data/usage.sqlite, component: router } }
    upstreams: { primary: { url: "https://provider.example", model: m, credential: "file:secrets/upstream" } }
    backup: { directory: ../backups, recipients: [age1xyz] }
    temporary: { roots: [tmp] }
    policy: { approvers: approvers, limit: 2h }
    signing: { key: keys/sign, identity: gw@example.org, allowedSigners: keys/allowed, revoked: keys/revoked, passphrase: "file:keys/pass" }
    notify: { command: [./tell, now], webhook: { url: "file:keys/hook", headers: { X-Token: "file:keys/token" } } }
`;

test('every relative path is made absolute beside the config file, and nothing else is touched', () => {
  const target = readConfig('routerctl.yaml', full, '/etc/gw').get('gw');
  const router = target?.components['router'];

  expect(target).toMatchObject({
    name: 'gw',
    profile: '/etc/gw/ours.yaml',
    root: '/etc/gw/deployment',
    databases: { usage: { path: '/etc/gw/data/usage.sqlite', component: 'router' } },
    upstreams: { primary: { credential: 'file:/etc/gw/secrets/upstream', dialect: 'openai-chat' } },
    backup: { directory: '/etc/backups', keep: 2_592_000_000 },
    temporary: { roots: ['/etc/gw/tmp'] },
    notify: {
      command: ['/etc/gw/tell', 'now'],
      webhook: { url: 'file:/etc/gw/keys/hook', headers: { 'X-Token': 'file:/etc/gw/keys/token' } },
      on: ['start', 'hold', 'rolled-back', 'person-needed'],
    },
    policy: { approvers: '/etc/gw/approvers', limit: 7_200_000, window: 'optional' },
    signing: {
      key: '/etc/gw/keys/sign',
      allowedSigners: '/etc/gw/keys/allowed',
      revoked: '/etc/gw/keys/revoked',
      passphrase: 'file:/etc/gw/keys/pass',
      identity: 'gw@example.org',
    },
  });
  expect(router).toMatchObject({
    credentials: { caller: 'file:/etc/gw/secrets/caller', admin: 'env:ADMIN' },
    artifact: { versions: '/etc/gw/versions', current: '/etc/gw/current', program: 'reference-router' },
    deployment: {
      command: ['/etc/gw/current/bin/reference-router', 'serve', '--config', 'router.yaml'],
      directory: '/etc/gw',
      environmentFile: '/etc/gw/router.env',
      pidFile: '/etc/gw/run/router.pid',
      log: '/var/log/router.log',
      drainHook: ['notify', 'draining'],
      drain: 5000,
      start: 30_000,
    },
    files: { config: '/etc/gw/router.yaml', providerEnvironment: '/etc/gw/provider.env' },
  });
});

test.each([
  [
    'a wrong key',
    targetYaml.replace('environment: lab', 'enviroment: lab'),
    ['routerctl.yaml:6:5: unknown key "enviroment"', 'did you mean environment?', 'environment is missing'],
  ],
  ['a wrong word', targetYaml.replace('environment: lab', 'environment: prod'), ['routerctl.yaml:6:18: environment cannot be "prod"']],
  [
    'a secret written out',
    targetYaml.replace('models: [fast, slow]', 'credentials: { caller: sk-123 }'),
    ['routerctl.yaml:11:32: a secret is a reference'],
  ],
  [
    'a database of no component',
    targetYaml.replace('path: usage.sqlite', 'path: usage.sqlite, component: roter'),
    ['the target has no component roter', 'did you mean router?'],
  ],
  [
    'no component',
    targetYaml.replace(/components:.*?databases/s, 'components: {}\n    databases'),
    ['a target has at least one component'],
  ],
  ['no target', 'routerctl: 1\ntargets: {}\n', ['routerctl.yaml:2:10: a config has at least one target']],
  ['a home path', targetYaml.replace('root: data', 'root: ~/data'), ['routerctl.yaml:7:11: ~ is not expanded in a config']],
  ['another version', targetYaml.replace('routerctl: 1', 'routerctl: 2'), ['this routerctl reads version 1 of the config']],
  ['a name with capitals', targetYaml.replace('  lab:', '  Lab:'), ['routerctl.yaml:4:3: a name is lower-case letters']],
])('%s is refused with its line', (_name, yaml, words) => {
  const error = refusal(() => readConfig('routerctl.yaml', yaml, '/srv'));

  expect(error.code).toBe('CONFIG_INVALID');
  for (const word of words) expect(error.details.join('\n')).toContain(word);
});

test('a config is looked for upwards to the root', () => {
  expect(configCandidates('/a/b')).toEqual(['/a/b/routerctl.yaml', '/a/routerctl.yaml', '/routerctl.yaml']);
});

test.each(['reference-router', 'openai-compatible'])('the shipped profile %s is valid and named like its file', (name) => {
  expect(readProfile(name, textOf(`playbooks/profiles/${name}.yaml`)).profile).toBe(name);
});

test('a wrong profile is refused with its line', () => {
  const error = refusal(() => readProfile('p.yaml', 'routerctl: 1\nprofile: p\ntitle: P\npaths: { modls: /v1/models }\n'));

  expect([error.code, error.details[0], error.details[2]]).toEqual([
    'PROFILE_INVALID',
    'p.yaml:4:10: unknown key "modls"',
    '  |          ^^^^^ did you mean models?',
  ]);
});

test('a unit of systemd keeps its name, its scope is that of the system, and its environment file lies beside the config', () => {
  const unit = '{ kind: systemd, unit: llm-router.service, environmentFile: router.env, drainHook: [bin/notify, x] }';
  const text = full.replace(/deployment:\n(?: {10}.*\n)+/, `deployment: ${unit}\n`);
  const router = readConfig('routerctl.yaml', text, '/etc/gw').get('gw')?.components['router'];

  expect(router?.deployment).toEqual({
    kind: 'systemd',
    unit: 'llm-router.service',
    scope: 'system',
    environmentFile: '/etc/gw/router.env',
    drainHook: ['/etc/gw/bin/notify', 'x'],
    drain: 10_000,
    start: 30_000,
  });
  for (const wrong of ['llm-router', '-H.service', 'a/b.service', 'router@.service', 'router.timer'])
    expect(() => readConfig('routerctl.yaml', text.replace('llm-router.service', wrong), '/etc/gw'), wrong).toThrow();
});
