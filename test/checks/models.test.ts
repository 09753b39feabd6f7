import { expect, test } from 'vitest';
import { models } from '../../checks/models.js';
import { askCheck, openRoom, sendJson, startServer, token } from './check-room.js';

const room = openRoom();
const list = (...ids: string[]) => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });
const ask = async (answer: unknown, spec: object = {}, more: object = {}, credentials: object = { caller: 'env:ROUTER_TOKEN' }) => {
  const url = await startServer({
    '/v1/models': (request, response) =>
      request.headers.authorization === `Bearer ${token}`
        ? typeof answer === 'string'
          ? response.end(answer)
          : sendJson(response, answer)
        : sendJson(response, { error: { code: 'invalid-token', message: 'no' } }, 401),
  });
  return await askCheck(models, spec, room, room.context(room.target({}, { url, credentials }), more));
};
const before = { models: ['large', 'small'] };

test.each<[string, unknown, object, object, string, RegExp]>([
  ['a list without a baseline', list('small', 'large'), {}, {}, 'pass', /^2 models$/],
  ['the same list in another order', list('small', 'large'), {}, { baseline: before }, 'pass', /same as before/],
  ['a model added', list('small', 'large', 'new'), {}, { baseline: before }, 'pass', /added: new/],
  ['a model removed', list('small'), {}, { baseline: before }, 'fail', /removed: large/],
  ['a model renamed', list('small', 'huge'), {}, { baseline: before }, 'fail', /removed: large; added: huge/],
  ['a model removed, to warn', list('small'), { removed: 'warn' }, { baseline: before }, 'warn', /removed: large/],
  ['a model removed, allowed', list('small'), { removed: 'allow' }, { baseline: before }, 'pass', /removed: large/],
  ['a required model missing', list('small'), { required: ['small', 'large'] }, {}, 'fail', /required model is missing: large/],
  ['no model at all', list(), {}, {}, 'fail', /lists no model/],
  ['JSON that is no list', { models: [] }, {}, {}, 'fail', /without a list of models/],
  ['an HTML page', '<html>', {}, {}, 'fail', /HTML page/],
  ['restored, all as before', list('large', 'small'), {}, { baseline: before, mode: 'restored' }, 'pass', /same as before/],
  [
    'restored, one more than before',
    list('large', 'small', 'new'),
    { removed: 'allow' },
    { baseline: before, mode: 'restored' },
    'fail',
    /not the models of before: added: new/,
  ],
  ['restored without a baseline', list('small'), {}, { mode: 'restored' }, 'inconclusive', /not recorded/],
])('%s', async (_, answer, spec, more, status, words) => {
  expect((await ask(answer, spec, more)).verdict).toMatchObject({ status, summary: expect.stringMatching(words) });
});

test('a refused token names the role that was used', async () => {
  const credentials = { caller: 'env:ROUTER_TOKEN', app: 'env:WRONG_TOKEN' };
  expect((await ask(list('a'), { credential: 'app' }, {}, credentials)).verdict).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/refused the app token \(401\): invalid-token: no/),
    hint: expect.stringMatching(/credentials\.app/),
  });
  expect((await ask(list('a'), {}, {}, {})).verdict).toMatchObject({
    status: 'fail',
    summary: expect.stringMatching(/wants a token \(401\) and none is configured/),
  });
});

test('a credential that cannot be read is a refusal, not a verdict', async () => {
  await expect(ask(list('a'), {}, {}, { caller: 'env:NOT_SET' })).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
});
