// Tells persons of one moment of a run: by the command, by the webhook, by both at once. Whatever goes wrong is an answer, never
// an error: nobody's run depends on who hears of it.
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Notification, NotificationChannel } from '../core/notification.js';
import type { CommandOutcome } from '../core/ports/commands.js';
import type { HttpAnswer, Unreachable } from '../core/ports/http.js';
import type { Ports } from '../core/ports/ports.js';
import { maskJson, type Redactor } from '../core/redaction.js';
import type { Notify, SecretReference, Target } from '../core/target.js';
import { terminalText } from '../core/terminal-text.js';

export interface Told {
  readonly channel: NotificationChannel;
  readonly delivered: boolean;
  /** One masked line: what came back. */
  readonly said: string;
}

/** For each channel: a slow one keeps nobody but the next notification waiting. */
export const TELL_LIMIT_MS = 10_000;
const ANSWER_BYTES = 4096;
const LONGEST_TEXT = 500;
const LONGEST_ANSWER = 200;

export interface Teller {
  readonly ports: Ports;
  readonly redactor: Redactor;
  readonly target: Target;
}

/** Tells by these channels, all of those that the target names when left out. */
export async function tell(teller: Teller, what: Notification, channels?: readonly NotificationChannel[]): Promise<readonly Told[]> {
  const { notify } = teller.target;
  if (notify === undefined) return [];
  const payload = masked(what, teller.redactor);
  const wanted = (channels ?? channelsOf(notify)).map(async (channel) => ({ channel, ...(await by[channel](teller, notify, payload)) }));
  return Promise.all(wanted);
}

export function channelsOf({ command, webhook }: Notify): readonly NotificationChannel[] {
  return [...(command === undefined ? [] : (['command'] as const)), ...(webhook === undefined ? [] : (['webhook'] as const))];
}

/** Masked before it is shortened, so that no half of a secret is left at the cut. */
function masked(what: Notification, redactor: Redactor): Notification {
  const clean = maskJson(what as unknown as Json, redactor) as unknown as Notification;
  const short = (text: string): string => (text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`);
  return { ...clean, verdict: short(clean.verdict), why: short(clean.why), next: short(clean.next) };
}

type Said = Omit<Told, 'channel'>;

const by: Readonly<Record<NotificationChannel, (teller: Teller, notify: Notify, what: Notification) => Promise<Said>>> = {
  command: (teller, { command }, what) => answered(teller, async () => commandSaid(await runCommand(teller, command ?? [], what))),
  webhook: (teller, { webhook }, what) => answered(teller, async () => webhookSaid(await postWebhook(teller, webhook, what))),
};

async function answered({ redactor }: Teller, ask: () => Promise<Said>): Promise<Said> {
  try {
    const { delivered, said } = await ask();
    return { delivered, said: oneLine(redactor.mask(said)) };
  } catch (error) {
    const hint = error instanceof RouterctlError && error.hint !== undefined ? ` (${error.hint})` : '';
    return { delivered: false, said: oneLine(redactor.mask(`${error instanceof Error ? error.message : String(error)}${hint}`)) };
  }
}

const oneLine = (text: string): string => terminalText(text.replace(/\s+/g, ' ').trim()).slice(0, LONGEST_ANSWER);

function runCommand({ ports, target }: Teller, argv: readonly string[], what: Notification): Promise<CommandOutcome> {
  const environment = {
    ROUTERCTL_EVENT: what.event,
    ROUTERCTL_TARGET: what.target,
    ROUTERCTL_RUN: what.runId ?? '',
    ROUTERCTL_VERDICT: what.verdict,
    ROUTERCTL_NEXT: what.next,
  };
  const { commands } = ports.on(target.host).acts;
  return commands.run(argv, { timeoutMs: TELL_LIMIT_MS, directory: target.root, environment, input: `${JSON.stringify(what)}\n` });
}

function commandSaid({ exitCode, signal, timedOut, stderr, stdout }: CommandOutcome): Said {
  if (exitCode === 0) return { delivered: true, said: 'ended with 0' };
  const end = timedOut ? `did not end within ${TELL_LIMIT_MS / 1000} s` : signal === null ? `ended with ${exitCode}` : `ended by ${signal}`;
  const words = stderr.trim() || stdout.trim();
  return { delivered: false, said: words === '' ? end : `${end}: ${words}` };
}

async function postWebhook(teller: Teller, webhook: Notify['webhook'], what: Notification): Promise<HttpAnswer | Unreachable> {
  if (webhook === undefined) throw new Error('there is no webhook');
  const { http, secrets } = teller.ports;
  const url = /^https?:/.test(webhook.url) ? webhook.url : await secrets.read(webhook.url as SecretReference);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  for (const [name, reference] of Object.entries(webhook.headers)) headers[name.toLowerCase()] = await secrets.read(reference);
  return http.request({ method: 'POST', url, headers, body: JSON.stringify(what), timeoutMs: TELL_LIMIT_MS, maxBytes: ANSWER_BYTES });
}

function webhookSaid(answer: HttpAnswer | Unreachable): Said {
  if (answer.kind === 'unreachable') return { delivered: false, said: `${answer.reason}: ${answer.message}` };
  const { status } = answer;
  if (status >= 200 && status < 300) return { delivered: true, said: `answered ${status}` };
  const redirected = status >= 300 && status < 400 ? '; redirects are not followed' : '';
  return { delivered: false, said: `answered ${status}${redirected}` };
}
