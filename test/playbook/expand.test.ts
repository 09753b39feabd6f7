import { expect, test } from 'vitest';
import { loadCatalogue } from '../../src/cli/catalogue.js';
import { runExpressions } from '../../src/playbook/run-expressions.js';
import { artifact, bind, bindSteps, refusal, stepsOf, targetYaml, textOf } from './bound-playbook.js';

const declare = '  v: { type: string, help: a version, optional: true }';

test('a check says everything that the engine needs, defaults included', () => {
  const [step] = stepsOf(bindSteps(['{ id: ready, check: ready, on: router }']));

  expect(step).toEqual({
    type: 'check',
    id: 'ready',
    kind: 'ready',
    title: 'the router says that it is ready',
    on: 'component:router',
    with: {},
    severity: 'required',
    timeoutMs: 60_000,
    needs: [],
    after: [],
    tags: [],
    always: false,
    baseline: false,
    effects: 'none',
  });
});

test('until, timeout, waiver and tags are in the units of the plan', () => {
  const [step] = stepsOf(
    bindSteps([
      '{ id: ready, check: ready, tags: [a], until: { interval: 250ms, timeout: 5m, consecutive: 2, backoff: 2, abortIf: observation.status == 401 }, waive: { reason: r, owner: o, expires: 2030-01-31 } }',
    ]),
  );

  expect(step).toMatchObject({
    timeoutMs: 300_000,
    tags: ['a'],
    until: { intervalMs: 250, timeoutMs: 300_000, consecutive: 2, backoff: 2, abortIf: 'observation.status == 401' },
    waive: { reason: 'r', owner: 'o', expires: '2030-01-31T23:59:59.999Z' },
  });
});

test('a whole template keeps its type, an embedded one becomes text, one that is null leaves its member out', () => {
  const [step] = stepsOf(
    bindSteps(
      [
        '{ id: chat, check: chat, with: { maxTokens: "${{ 60 + 4 }}", prompt: "to ${{ target.name }} ${{ 1 }}", model: "${{ inputs.v }}" } }',
      ],
      { declare, inputs: { v: null } },
    ),
  );

  expect(step?.with).toEqual({ maxTokens: 64, prompt: 'to lab 1' });
});

test('what an earlier step will know stays late, and is found when the step has ended', () => {
  const [, pin] = stepsOf(
    bindSteps(
      [
        '{ id: install, change: install-binary, with: { artifact: /p, version: 1.1.0 } }',
        '{ id: pin, change: set-env-value, with: { key: V, value: "v${{ steps.install.version }}-${{ inputs.v }}" } }',
      ],
      { declare, inputs: { v: 'x' } },
    ),
  );

  expect(pin?.with).toEqual({ key: 'V', value: { $late: '"v" + text(steps["install"].version) + "-" + text(inputs.v)' } });
  expect(pin?.after).toEqual(['install']);
  const steps = { install: { verdict: null, observation: null, effects: { version: '1.1.0' } } };
  expect(runExpressions.bind(pin?.with ?? null, { inputs: { v: 'x' }, target: {}, profile: {}, steps })).toEqual({
    key: 'V',
    value: 'v1.1.0-x',
  });
});

test('a late value that cannot be computed names itself', () => {
  const scope = { inputs: {}, target: {}, profile: {}, steps: {} };
  const error = refusal(() => runExpressions.bind({ value: { $late: 'steps["install"].version' } }, scope));

  expect([error.code, error.message]).toEqual([
    'INPUT_INVALID',
    'a value cannot be computed: steps["install"].version: no such key: install',
  ]);
});

test('a condition over what is known decides at once and says why', () => {
  const bound = bindSteps(['{ id: ready, check: ready }', '{ id: chat, check: chat, when: inputs.v != null }'], {
    declare,
    inputs: { v: null },
  });

  expect(stepsOf(bound).map(({ id }) => id)).toEqual(['ready']);
  expect(bound.leftOut).toEqual([{ id: 'chat', why: 'when: inputs.v != null is false' }]);
});

test('a condition over an earlier step is kept, and waits for that step', () => {
  const [, chat] = stepsOf(bindSteps(['{ id: ready, check: ready }', '{ id: chat, check: chat, when: steps.ready.verdict == "pass" }']));

  expect(chat).toMatchObject({ when: 'steps["ready"].verdict == "pass"', after: ['ready'] });
});

test('forEach makes one step per item, named by it, and what needs it needs all', () => {
  const bound = stepsOf(
    bindSteps([
      '{ id: chat, check: chat, forEach: "${{ target.components.router.models }}", with: { model: "${{ item }}" } }',
      '{ id: usage, check: usage-recorded, on: router, with: { of: [chat] } }',
    ]),
  );

  expect(bound.map(({ id, with: spec }) => [id, spec])).toEqual([
    ['chat/fast', { model: 'fast' }],
    ['chat/slow', { model: 'slow' }],
    ['usage', { of: ['chat/fast', 'chat/slow'] }],
  ]);
  expect(bound[2]?.after).toEqual(['chat/fast', 'chat/slow']);
});

test('two items with one name are still two steps', () => {
  expect(
    stepsOf(bindSteps(['{ id: chat, check: chat, forEach: [a b, "a/b"], with: { model: "${{ item }}" } }'])).map(({ id }) => id),
  ).toEqual(['chat/a-b', 'chat/a-b-1']);
});

test('a suite becomes its members, with its subject, its own inputs and full ids', () => {
  const suites = {
    s: 'routerctl: 1\nsuite: s\ntitle: S\ninputs:\n  model: { type: string, help: m }\nsteps:\n  - { id: chat, check: chat, with: { model: "${{ inputs.model }}" } }\n  - { id: usage, check: usage-recorded, when: "steps.chat.verdict == inputs.model", with: { of: [chat] } }\n',
  };
  const bound = stepsOf(
    bindSteps(
      [
        '{ id: ready, check: ready }',
        '{ id: smoke, suite: s, on: router, needs: [ready], severity: warn, tags: [t], forEach: [fast], with: { model: "${{ item }}" } }',
      ],
      { suites },
    ),
  );

  expect(bound.slice(1)).toMatchObject([
    { id: 'smoke/fast/chat', on: 'component:router', severity: 'warn', tags: ['t'], needs: ['ready'], with: { model: 'fast' } },
    {
      id: 'smoke/fast/usage',
      needs: ['ready'],
      after: ['smoke/fast/chat'],
      with: { of: ['smoke/fast/chat'] },
      when: 'steps["smoke/fast/chat"].verdict == "fast"',
    },
  ]);
});

test('a late value given to a suite stays late inside it', () => {
  const suites = {
    s: 'routerctl: 1\nsuite: s\ntitle: S\ninputs:\n  version: { type: string, help: v }\nsteps:\n  - { id: version, check: version, with: { version: "${{ inputs.version }}" } }\n',
  };
  const [, member] = stepsOf(
    bindSteps(
      [
        '{ id: install, change: install-binary, with: { artifact: /p, version: 1.1.0 } }',
        '{ id: smoke, suite: s, with: { version: "${{ steps.install.version }}" } }',
      ],
      { suites },
    ),
  );

  expect(member).toMatchObject({ id: 'smoke/version', with: { version: { $late: '(steps["install"].version)' } }, after: ['install'] });
});

test('a step that asks only about left-out steps is left out too', () => {
  const bound = bindSteps([
    '{ id: ready, check: ready }',
    '{ id: chat, check: chat, when: "false" }',
    '{ id: usage, check: usage-recorded, on: router, with: { of: [chat] } }',
  ]);

  expect(bound.leftOut).toEqual([
    { id: 'chat', why: 'when: false is false' },
    { id: 'usage', why: 'every step in of was left out' },
  ]);
});

test.each([
  [
    'a subject that the target lacks',
    '{ id: ready, check: ready, on: roter }',
    ['p.yaml:7:40: the target lab has no roter', 'did you mean router?'],
  ],
  [
    'a subject of another kind',
    '{ id: ready, check: ready, on: primary }',
    ['p.yaml:7:40: primary is the name of an upstream; this asks about a component', 'one of component:router'],
  ],
  [
    'a value of the wrong type',
    '{ id: chat, check: chat, with: { stream: "${{ target.name }}" } }',
    ['p.yaml:7:50: stream must be true or false, not "lab"'],
  ],
  [
    'a member that is not there',
    '{ id: chat, check: chat, with: { model: "${{ profile.env.model }}" } }',
    ['p.yaml:7:66: expression: no such key: model'],
  ],
  [
    'a condition that is none',
    '{ id: chat, check: chat, when: target.name }',
    ['p.yaml:7:40: expression: a condition must be true or false'],
  ],
])('%s is refused with its place', (_name, step, words) => {
  const error = refusal(() => bindSteps([step]));

  expect([error.code, error.message]).toEqual(['PLAYBOOK_INVALID', 'the playbook p does not fit the target lab']);
  for (const word of words) expect(error.details.join('\n')).toContain(word);
});

test('a plan without any step is refused', () => {
  expect(refusal(() => bindSteps(['{ id: ready, check: ready, when: "false" }'])).message).toBe(
    'the playbook p would run no step at all here',
  );
});

test('production admits no check that changes state', async () => {
  const known = await loadCatalogue();
  const ready = known.checks.get('ready');
  if (ready === undefined) throw new Error('no check ready');
  const catalogue = { ...known, checks: new Map([['ready', { ...ready, effects: 'state' as const }]]) };
  const production = targetYaml.replace('environment: lab', 'environment: production');
  const error = refusal(() => bindSteps(['{ id: ready, check: ready }'], { catalogue, target: production }));

  expect([error.code, error.message]).toEqual(['POLICY_FORBIDS', 'lab is production, where no check may change state: ready (ready)']);
  expect(stepsOf(bindSteps(['{ id: ready, check: ready }'], { catalogue }))).toHaveLength(1);
});

test('the main playbook binds: the old version first, the new one expected after the change', () => {
  const bound = bind(textOf('playbooks/process-upgrade.yaml'), {
    inputs: { to: artifact, config: null, config_sha256: null, notes: null },
    target: targetYaml.replace(
      'models: [fast, slow]',
      'deployment: { kind: process, command: [r], pidFile: pid, log: log, environmentFile: r.env }',
    ),
  });

  expect(bound.phases.map(({ name, onFailure, commit, steps }) => [name, onFailure, commit, steps.map(({ id }) => id)])).toEqual([
    [
      'preflight',
      'stop',
      false,
      ['package', 'disk_space', 'ready', 'version', 'release_notes', 'process', 'models', 'chat_plain', 'chat_stream', 'usage_recorded'],
    ],
    ['backup', 'stop', false, ['backup']],
    ['change', 'rollback', false, ['install', 'pin', 'restart']],
    [
      'validate',
      'rollback',
      true,
      ['ready', 'version', 'process', 'models', 'chat_plain', 'chat_stream', 'usage_recorded'].map((id) => `readiness/${id}`),
    ],
    ['cleanup', 'stop', false, ['temporary']],
  ]);
  const steps = stepsOf(bound);
  expect(steps.find(({ id }) => id === 'readiness/version')?.with).toEqual({ version: '1.1.0', buildDate: artifact.buildDate });
  expect(steps.find(({ id }) => id === 'pin')?.with).toEqual({ key: 'REFERENCE_ROUTER_VERSION', value: '1.1.0' });
  expect(bound.phases[3]?.controls[0]).toMatchObject({ id: 'upstream_after', on: 'upstream:primary' });
  expect(bound.criteria[0]?.when).toBe('steps["readiness/version"].verdict == \'fail\'');
  expect(bound.leftOut).toEqual([{ id: 'config', why: 'when: inputs.config != null is false' }]);
});

test.each([
  ['without an environment file the version is not pinned', '', ['install', 'restart']],
  ['with one it is', ', environmentFile: /srv/router.env', ['install', 'pin', 'restart']],
])('the playbook for a unit of systemd binds: %s', (_how, more, steps) => {
  const target = targetYaml.replace('models: [fast, slow]', `deployment: { kind: systemd, unit: r.service${more} }`);
  const bound = bind(textOf('playbooks/binary-upgrade.yaml'), {
    target,
    inputs: { to: artifact, config: null, config_sha256: null, notes: null },
  });

  expect(bound.phases.map(({ name }) => name)).toEqual(['preflight', 'backup', 'change', 'validate', 'cleanup']);
  expect(bound.phases[2]?.steps.map(({ id }) => id)).toEqual(steps);
});

test('a config without the digest that was reviewed does not bind', () => {
  const error = refusal(() =>
    bind(textOf('playbooks/process-upgrade.yaml'), { inputs: { to: artifact, config: '/c.yaml', config_sha256: null, notes: null } }),
  );

  expect(error.details.join('\n')).toContain('sha256 is missing');
});
