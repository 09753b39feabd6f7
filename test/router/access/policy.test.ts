import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPolicy } from '../../../src/router/access/casbin-policy.js';
import { domainOf, placeOfDomain } from '../../../src/router/access/policy.js';

const grant = (subject: string, domain: string, object: string, action: string) => ({ subject, domain, object, action });

test('a grant holds in its domain, for its object and its action, and nowhere else', async () => {
  const policy = await createPolicy({ policy: [grant('basic:ada', 'alpha/prod', 'admin:reports', 'read|export')], roles: [] });
  const asked = [
    ['basic:ada', 'alpha/prod', 'admin:reports', 'read'],
    ['basic:ada', 'alpha/prod', 'admin:reports', 'export'],
    ['basic:ada', 'alpha/prod', 'admin:reports', 'drilldown'],
    ['basic:ada', 'alpha/test', 'admin:reports', 'read'],
    ['basic:ada', '*', 'admin:reports', 'read'],
    ['basic:eve', 'alpha/prod', 'admin:reports', 'read'],
    ['caller:ada', 'alpha/prod', 'admin:reports', 'read'],
    ['basic:ada', 'alpha/prod', 'admin:reports', 'reader'],
  ] as const;

  expect(asked.map(([who, where, what, how]) => policy.allows(who, where, what, how))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('a grant on one admin object gives none on another', async () => {
  const policy = await createPolicy({ policy: [grant('basic:ada', '*', 'admin:reports', '*')], roles: [] });

  expect(policy.allows('basic:ada', '*', 'admin:reports', 'read')).toBe(true);
  expect(['admin:config', 'admin:license', 'metrics'].filter((object) => policy.allows('basic:ada', '*', object, 'read'))).toEqual([]);
});

test('a role is held in the domain that it was given in, a role of every domain everywhere, and roles may hold roles', async () => {
  const policy = await createPolicy({
    policy: [grant('role:viewer', '*', 'admin:reports', 'read'), grant('role:owner', 'alpha/prod', 'admin:reports', 'drilldown')],
    roles: [
      { subject: 'basic:ada', role: 'role:viewer', domain: 'alpha/prod' },
      { subject: 'basic:eve', role: 'role:viewer', domain: '*' },
      { subject: 'role:owner', role: 'role:viewer', domain: 'alpha/prod' },
      { subject: 'basic:max', role: 'role:owner', domain: 'alpha/prod' },
    ],
  });

  expect(policy.domains('basic:ada', 'admin:reports', 'read')).toEqual(['alpha/prod']);
  expect(policy.domains('basic:eve', 'admin:reports', 'read')).toBe('*');
  expect(policy.domains('basic:max', 'admin:reports', 'read')).toEqual(['alpha/prod']);
  expect(policy.domains('basic:max', 'admin:reports', 'drilldown')).toEqual(['alpha/prod']);
  expect(policy.domains('basic:ada', 'admin:reports', 'drilldown')).toEqual([]);
});

test('lines that say the same twice are one, and no line at all allows nothing', async () => {
  const line = grant('basic:ada', 'alpha/prod', 'metrics', 'read|read');
  const policy = await createPolicy({ policy: [line, line, grant('basic:eve', 'alpha/prod', 'metrics', 'read')], roles: [] });

  expect(policy.allows('basic:ada', 'alpha/prod', 'metrics', 'read')).toBe(true);
  expect(policy.allows('basic:eve', 'alpha/prod', 'metrics', 'read')).toBe(true);
  expect((await createPolicy({ policy: [], roles: [] })).allows('basic:ada', '*', 'metrics', 'read')).toBe(false);
});

test('what the engine answers is what the lines say, whatever they are', async () => {
  const subject = fc.constantFrom('basic:a', 'basic:b', 'caller:a');
  const role = fc.constantFrom('role:r', 'role:s');
  const domain = fc.constantFrom('x/p', 'x/q', '-/-', '*');
  const object = fc.constantFrom('admin:reports', 'admin:config', 'metrics', '*');
  const action = fc.constantFrom('read', 'export', 'reload', '*');
  const grants = fc.array(fc.record({ subject: fc.oneof(subject, role), domain, object, action }), { minLength: 1, maxLength: 6 });
  const roles = fc.array(fc.record({ subject, role, domain }), { maxLength: 4 });
  const question = fc.tuple(subject, domain, object, action);
  await fc.assert(
    fc.asyncProperty(grants, roles, question, async (lines, members, [who, where, what, how]) => {
      const policy = await createPolicy({ policy: lines, roles: members });
      const held = members.filter((member) => member.subject === who && (member.domain === '*' || member.domain === where));
      const names = [who, ...held.map((member) => member.role)];
      const expected = lines.some(
        (line) =>
          names.includes(line.subject) &&
          (line.domain === '*' || line.domain === where) &&
          (line.object === '*' || line.object === what) &&
          (line.action === '*' || line.action === how),
      );
      expect(policy.allows(who, where, what, how)).toBe(expected);
    }),
    { numRuns: 300 },
  );
});

test('no two callers of different projects share a domain, and a domain tells where it came from', () => {
  expect(domainOf({ project: '', environment: '' })).toBe('-/-');
  expect(domainOf({ project: 'a/b', environment: 'c' })).not.toBe(domainOf({ project: 'a', environment: 'b/c' }));
  for (const place of [
    { project: 'a/b', environment: '' },
    { project: '', environment: 'c/d' },
    { project: 'alpha', environment: 'prod' },
  ])
    expect(placeOfDomain(domainOf(place))).toEqual(place);
});
