// What others say goes into the journal masked: a router that throws a token back at us must not stop the run, and the journal
// refuses what holds a secret. What a change needs for its undo is never altered; a secret in there is refused.
import type { Json } from '../core/json.js';
import type { Journal } from '../core/ports/journal.js';
import type { Redactor } from '../core/redaction.js';
import type { RunEventBody, RunEventType } from '../core/run-event.js';

const exact: readonly RunEventType[] = ['change-intent', 'fact'];

export function maskedJournal(journal: Journal, redactor: Redactor): Journal {
  return {
    ...journal,
    append: (body) =>
      journal.append(
        exact.includes(body.type) ? body : ({ type: body.type, data: masked(body.data as unknown as Json, redactor) } as RunEventBody),
      ),
  };
}

/** Only texts that hold a secret are touched, so that what is compared later is what was seen. */
function masked(value: Json, redactor: Redactor): Json {
  if (typeof value === 'string') return redactor.scan(value).length === 0 ? value : redactor.mask(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map((item) => masked(item, redactor));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, masked(item, redactor)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
