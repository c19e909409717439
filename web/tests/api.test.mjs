/** The API client: one error shape, a key per attempt, and a CSRF token that keeps up. */
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import test from 'node:test';
import { load } from './typescript.mjs';

globalThis.crypto ??= webcrypto; // Every browser has it; Node 18 does not offer it by that name.
const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers });

/** The client with a page whose token is `token`, and a server that gives `answers` in turn. */
async function client(token, answers) {
  const calls = [];
  globalThis.document = { querySelector: () => ({ content: token }) };
  globalThis.fetch = async (path, request) => {
    calls.push({ path, ...request });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { ...(await load('src/api.ts')), calls };
}

test('an order carries its key and the CSRF token', async () => {
  const { api, calls } = await client('t1', [json(201, { checkout_url: '/checkout?order_id=1' })]);
  const order = { items: [{ product_id: 1, quantity: 2 }], payment_method: 'khqr' };
  assert.equal((await api.place_order(order, 'k1')).checkout_url, '/checkout?order_id=1');
  assert.equal(calls[0].headers['Idempotency-Key'], 'k1');
  assert.equal(calls[0].headers['X-CSRF-Token'], 't1');
  assert.deepEqual(JSON.parse(calls[0].body), order);
});

test('a stale token is renewed once, with the same key', async () => {
  const refused = json(403, { error: { code: 'forbidden', message: 'token' } });
  const me = json(200, { csrf_token: 't2' });
  const { api, calls } = await client('', [refused, me, json(201, { order_id: 7 })]);
  assert.equal((await api.place_order({}, 'k1')).order_id, 7);
  assert.deepEqual(
    calls.map((call) => call.path),
    ['/api/orders', '/api/auth/me', '/api/orders'],
  );
  assert.equal(calls[2].headers['X-CSRF-Token'], 't2');
  assert.equal(calls[2].headers['Idempotency-Key'], calls[0].headers['Idempotency-Key']);
});

test('a refusal that a new token would not mend stays a refusal', async () => {
  const refused = json(403, { error: { code: 'forbidden', message: 'not yours' } });
  const { api, ApiError, calls } = await client('t1', [refused, json(200, { csrf_token: 't1' })]);
  await assert.rejects(api.cancel(5, null), (error) => {
    return error instanceof ApiError && error.code === 'forbidden' && error.message === 'not yours';
  });
  assert.equal(calls.length, 2);
});

test('errors keep code, field and Request-Id; silence and foreign pages get codes', async () => {
  const { api } = await client('', [
    json(409, {
      error: { code: 'out_of_stock', message: 'm', param: 'items[0]', request_id: 'r1' },
    }),
    new Response('<html>', { status: 502, headers: { 'Request-Id': 'r2' } }),
    new TypeError('no network'),
    json(429, { error: { code: 'rate_limited', message: 'm' } }, { 'Retry-After': '9' }),
  ]);
  const caught = () => api.products().then(assert.fail, (error) => error);
  const [stock, page, silence, limited] = [
    await caught(),
    await caught(),
    await caught(),
    await caught(),
  ];
  assert.deepEqual([stock.code, stock.param, stock.request_id], ['out_of_stock', 'items[0]', 'r1']);
  assert.equal(stock.unexpected, false);
  assert.deepEqual([page.code, page.status, page.request_id], ['bad_answer', 502, 'r2']);
  assert.equal(page.unexpected, true);
  assert.equal(silence.code, 'network');
  assert.equal(limited.retry_after, 9);
});
