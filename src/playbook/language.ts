// The playbook language as schemas: the shape of playbooks and suites, before names are looked up and kinds are asked.
// Its types are what YAML gives (durations still text), so that every later error can point at what was written.
import { duration } from '../core/target.js';
import { z } from '../core/zod.js';

/** An identifier, so that CEL can name it: `steps.ready_before`. */
const identifier = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'an id is letters, digits and _, so that expressions can name it');
const fileName = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a name is lower-case words joined by -');
const expression = z.string().min(1, 'an expression cannot be empty');
/** A duration as written; kept as text here, turned into milliseconds when the plan is bound. */
const durationText = z
  .string()
  .refine((text) => duration.safeParse(text).success, 'a duration is a number with ms, s, m, h or d, for example 30s');

const value = z.json();
const inputBase = { help: z.string().min(1), optional: z.boolean().optional() };

export const inputSpec = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('string'), ...inputBase, default: z.string().optional() }),
  z.strictObject({ type: z.literal('number'), ...inputBase, default: z.number().optional() }),
  z.strictObject({ type: z.literal('boolean'), ...inputBase, default: z.boolean().optional() }),
  z.strictObject({ type: z.literal('duration'), ...inputBase, default: durationText.optional() }),
  z.strictObject({ type: z.literal('choice'), ...inputBase, choices: z.array(z.string()).min(1), default: z.string().optional() }),
  z.strictObject({ type: z.literal('file'), ...inputBase }),
  z.strictObject({ type: z.literal('artifact'), ...inputBase }),
]);

/** Members of an `artifact` input, once the application has looked into the package. */
export const artifactMembers = [
  'path',
  'name',
  'sha256',
  'bytes',
  'version',
  'arch',
  'os',
  'commit',
  'buildDate',
  'product',
  'migrations',
] as const;

export const untilSpec = z.strictObject({
  interval: durationText,
  timeout: durationText,
  consecutive: z.int().min(1).optional(),
  /** Each wait is this much longer than the one before. */
  backoff: z.number().min(1).max(10).optional(),
  abortIf: expression.optional(),
});

export const waiveSpec = z.strictObject({
  reason: z.string().min(1),
  owner: z.string().min(1),
  expires: z.iso.date('a date is YYYY-MM-DD'),
});

const stepBase = {
  id: identifier,
  title: z.string().min(1).optional(),
  on: z.string().min(1).optional(),
  with: z.record(z.string(), value).optional(),
  needs: z.array(identifier).min(1, 'an empty needs says nothing').optional(),
  when: expression.optional(),
  forEach: z.union([z.array(value).min(1, 'an empty list runs nothing'), z.string().min(1)]).optional(),
  always: z.boolean().optional(),
  severity: z.enum(['required', 'warn']).optional(),
  tags: z.array(fileName).min(1, 'an empty list of tags says nothing').optional(),
  timeout: durationText.optional(),
};

export const checkStep = z.strictObject({
  ...stepBase,
  check: z.string(),
  until: untilSpec.optional(),
  baseline: z.boolean().optional(),
  waive: waiveSpec.optional(),
});
export const changeStep = z.strictObject({ ...stepBase, change: z.string() });
export const suiteStep = z.strictObject({ ...stepBase, suite: z.string() });

export const phaseSpec = z.strictObject({
  name: fileName,
  title: z.string().min(1).optional(),
  onFailure: z.enum(['stop', 'rollback', 'rollback-phase', 'isolate', 'hold']).optional(),
  commit: z.boolean().optional(),
  isolation: z.boolean().optional(),
  steps: z.array(z.unknown()).min(1, 'a phase without steps does nothing'),
  controls: z.array(z.unknown()).min(1, 'an empty list of controls asks nothing').optional(),
});

export const criterionSpec = z.strictObject({
  id: identifier,
  when: expression,
  then: z.enum(['rollback', 'isolate', 'hold']),
  why: z.string().min(1),
});

const versionMark = z.literal(1, 'this routerctl reads version 1 of the language: write routerctl: 1');
const inputs = z.record(identifier, inputSpec);

export const playbookSpec = z.strictObject({
  routerctl: versionMark,
  name: fileName,
  title: z.string().min(1),
  inputs: inputs.optional(),
  phases: z.array(phaseSpec).min(1, 'a playbook without phases does nothing'),
  criteria: z.array(criterionSpec).min(1, 'an empty list of criteria says nothing').optional(),
});

export const suiteSpec = z.strictObject({
  routerctl: versionMark,
  suite: fileName,
  title: z.string().min(1),
  inputs: inputs.optional(),
  steps: z.array(z.unknown()).min(1, 'a suite without steps asks nothing'),
});

export type InputSpec = z.infer<typeof inputSpec>;
export type CheckStep = z.infer<typeof checkStep>;
export type ChangeStep = z.infer<typeof changeStep>;
export type SuiteStep = z.infer<typeof suiteStep>;
export type Step = CheckStep | ChangeStep | SuiteStep;
export type PhaseShape = Omit<z.infer<typeof phaseSpec>, 'steps' | 'controls'> & {
  readonly steps: readonly Step[];
  readonly controls?: readonly CheckStep[];
};
export type PlaybookShape = Omit<z.infer<typeof playbookSpec>, 'phases'> & { readonly phases: readonly PhaseShape[] };
export type SuiteShape = Omit<z.infer<typeof suiteSpec>, 'steps'> & { readonly steps: readonly CheckStep[] };

export const durationMs = (text: string): number => duration.parse(text);
