// Every code that a caller can see is provoked at a real router over a real socket; a code without a case does not compile.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type GatewayErrorCode, gatewayErrors } from '../../src/router/gateway-error.js';
import type { DialectName, ErrorCase, Heard } from './error-cases/error-case.js';
import { licenseErrors } from './error-cases/license-errors.js';
import { limitErrors } from './error-cases/limit-errors.js';
import { operatorErrors } from './error-cases/operator-errors.js';
import { requestErrors } from './error-cases/request-errors.js';
import { upstreamErrors } from './error-cases/upstream-errors.js';

const cases: Record<GatewayErrorCode, ErrorCase> = {
  ...requestErrors,
  ...limitErrors,
  ...licenseErrors,
  ...upstreamErrors,
  ...operatorErrors,
};

type Asked = readonly [GatewayErrorCode, DialectName | 'no dialect'];
const asked = (Object.keys(cases) as GatewayErrorCode[]).flatMap((code): Asked[] => {
  const { dialects } = cases[code];
  return dialects.length === 0 ? [[code, 'no dialect']] : dialects.map((dialect): Asked => [code, dialect]);
});

test.each(asked)('%s in %s has its status, its shape and one request id, and its row says the same', async (code, dialect) => {
  const { leavesRow, provoke } = cases[code];
  const heard = await provoke(dialect === 'no dialect' ? 'openai-chat' : dialect);

  expect([heard.status, errorIn(heard, dialect)]).toEqual([gatewayErrors[code], code]);
  const id = heard.headers.get('x-request-id');
  expect(id).toMatch(/^req_[0-9a-f]{32}$/);
  if (leavesRow) {
    expect(await heard.router.row(id)).toMatchObject({ status: gatewayErrors[code], error: code, inbound_dialect: dialect });
    expect(heard.router.table('request_errors', id)).toMatchObject([{ status: gatewayErrors[code], error_type: code }]);
  } else if (existsSync(heard.router.databasePath)) expect(heard.router.rows().filter((row) => row.request_id === id)).toEqual([]);
});

/** The code of an error in its dialect's shape, which is checked member by member. */
function errorIn({ text, headers }: Heard, dialect: DialectName | 'no dialect'): unknown {
  const id = headers.get('x-request-id');
  const body = JSON.parse(text) as { readonly error: Readonly<Record<string, unknown>> };
  expect(body.error['message']).toEqual(expect.stringMatching(/^\S.*\S$/));
  if (dialect === 'anthropic-messages') {
    expect(body).toMatchObject({ type: 'error', request_id: id });
    expect(Object.keys(body.error)).not.toContain('request_id');
  } else expect([body.error['request_id'], Object.keys(body)]).toEqual([id, ['error']]);
  return body.error['code'];
}
