// A target is a deployment under care: named components and databases, host, credentials by reference, policy.
// The shape is final; version 1 knows the deployments `process`, `systemd` and `compose`, the artifacts `binary` and `image`, the database `sqlite`, the host `local`.
import { notifiedEvents } from './notification.js';
import { isPlaceholderUrl } from './placeholders.js';
import { z } from './zod.js';

/** `env:NAME`, `file:path` (relative to the config file) or `command:["argv", …]` (JSON array). Never the secret itself. */
export const secretReference = z
  .string()
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|command:\[.+\])$/, 'a secret is a reference: env:NAME, file:path or command:["argv"]');

/** `250ms`, `1s`, `5m`, `2h`, `7d`; parsed to milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'a duration is a number with ms, s, m, h or d, for example 30s')
  .transform((text) => {
    const [, number = '0', unit = 's'] = /^([\d.]+)([a-z]+)$/.exec(text) ?? [];
    const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
    return Math.round(Number(number) * (unitMs[unit] ?? 1000));
  });

const name = z.string().regex(/^[a-z][a-z0-9_-]*$/, 'a name is lower-case letters, digits, _ and -');
const path = z.string().min(1);

const unitName = z
  .string()
  .regex(/^[A-Za-z0-9:_.][A-Za-z0-9:_.\\@-]*\.service$/, 'a unit is the name of a service of systemd, for example llm-router.service')
  .refine((unit) => !unit.includes('@.'), 'a template runs nothing: name an instance, for example router@one.service');

const restartSpec = {
  /** Asked before the stop, for example to tell a reverse proxy; argv. */
  drainHook: z.array(z.string()).min(1).optional(),
  drain: duration.default(10_000),
  start: duration.default(30_000),
};

export const componentSpec = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !isPlaceholderUrl(url), 'this is the placeholder of a guide: give the URL of your router')
    .optional(),
  host: z.literal('local').optional(),
  /** By role: `caller` is an ordinary caller, further ones are named by the checks that need them. */
  credentials: z.record(z.string(), secretReference).default({}),
  /** Model groups that smokes ask; empty means the first ones that /v1/models lists. */
  models: z.array(z.string()).default([]),
  artifact: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('binary'),
        /** File name of the main program below `<version>/bin/`. */
        program: z.string(),
        /** Directory that holds one directory per installed version. */
        versions: path,
        /** Symbolic link to the version in use. */
        current: path,
      }),
      z.strictObject({
        kind: z.literal('image'),
        /** Name of the image without its tag, as the compose files have it. */
        repository: z
          .string()
          .regex(
            /^([a-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*$/,
            'a repository is the name of an image without its tag, for example llm-router',
          ),
      }),
    ])
    .optional(),
  deployment: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('process'),
        /** argv; symbolic links in the first element are resolved when the process is started. */
        command: z.array(z.string()).min(1),
        directory: path.optional(),
        /** KEY=value lines handed to the process as its environment. */
        environmentFile: path.optional(),
        pidFile: path,
        log: path,
        ...restartSpec,
      }),
      z.strictObject({
        kind: z.literal('systemd'),
        unit: unitName,
        /** Whose manager runs the unit: that of the system, or of the user as whom routerctl runs. */
        scope: z.enum(['system', 'user']).default('system'),
        /** The file that the unit names as `EnvironmentFile=`; a change may edit it. */
        environmentFile: path.optional(),
        ...restartSpec,
      }),
      z.strictObject({
        kind: z.literal('compose'),
        /** Of the project: relative paths in its files start here. */
        directory: path,
        /** Later ones override earlier ones. */
        files: z.array(path).min(1).default(['compose.yaml']),
        /** Where the project is not named by its files or its directory. */
        project: z
          .string()
          .regex(/^[a-z0-9][a-z0-9_-]*$/, 'a project name is lower-case letters, digits, _ and -')
          .optional(),
        service: z.string().regex(/^[a-zA-Z0-9._-]+$/, 'a service is named as in the compose file'),
        /** The file with the variables of the compose files, usually .env; a change may edit it. */
        environmentFile: path.optional(),
        engine: z
          .string()
          .regex(/^(unix:\/\/\/.+|tcp:\/\/[^/]+:\d+)$/, 'an engine is unix:///path or tcp://host:port')
          .default('unix:///var/run/docker.sock'),
        ...restartSpec,
      }),
    ])
    .optional(),
  /** What a backup saves, by role. `state` files may be absent. */
  files: z
    .strictObject({
      config: path.optional(),
      providerEnvironment: path.optional(),
      license: path.optional(),
      licenseState: path.optional(),
    })
    .default({}),
});

export const databaseSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sqlite'), path, host: z.literal('local').optional(), component: name.optional() }),
]);

export const upstreamSpec = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  dialect: z.enum(['openai-chat', 'openai-responses', 'anthropic']).default('openai-chat'),
  model: z.string(),
  credential: secretReference.optional(),
});

/** Told by a process without anybody's shell: a variable of one could not be read there. */
const notifySecret = secretReference.refine((reference) => !reference.startsWith('env:'), {
  message: 'who tells has no variables of your shell: use file: or command:',
});

const isWebhook = (text: string): boolean => {
  if (notifySecret.safeParse(text).success) return true;
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
};

export const notifySpec = z
  .strictObject({
    /** argv; gets the notification on stdin. */
    command: z.array(z.string()).min(1).optional(),
    webhook: z
      .strictObject({
        /** One that lets in whoever knows it is given by reference. */
        url: z.string().refine(isWebhook, 'a webhook is an http or https URL without a password, or a file: or command: reference to one'),
        headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/, 'a header is letters, digits and -'), notifySecret).default({}),
      })
      .optional(),
    on: z.array(z.enum(notifiedEvents)).min(1).default(['start', 'hold', 'rolled-back', 'person-needed']),
  })
  .refine(({ command, webhook }) => command !== undefined || webhook !== undefined, {
    message: 'name a command or a webhook: there is nothing to tell by',
  });

export const targetSpec = z.strictObject({
  profile: z.string(),
  environment: z.enum(['production', 'staging', 'lab']),
  host: z.literal('local').default('local'),
  /** The deployment's own directory: lease and runs live in its `.routerctl`, whoever the operator is. */
  root: path,
  components: z.record(name, componentSpec).refine((map) => Object.keys(map).length > 0, 'a target has at least one component'),
  databases: z.record(name, databaseSpec).default({}),
  upstreams: z.record(name, upstreamSpec).default({}),
  backup: z
    .strictObject({
      directory: path,
      /** age recipients (`age1…`) that can open the backup; a run-local one is added for the restore proof. */
      recipients: z.array(z.string().regex(/^age1/, 'a recipient is an age public key (age1…)')).min(1),
      keep: duration.default(30 * 86_400_000),
    })
    .optional(),
  temporary: z.strictObject({ roots: z.array(path).default([]) }).default({ roots: [] }),
  policy: z
    .strictObject({
      window: z.enum(['required', 'optional']).default('optional'),
      approval: z.enum(['required', 'optional']).default('optional'),
      /** allowed_signers file of those who may approve; the key that signs the run's own report is never one of them. */
      approvers: path.optional(),
      rollbackOwner: z.string().optional(),
      /** Absolute limit of a changing run; the guard acts when it passes. */
      limit: duration.default(3_600_000),
      hold: duration.default(900_000),
      /** `auto`: a systemd unit where systemd answers (the user's own only while it lingers), else a detached process. */
      guard: z.enum(['auto', 'process']).default('auto'),
    })
    .refine(({ approval, approvers }) => approval !== 'required' || approvers !== undefined, {
      path: ['approvers'],
      message: 'where approval is required, name the allowed_signers file of those who may approve',
    })
    .prefault({}),
  signing: z
    .strictObject({
      key: path,
      identity: z.string().min(1),
      passphrase: secretReference.optional(),
      allowedSigners: path,
      revoked: path.optional(),
    })
    .optional(),
  notify: notifySpec.optional(),
});

export type SecretReference = z.infer<typeof secretReference>;
export type Component = z.infer<typeof componentSpec>;
export type Database = z.infer<typeof databaseSpec>;
export type Upstream = z.infer<typeof upstreamSpec>;
export type Notify = z.infer<typeof notifySpec>;
/** A checked target; every path is absolute, `name` is its key in `targets`. */
export type Target = z.infer<typeof targetSpec> & { readonly name: string };
