// JSON Schema of playbooks, suites, profiles and configs, for editors: kinds as choices, each with the spec of its `with`.
import type { Catalogue } from '../core/catalogue.js';
import type { Json } from '../core/json.js';
import { profileSpec } from '../core/profile.js';
import { z } from '../core/zod.js';
import { configSpec } from './config.js';
import { changeStep, checkStep, playbookSpec, suiteSpec, suiteStep } from './language.js';

type Schema = { readonly [key: string]: Json };

const draft = 'https://json-schema.org/draft/2020-12/schema';
const template: Schema = { type: 'string', pattern: '\\$\\{\\{', description: 'an expression' };

export function playbookSchema(catalogue: Catalogue, suiteNames: readonly string[]): Json {
  const steps = { type: 'array', minItems: 1, items: { $ref: '#/$defs/step' } };
  const checks = { type: 'array', minItems: 1, items: { $ref: '#/$defs/check' } };
  const playbook = plain(playbookSpec);
  const phases = member(member(playbook, 'properties'), 'phases');
  const phase = member(phases, 'items');
  const phaseProperties = { ...member(phase, 'properties'), steps, controls: checks };
  const suite = plain(suiteSpec);
  return {
    $schema: draft,
    title: 'routerctl playbook or suite',
    if: { type: 'object', required: ['suite'] },
    then: { ...suite, properties: { ...member(suite, 'properties'), steps: checks } },
    else: {
      ...playbook,
      properties: { ...member(playbook, 'properties'), phases: { ...phases, items: { ...phase, properties: phaseProperties } } },
    },
    $defs: {
      check: stepSchema(checkStep, 'check', kindsOf(catalogue.checks)),
      change: stepSchema(changeStep, 'change', kindsOf(catalogue.changes)),
      suite: suiteSchema(suiteNames),
      step: {
        type: 'object',
        oneOf: [{ required: ['check'] }, { required: ['change'] }, { required: ['suite'] }],
        allOf: ['check', 'change', 'suite'].map((word) => whenThen({ required: [word] }, { $ref: `#/$defs/${word}` })),
      },
    },
  };
}

export function configSchema(profiles: readonly string[]): Json {
  return { $schema: draft, title: 'routerctl.yaml', description: `shipped profiles: ${profiles.join(', ')}`, ...plain(configSpec) };
}

export function profileSchema(): Json {
  return { $schema: draft, title: 'routerctl profile', ...plain(profileSpec) };
}

interface Kind {
  readonly kind: string;
  readonly title: string;
  readonly spec: z.ZodType;
}

function kindsOf(map: ReadonlyMap<string, Kind>): readonly Kind[] {
  return [...map.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
}

function stepSchema(schema: z.ZodType, word: string, kinds: readonly Kind[]): Schema {
  const base = plain(schema);
  const properties = {
    ...member(base, 'properties'),
    [word]: { enum: kinds.map((kind) => kind.kind), description: kinds.map((kind) => `${kind.kind}: ${kind.title}`).join('\n') },
  };
  const withs = kinds.map((kind) =>
    whenThen({ properties: { [word]: { const: kind.kind } } }, { properties: { with: templated(plain(kind.spec)) } }),
  );
  return { ...base, properties, allOf: withs };
}

function suiteSchema(names: readonly string[]): Schema {
  const base = plain(suiteStep);
  return { ...base, properties: { ...member(base, 'properties'), suite: { type: 'string', examples: [...names] } } };
}

const whenThen = (condition: Schema, consequence: Schema): Schema => ({ if: condition, then: consequence });

function plain(schema: z.ZodType): Schema {
  const { $schema: _draft, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, Json>;
  return rest;
}

function member(schema: Schema, key: string): Schema {
  const value = schema[key];
  return isSchema(value) ? value : {};
}

function isSchema(value: Json | undefined): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Wherever a spec wants a value, an expression that gives one is as good. */
function templated(schema: Schema): Schema {
  const properties = Object.entries(member(schema, 'properties')).map(([key, value]): [string, Json] => [
    key,
    isSchema(value) ? { anyOf: [templated(value), template] } : value,
  ]);
  const items = schema['items'];
  return {
    ...schema,
    ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
    ...(isSchema(items) ? { items: { anyOf: [templated(items), template] } } : {}),
  };
}
