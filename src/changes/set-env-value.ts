// Sets one key of a KEY=value file and proves, with keyed digests, that every other value, byte, mode and owner stayed.
import { type ChangeContext, defineChange } from '../core/change.js';
import { type EnvEntry, readEnvFile } from '../core/env-file.js';
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { ReadPorts } from '../core/ports/ports.js';
import { z } from '../core/zod.js';
import { componentSubject, configured } from './component-subject.js';
import { applyEdit, byHandEdit, checkEditUndo, inspectEdit, prepareEdit, readFileUndo, revertEdit } from './edited-file.js';
import { refusedOutcome } from './refused-outcome.js';

const spec = z.strictObject({
  file: z.string().min(1).optional().describe("default: the component's deployment.environmentFile"),
  key: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a key is letters, digits and _'),
  value: z
    .string()
    .regex(/^[^\s"'`#$\\]+$/, 'a value is not empty and holds no space, quote, #, $ or backslash')
    .refine((value) => value !== 'latest' && !value.endsWith(':latest'), '`latest` names no version; give the exact one'),
});
type Spec = z.infer<typeof spec>;

/** Names whose values are never shown, whatever they are. */
const secretName = /(key|secret|passw(or)?d|credential|token|auth|dsn|cookie)/i;

export const setEnvValue = defineChange<Spec>({
  kind: 'set-env-value',
  title: 'Set one value of an environment file',
  role: 'edit',
  impact: 'staged',
  reversal: 'exact',
  subject: ['component'],
  spec,
  plan: async (input, ports, context) => {
    const { old, others } = await edit(input, ports, context);
    const show = (value: string): string => (secretName.test(input.key) ? '***' : value);
    const kept = { sign: ' ', text: `${others} other key${others === 1 ? '' : 's'} unchanged` } as const;
    const effects = { key: input.key, value: input.value, changed: old?.value !== input.value };
    if (old === undefined) return { diff: [{ sign: '+', text: `${input.key} ${show(input.value)}` }, kept], effects };
    if (old.value === input.value) return { diff: [{ sign: ' ', text: `${input.key} is ${show(input.value)} already` }, kept], effects };
    return { diff: [{ sign: '~', text: `${input.key} ${show(old.value)} -> ${show(input.value)}` }, kept], effects };
  },
  prepare: async (input, ports, context) => {
    const { path, host, text, edited } = await edit(input, ports, context);
    const undo = await prepareEdit(ports, context, host, path, edited);
    return { undo, expects: { keys: await keyedValues(text, ports), rest: await ports.fingerprints.of(restOf(text, input.key)) } };
  },
  apply: (input, prepared, ports, context, record) =>
    refusedOutcome(async () => {
      const undo = readFileUndo(prepared.undo);
      const { edited } = await edit(input, ports, context);
      const done = await applyEdit(undo, edited, ports, record);
      if (typeof done !== 'string') return done;
      const { files } = ports.on(undo.host);
      const [now, facts] = [await files.readText(undo.file), await files.stat(undo.file)];
      const wrong = await differences(input, prepared.expects, now, ports);
      if (facts?.mode !== undo.mode || facts.uid !== undo.uid || facts.gid !== undo.gid) wrong.push('mode or owner');
      if (wrong.length > 0)
        return {
          status: 'failed',
          summary: `${undo.file}: more than ${input.key} changed: ${wrong.join(', ')}`,
          evidence: { changed: wrong },
        };
      const unchanged = readEnvFile(now).entries.length - 1;
      const evidence = { key: input.key, keysProvenUnchanged: unchanged, mode: undo.mode.toString(8) };
      const effects = { key: input.key, value: input.value, changed: done === 'done' };
      return {
        status: done,
        summary: `${input.key} is set; ${unchanged} other key${unchanged === 1 ? '' : 's'}, comments, order, mode and owner proven unchanged`,
        effects,
        evidence,
      };
    }),
  inspect: async (_input, prepared, _facts, ports) => await inspectEdit(readFileUndo(prepared.undo), ports),
  checkUndo: async (undo, ports) => await checkEditUndo(readFileUndo(undo), ports),
  revert: (_input, undo, facts, ports) => refusedOutcome(async () => await revertEdit(readFileUndo(undo), facts, ports)),
  byHand: (_input, undo) => byHandEdit(readFileUndo(undo)),
});

interface Edit {
  readonly path: string;
  readonly host: string;
  readonly text: string;
  readonly edited: string;
  readonly old: EnvEntry | undefined;
  readonly others: number;
}

async function edit(input: Spec, ports: ReadPorts, context: ChangeContext): Promise<Edit> {
  const subject = componentSubject(context);
  const path = input.file ?? configured(subject.component.deployment?.environmentFile, subject, 'deployment.environmentFile');
  const bytes = await ports.on(subject.host).files.read(path);
  const text = Buffer.from(bytes).toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes))
    throw new RouterctlError('FILE_UNREADABLE', `${path} is not UTF-8 text; it was not touched`);
  const { entries } = readEnvFile(text);
  const [old, second] = entries.filter(({ key }) => key === input.key);
  if (second !== undefined) {
    throw new RouterctlError('CONFIG_INVALID', `${path} sets ${input.key} twice, in lines ${old?.line ?? 0} and ${second.line}`, {
      hint: 'remove the one that does not count',
    });
  }
  return { path, host: subject.host, text, edited: withValue(text, input, old), old, others: entries.length - (old === undefined ? 0 : 1) };
}

function withValue(text: string, { key, value }: Spec, old: EnvEntry | undefined): string {
  if (old !== undefined)
    return old.value === value ? text : `${text.slice(0, old.from)}${old.quote}${value}${old.quote}${text.slice(old.to)}`;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return `${text}${text === '' || text.endsWith('\n') ? '' : newline}${key}=${value}${newline}`;
}

/** Everything but the one value: the raw text before and after it. */
function restOf(text: string, key: string): string {
  const entry = readEnvFile(text).entries.find((candidate) => candidate.key === key);
  return entry === undefined ? text : `${text.slice(0, entry.from + entry.quote.length)}\0${text.slice(entry.to - entry.quote.length)}`;
}

async function keyedValues(text: string, ports: ReadPorts): Promise<Readonly<Record<string, string>>> {
  // The key is part of what is digested, so that two keys with one secret do not look alike.
  const pairs = readEnvFile(text).entries.map(async ({ key, value }) => [key, await ports.fingerprints.of(`${key}\0${value}`)] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

async function differences(input: Spec, expects: Json, now: string, ports: ReadPorts): Promise<string[]> {
  const { keys, rest } = z.object({ keys: z.record(z.string(), z.string()), rest: z.string() }).parse(expects);
  const current = await keyedValues(now, ports);
  const wanted: Record<string, string> = { ...keys, [input.key]: await ports.fingerprints.of(`${input.key}\0${input.value}`) };
  const wrong = [...new Set([...Object.keys(wanted), ...Object.keys(current)])].filter((key) => wanted[key] !== current[key]);
  const isNew = keys[input.key] === undefined;
  if (!isNew && (await ports.fingerprints.of(restOf(now, input.key))) !== rest) wrong.push('bytes outside the values');
  return wrong;
}
