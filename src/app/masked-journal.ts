// What others say goes into the journal masked: a router that throws a token back at us must not stop the run, and a secret that
// nobody registered must not stay in the log lines of a failed start. What a change needs for its undo is never altered; a secret
// in there is refused, as the journal itself refuses a registered one.
import { RouterctlError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { Journal } from '../core/ports/journal.js';
import { maskJson, type Redactor, secretsInJson } from '../core/redaction.js';
import type { RunEventBody, RunEventType } from '../core/run-event.js';

const exact: readonly RunEventType[] = ['change-intent', 'fact'];

/** Throws SECRET_IN_JOURNAL for an event that holds a secret and may not be altered. */
export function maskedJournal(journal: Journal, redactor: Redactor): Journal {
  return {
    ...journal,
    append(body) {
      const data = body.data as unknown as Json;
      if (!exact.includes(body.type)) return journal.append({ type: body.type, data: maskJson(data, redactor) } as RunEventBody);
      const rules = secretsInJson(data, redactor);
      if (rules.length === 0) return journal.append(body);
      throw new RouterctlError(
        'SECRET_IN_JOURNAL',
        `the event ${body.type} would have carried a secret (${rules.join(', ')}); it was not written`,
        { hint: 'refer to the secret (env:, file:, command:) where the step or the config spells it out' },
      );
    },
  };
}
