// From here on an answer is spelt as its caller's dialect has it, refusals and the header of the request id too.
import type { Dialect } from '../dialects/dialect.js';
import type { Exchange } from '../http/exchange.js';

export function speakDialect(exchange: Exchange, dialect: Dialect): void {
  exchange.spellError = (error, requestId) => dialect.errorBody(error, requestId);
  if (dialect.requestIdHeader !== null) exchange.nameId(dialect.requestIdHeader);
}
