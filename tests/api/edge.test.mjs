/** The edge: what is no proper request gets a proper refusal, and every reply its headers. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { Client } from '../support/client.mjs';
import { kAdminPassword, Shop } from '../support/shop.mjs';

const kOrder = { items: [{ product_id: 3, quantity: 1 }], payment_method: 'khqr' };
const kJson = { 'content-type': 'application/json' };
/** Words of the inside: databases, files, the bank's wire, the language that it is written in. */
const kInside = new RegExp(['sqlite', 'select ', 'insert ', 'constraint', 'quittance\\.db',
  '\\.cpp', '/home', '/tmp/', 'std::', 'exception', 'responseCode', 'errorCode',
  'check_transaction', 'Bearer ey', 'stack'].join('|'), 'i');

/** Checks that a reply is an error as documented; gives what it says. */
function error_of(reply, status, code) {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.headers['content-type'], /^application\/json/);
  const { error } = reply.json;
  assert.equal(error.code, code);
  assert.ok(error.message.length > 5);
  assert.equal(error.request_id, reply.headers['request-id']);
  const members = Object.keys(error).filter((name) => name !== 'param');
  assert.deepEqual(members.sort(), ['code', 'message', 'request_id']);
  if ('param' in error) assert.equal(typeof error.param, 'string');
  assert.doesNotMatch(reply.text, kInside);
  return error;
}

test('bodies that are none', async (t) => {
  const shop = await Shop.start(t);
  const client = shop.visitor();
  const send = (body, headers = kJson) => client.send('POST', '/api/orders', { headers, body });

  await t.test('415 for what is neither JSON nor a form', async () => {
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', '']) {
      error_of(await send(JSON.stringify(kOrder), type ? { 'content-type': type } : {}),
        415, 'unsupported_media');
    }
  });
  await t.test('400 for JSON that is broken, too deep, or no object', async () => {
    const deep = '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000);
    for (const body of ['{', '{"items":[}', 'nul', '[]', '"x"', '5', '{"a":1}{"b":2}', '\u0000',
      '{"a":"\ud800"}', deep]) {
      error_of(await send(body), 400, 'invalid_request');
    }
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
    error_of(await send(bytes), 400, 'invalid_request');
  });
  await t.test('400 names the field that is wrong', async () => {
    const wrong = [
      [{}, 'items'],
      [{ items: [] }, 'items'],
      [{ items: 'x' }, 'items'],
      [{ items: [{ product_id: 3 }] }, 'items[0]'],
      [{ items: [{ product_id: 3, quantity: 0 }] }, 'items[0]'],
      [{ items: [{ product_id: 3, quantity: -1 }] }, 'items[0]'],
      [{ items: [{ product_id: 3, quantity: 1.5 }] }, 'items[0]'],
      [{ items: [{ product_id: 3, quantity: 1e300 }] }, 'items[0]'],
      [{ items: [{ product_id: 3, quantity: 1000 }] }, 'items[0]'],
      [{ items: [kOrder.items[0], { product_id: 999, quantity: 1 }] }, 'items[1]'],
      [{ items: [{ product_id: '3; DROP TABLE orders', quantity: 1 }] }, 'items[0]'],
      [{ ...kOrder, payment_method: 'gold' }, 'payment_method'],
      [{ items: Array(51).fill(kOrder.items[0]) }, 'items'],
    ];
    for (const [body, param] of wrong) {
      const error = error_of(await client.post('/api/orders', body), 400, 'invalid_request');
      assert.equal(error.param, param, JSON.stringify(body).slice(0, 80));
    }
    assert.equal((await shop.sql('SELECT COUNT(*) AS n FROM orders'))[0].n, 0);
  });
  await t.test('413 for what is too large, told or not told beforehand', async () => {
    const body = JSON.stringify({ ...kOrder, customer_name: 'x'.repeat(300 * 1024) });
    error_of(await send(body), 413, 'payload_too_large');
    error_of(await send(body, { ...kJson, 'transfer-encoding': 'chunked' }),
      413, 'payload_too_large');
  });
  await t.test('431 for a head that is too large, 400 for a broken address', async () => {
    const huge = await client.get('/api/products', { 'x-long': 'x'.repeat(20_000) });
    error_of(huge, 431, 'invalid_request');
    for (const path of ['/api/orders/1?secret=%zz', '/api/%00', '/api/%zz', '/api/orders#1']) {
      error_of(await client.get(path), 400, 'invalid_request');
    }
  });
  await t.test('S0.53 amounts of a session', async () => {
    const order = await shop.order(client);
    for (const amount of ['12.90', null, 0, -1, 12.901, 1e30, true]) {
      const reply = await client.post('/api/payment/create-session',
        { amount, order_id: order.order_id });
      assert.equal(error_of(reply, 400, 'invalid_request').param, 'amount', String(amount));
    }
    const riel = await client.post('/api/payment/create-session',
      { amount: 12.9, currency: 'XYZ', order_id: order.order_id });
    assert.equal(error_of(riel, 400, 'invalid_request').param, 'currency');
  });
  await t.test('the server lives', async () => {
    assert.equal((await send(JSON.stringify(kOrder))).status, 201);
  });
});

test('addresses and methods', async (t) => {
  const shop = await Shop.start(t);
  const client = shop.visitor();
  const order = await shop.order(client);

  await t.test('with and without a slash at the end', async () => {
    for (const path of ['/api/products', '/api/orders', `/api/orders/${order.order_id}`,
      '/health', '/orders', '/app/qr-verification', '/payment/recover-from-qr']) {
      for (const slash of ['', '/']) {
        assert.equal((await client.get(path + slash)).status, 200, path + slash);
      }
    }
    assert.equal((await client.post('/api/payment/verify-qr/',
      { qr_data: order.session.qr_data })).status, 200);
  });
  await t.test('404 for what does not exist', async () => {
    for (const path of ['/api/nothing', '/api/orders/1/nothing', '/api/users',
      '/api/orders/1/2/3', '/api/products/1', '/api/../api/products', '/api/%2e%2e/health',
      '/api/products%2f..%2forders']) {
      error_of(await client.get(path), 404, 'not_found');
    }
    for (const path of ['/nothing', '/.env', '/assets/nothing.js', '/assets/..%2f..%2fetc%2fpasswd',
      '/data/quittance.db', '/control/faults']) {
      const page = await client.get(path);
      assert.equal(page.status, 404, path);
      assert.match(page.headers['content-type'], /^text\/html/);
      assert.ok(page.text.includes(page.headers['request-id']), 'the page says which request');
      assert.doesNotMatch(page.text, /\{\{/);
    }
  });
  await t.test('405 for another method', async () => {
    for (const [method, path] of [['POST', '/api/products'], ['GET', '/api/payment/verify-qr'],
      ['DELETE', '/api/orders'], ['PUT', '/api/orders/1'], ['PATCH', '/api/orders/1/cancel'],
      ['OPTIONS', '/api/orders'], ['TRACE', '/api/orders'], ['POST', '/api/auth/me']]) {
      error_of(await client.send(method, path), 405, 'method_not_allowed');
    }
    assert.equal((await client.send('DELETE', '/cart')).status, 405);
  });
  await t.test('HEAD is GET without the body', async () => {
    for (const path of ['/api/products', '/', '/health', order.session.qr_svg_url,
      '/api/orders/999', '/nothing']) {
      const [head, get] = [await client.send('HEAD', path), await client.get(path)];
      assert.equal(head.status, get.status, path);
      assert.equal(head.bytes.length, 0);
      assert.equal(head.headers['content-type'], get.headers['content-type']);
      assert.equal(head.headers['content-length'], String(get.bytes.length), path);
    }
  });
  await t.test('lists have limits and cursors', async () => {
    for (let i = 0; i < 4; ++i) await shop.order(client);
    const seen = [];
    for (let cursor = '', pages = 0; cursor !== null; ++pages) {
      assert.ok(pages < 5, 'no end');
      const { json } = await client.get(`/api/orders?limit=2&cursor=${cursor}`);
      assert.ok(json.orders.length <= 2);
      seen.push(...json.orders.map((one) => one.order_id));
      cursor = json.next_cursor;
    }
    assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => b - a));
    assert.equal(seen.length, 5);
    error_of(await client.get('/api/orders?status=lost'), 400, 'invalid_request');
  });
});

test('headers of every reply', async (t) => {
  const shop = await Shop.start(t);
  const client = shop.visitor();
  const order = await shop.order(client);
  const ids = new Set();
  const paths = ['/', '/api/products', '/api/orders', '/nothing', '/api/nothing', '/health',
    order.checkout_url, order.session.qr_png_url, '/app/qr-verification/?code=x', '/api/orders/x'];
  for (const path of paths) {
    const { headers } = await client.get(path);
    ids.add(headers['request-id']);
    const policy = headers['content-security-policy'];
    for (const part of ["default-src 'self'", "object-src 'none'", "base-uri 'none'",
      "frame-ancestors 'none'", "form-action 'self'"]) {
      assert.ok(policy.includes(part), `${path}: ${policy}`);
    }
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.equal(headers.server, undefined);
  }
  assert.equal(ids.size, paths.length, 'every request has its own id');
  for (const path of ['/api/orders', order.checkout_url, `/api/orders/${order.order_id}/status`]) {
    assert.equal((await client.get(path)).headers['cache-control'], 'no-store');
  }
});

test('too many requests', async (t) => {
  const shop = await Shop.start(t, {
    QUITTANCE_REQUESTS_PER_MINUTE: '30',
    QUITTANCE_GUARDED_REQUESTS_PER_MINUTE: '5',
  });
  const client = shop.visitor();

  /** More than two windows hold, so that the minute may end in between. */
  async function until_refused(ask, most) {
    for (let i = 0; i < most; ++i) {
      const reply = await ask();
      if (reply.status === 429) return reply;
    }
    throw new Error(`${most} requests, and none refused`);
  }
  for (const [name, ask] of Object.entries({
    'C10 guessing codes': () =>
      client.post('/api/payment/verify-qr', { qr_data: 'ORDER_1_a_1.00' }),
    'C28 guessing passes': () => client.post('/app/qr-verification', { code: 'x' }),
    'guessing passwords': () =>
      client.post('/api/auth/login', { username: 'admin', password: 'x' }),
  })) {
    await t.test(name, async () => {
      const reply = await until_refused(ask, 11);
      error_of(reply, 429, 'rate_limited');
      const seconds = Number(reply.headers['retry-after']);
      assert.ok(seconds >= 1 && seconds <= 60, reply.headers['retry-after']);
    });
  }
  await t.test('everything else', async () => {
    error_of(await until_refused(() => client.get('/api/products'), 61), 429, 'rate_limited');
  });
});

test('Idempotency-Key', async (t) => {
  const shop = await Shop.start(t);
  const client = shop.visitor();
  const place = (body, key) => client.post('/api/orders', body, { 'idempotency-key': key });

  await t.test('the same key and body get the same answer, the other body a refusal', async () => {
    const first = await place(kOrder, 'cart-1-of-a-new-guest');
    assert.equal(first.status, 201);
    await client.who();
    const admin = await shop.admin();
    const path = `/api/orders/${first.json.order_id}/mark-paid`;
    const mark = (reason) => admin.post(path, { reason }, { 'idempotency-key': 'mark-1' });
    const [one, two] = [await mark('Paid in cash'), await mark('Paid in cash')];
    assert.deepEqual([one.status, two.status], [200, 200]);
    assert.equal(two.text, one.text);
    assert.equal(two.headers['idempotent-replayed'], 'true');
    const error = error_of(await mark('Paid in gold'), 409, 'idempotency_mismatch');
    assert.equal(error.param, 'Idempotency-Key');
  });
  await t.test('an order is placed once, before and after a restart', async () => {
    const guest = shop.visitor();
    const again = (body = kOrder) =>
      guest.post('/api/orders', body, { 'idempotency-key': 'cart-2-of-a-new-guest', cookie: '' });
    const first = await again();
    const second = await again();
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(second.text, first.text);
    await shop.restart({ signal: 'SIGKILL' });
    assert.equal((await again()).text, first.text);
    error_of(await again({ items: [{ product_id: 3, quantity: 2 }] }),
      409, 'idempotency_mismatch');
  });
  await t.test('keys are 16 to 255 visible characters for a guest', async () => {
    for (const key of ['', 'x'.repeat(256), 'two words in one key', 'x'.repeat(15)]) {
      const error = error_of(await shop.visitor().post('/api/orders', kOrder,
        { 'idempotency-key': key }), 400, 'invalid_request');
      assert.equal(error.param, 'Idempotency-Key');
    }
  });
});

test('logging in', async (t) => {
  const shop = await Shop.start(t, { QUITTANCE_PUBLIC_URL: 'https://shop.example' });
  const log_in = (username, password) =>
    shop.visitor().post('/api/auth/login', { username, password });

  await t.test('no script reads the cookie; it goes to us only, and encrypted', async () => {
    const reply = await log_in('admin', kAdminPassword);
    const [cookie] = reply.headers['set-cookie'];
    assert.match(cookie, /^quittance_session=[0-9a-f]{64}; /);
    for (const part of [/; HttpOnly/, /; SameSite=Lax/, /; Path=\//, /; Max-Age=\d+/, /; Secure/]) {
      assert.match(cookie, part);
    }
    assert.deepEqual([reply.json.token_type, reply.json.role], ['bearer', 'admin']);
    assert.match((await shop.visitor().post('/api/orders', kOrder)).headers['set-cookie'][0],
      /; HttpOnly; SameSite=Lax; Secure/);
  });
  await t.test('a wrong password and an unknown name get the same answer, as slowly', async () => {
    const took = { admin: [], nobody: [] };
    const words = new Set();
    for (let i = 0; i < 5; ++i) {
      for (const name of Object.keys(took)) {
        const start = performance.now();
        const reply = await log_in(name, 'wrong');
        took[name].push(performance.now() - start);
        error_of(reply, 401, 'unauthenticated');
        words.add(reply.json.error.message);
        assert.equal(reply.headers['set-cookie'], undefined);
      }
    }
    assert.equal(words.size, 1);
    // What else the machine does makes some slower, but none quicker.
    assert.ok(Math.min(...took.nobody) > Math.min(...took.admin) / 3, JSON.stringify(took));
    error_of(await log_in('admin', ''), 400, 'invalid_request');
    error_of(await log_in("admin' OR '1'='1", 'x'), 401, 'unauthenticated');
  });
  await t.test('logging out ends the login on the server', async () => {
    const client = shop.visitor();
    await client.log_in('admin', kAdminPassword);
    const stolen = new Map(client.cookies);
    assert.equal((await client.get('/api/admin/providers')).status, 200);
    await client.post('/api/auth/logout');
    assert.equal(client.cookies.size, 0);
    client.cookies = stolen;
    assert.equal((await client.get('/api/admin/providers')).status, 401);
    client.cookies = new Map([['quittance_session', 'f'.repeat(64)]]);
    assert.equal((await client.get('/api/admin/providers')).status, 401);
  });
});

test('access tokens', async (t) => {
  const shop = await Shop.start(t);
  const { json } = await shop.visitor().post('/api/auth/login',
    { username: 'admin', password: kAdminPassword });
  const key = (await readFile(join(shop.folder, 'jwt_key'), 'utf8')).trim();
  const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [head, claims] = json.access_token.split('.').slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  function signed(header, payload, with_key = key) {
    const text = `${base64url(header)}.${base64url(payload)}`;
    const hash = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' }[header.alg] ?? 'sha256';
    return `${text}.${createHmac(hash, with_key).update(text).digest('base64url')}`;
  }
  async function tried(token) {
    const client = new Client(shop.url);
    client.bearer = token;
    const reply = await client.get('/api/admin/providers');
    client.close();
    return reply;
  }

  await t.test('a good one opens, without cookie and CSRF', async () => {
    assert.equal((await tried(json.access_token)).status, 200);
    assert.equal((await tried(signed(head, claims))).status, 200, 'the control of what follows');
    const client = shop.visitor();
    client.bearer = json.access_token;
    assert.equal((await client.post('/api/payment/cleanup')).status, 200);
  });
  const [first, second, third] = json.access_token.split('.');
  const past = Math.floor(Date.now() / 1000) - 10;
  const forged = {
    'alg none': `${base64url({ ...head, alg: 'none' })}.${second}.`,
    'alg None with the signature': `${base64url({ ...head, alg: 'None' })}.${second}.${third}`,
    'another algorithm': signed({ ...head, alg: 'HS512' }, claims),
    'another key': signed(head, claims, 'x'.repeat(64)),
    'an empty key': signed(head, claims, ''),
    'a changed claim': `${first}.${base64url({ ...claims, sub: 'root' })}.${third}`,
    'a user that is not there': signed(head, { ...claims, sub: 'root' }),
    'no end': signed(head, { ...claims, exp: undefined }),
    expired: signed(head, { ...claims, exp: past }),
    'cut off': json.access_token.slice(0, -2),
    nonsense: 'x.y.z',
    empty: '',
    long: 'x'.repeat(5_000),
  };
  for (const [name, token] of Object.entries(forged)) {
    await t.test(`refused: ${name}`, async () => {
      error_of(await tried(token), 401, 'unauthenticated');
    });
  }
});
