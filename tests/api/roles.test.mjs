/** Who may call what: every route, every role, pinned. What is not in this table does not exist. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { Client } from '../support/client.mjs';
import { Shop } from '../support/shop.mjs';

const kStaffPassword = 'open sesame, please';
const kRoles = ['guest', 'owner', 'other', 'holder', 'staff', 'admin'];
const same = (status) => [status, status, status, status, status, status];
/** guest, owner, another customer, a guest with the order's secret, staff, admin. */
const kOfOrder = [404, 200, 404, 200, 200, 200];
const kStaff = [401, 403, 403, 401, 200, 200];

const form = (fields) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});
const json = (value) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/**
 * `at` gives the address, `send` what goes with it, for an order (`o`) and what there is to know
 * about the shop (`s`). `paid` has the order paid first. In the order in which they are called:
 * logging out comes last.
 */
const kTable = {
  'GET /api/products': { expect: same(200) },
  'POST /api/orders': {
    send: () => json({ items: [{ product_id: 3, quantity: 1 }] }),
    expect: same(201),
  },
  'GET /api/orders': { expect: [401, 200, 200, 401, 200, 200] },
  'GET /api/orders/{id}': { at: (o) => `/api/orders/${o.order_id}`, expect: kOfOrder },
  'GET /api/orders/{id}/history': {
    at: (o) => `/api/orders/${o.order_id}/history`,
    expect: kOfOrder,
  },
  'GET /api/orders/{id}/proof': {
    at: (o) => `/api/orders/${o.order_id}/proof`,
    paid: true,
    expect: kOfOrder,
  },
  'GET /api/orders/{id}/status': {
    at: (o) => `/api/orders/${o.order_id}/status`,
    expect: kOfOrder,
  },
  'GET /api/orders/{id}/events': {
    at: (o) => `/api/orders/${o.order_id}/events`,
    paid: true,
    expect: kOfOrder,
  },
  'POST /api/orders/{id}/cancel': {
    at: (o) => `/api/orders/${o.order_id}/cancel`,
    expect: kOfOrder,
    unsafe: true,
  },
  'POST /api/orders/{id}/mark-paid': {
    at: (o) => `/api/orders/${o.order_id}/mark-paid`,
    send: () => json({ reason: 'Counted the cash myself' }),
    expect: kStaff,
    unsafe: true,
  },
  'POST /api/orders/{id}/confirm-payment': {
    at: (o) => `/api/orders/${o.order_id}/confirm-payment`,
    send: () => json({ evidence_id: 999999, reason: 'Looked at it twice' }),
    expect: [401, 403, 403, 401, 409, 409],
    unsafe: true,
  },
  'POST /api/orders/{id}/reject-payment': {
    at: (o) => `/api/orders/${o.order_id}/reject-payment`,
    send: () => json({ evidence_id: 999999, reason: 'Looked at it twice' }),
    expect: [401, 403, 403, 401, 409, 409],
    unsafe: true,
  },
  'POST /api/orders/{id}/refund': {
    at: (o) => `/api/orders/${o.order_id}/refund`,
    send: () => json({ settlement_id: 999999, amount: '1.00', reason: 'Looked at it twice' }),
    expect: [401, 403, 403, 401, 404, 404],
    unsafe: true,
  },
  'POST /api/orders/{id}/void': {
    at: (o) => `/api/orders/${o.order_id}/void`,
    send: () => json({ settlement_id: 999999, reason: 'Looked at it twice' }),
    expect: [401, 403, 403, 401, 404, 404],
    unsafe: true,
  },
  // No mail is set up here; tests/api/deliveries.test.mjs has it.
  'POST /api/orders/{id}/resend': {
    at: (o) => `/api/orders/${o.order_id}/resend`,
    paid: true,
    expect: [401, 403, 403, 401, 409, 409],
  },
  'GET /api/payment/methods': { expect: same(200) },
  'POST /api/payment/create-session': {
    send: (o) => json({ amount: o.amount, order_id: o.order_id }),
    expect: kOfOrder,
    unsafe: true,
  },
  'GET /api/payment/sessions': { expect: [401, 200, 200, 401, 403, 403] },
  'GET /api/payment/sessions/{session_id}/qr.svg': {
    at: (o) => o.session.qr_svg_url,
    expect: same(200),
  },
  'GET /api/payment/sessions/{session_id}/qr.png': {
    at: (o) => o.session.qr_png_url,
    expect: same(200),
  },
  'GET /api/payment/sessions/{session_id}/save.png': {
    at: (o) => `/api/payment/sessions/${o.session.session_id}/save.png`,
    expect: same(200),
  },
  'POST /api/payment/sessions/{session_id}/deep-link': {
    at: (o) => `/api/payment/sessions/${o.session.session_id}/deep-link`,
    expect: same(200),
  },
  'POST /api/payment/verify-qr': {
    send: (o) => json({ qr_data: o.session.qr_data }),
    expect: same(200),
  },
  'POST /api/payment/recover-from-qr': {
    send: (o) => json({ qr_data: o.session.qr_data }),
    expect: same(200),
  },
  'POST /api/payment/verify-instantly': {
    send: (o) => json({ order_id: o.order_id }),
    expect: kStaff,
    unsafe: true,
  },
  'POST /api/payment/cleanup': { expect: [401, 403, 403, 401, 403, 200], unsafe: true },
  // No rail of these is set up here; tests/api/notices.test.mjs has them.
  'POST /payments/stripe/webhook': { send: () => json({}), expect: same(404) },
  'POST /payments/razorpay/webhook': { send: () => json({}), expect: same(404) },
  'POST /payments/{provider}/webhook': {
    at: () => '/payments/bakong/webhook',
    send: () => json({}),
    expect: same(404),
  },
  'GET /api/qpay/callback': { expect: same(404) },
  'POST /api/qpay/callback': { send: () => json({}), expect: same(404) },
  'POST /api/invoices/{id}/settlement': {
    at: (o) => `/api/invoices/${o.order_id}/settlement`,
    send: () => json({ amount: '1.00', method: 'POS' }),
    expect: [404, 403, 404, 403, 200, 200],
    unsafe: true,
  },
  'GET /api/payment-settings': { expect: [401, 200, 200, 401, 200, 200] },
  // Nor is QPay; who may ask for an invoice of whose order is in qpay_billing_test.cpp.
  'POST /api/qpay/invoice': {
    send: (o) => json({ invoiceId: o.order_id, amount: 1 }),
    expect: same(400),
  },
  'POST /api/qpay/check': { send: () => json({ qpayInvoiceId: 'none' }), expect: same(404) },
  'POST /api/qpay/cancel': { send: () => json({ qpayInvoiceId: 'none' }), expect: same(404) },
  'POST /api/qpay/dev/create-test-invoice': {
    send: (o) => json({ invoiceId: o.order_id }),
    expect: [401, 403, 403, 401, 404, 404],
    unsafe: true,
  },
  'PUT /payments/mvola/callback': { send: () => json({}), expect: same(404) },
  // No provider that lists is set up here; tests/api/sync.test.mjs has one.
  'POST /api/payments/sync': { expect: [401, 403, 403, 401, 403, 501], unsafe: true },
  'GET /api/payments': { expect: kStaff },
  'GET /api/payments/razorpay-status': {
    at: () => '/api/payments/razorpay-status?payment_id=pay_1',
    expect: [401, 403, 403, 401, 403, 404],
  },
  'GET /api/payments/{payment_id}': {
    at: () => '/api/payments/999999',
    expect: [401, 403, 403, 401, 404, 404],
  },
  'GET /api/admin/sync-runs': { expect: kStaff },
  'GET /api/admin/logs': { expect: [401, 403, 403, 401, 403, 200] },
  'GET /api/admin/reconciliation': {
    at: () => '/api/admin/reconciliation?provider=razorpay&day=2026-11-26',
    expect: [401, 403, 403, 401, 400, 400],
  },
  'GET /app/qr-verification': {
    at: (o, s) => `/app/qr-verification/?code=${s.pass}`,
    expect: same(200),
  },
  'POST /app/qr-verification': { send: (o, s) => json({ code: s.pass }), expect: same(200) },
  'GET /api/passes/{code}/qr.svg': {
    at: (o, s) => `/api/passes/${s.pass}/qr.svg`,
    expect: same(200),
  },
  'GET /api/log/checkpoint': { expect: same(200) },
  'POST /api/log/checkpoint': { expect: [401, 403, 403, 401, 201, 201], unsafe: true },
  'GET /api/log/key': { expect: same(200) },
  'GET /api/log/proof': { at: () => '/api/log/proof?seq=1', expect: same(200) },
  'GET /api/log/consistency': {
    at: () => '/api/log/consistency?from=1&to=2',
    expect: same(200),
  },
  'POST /api/auth/login': {
    send: () => json({ username: 'admin', password: 'wrong' }),
    expect: same(401),
  },
  'GET /api/auth/me': { expect: same(200) },
  'GET /health': { expect: same(200) },
  'GET /ready': { expect: same(200) },
  'GET /api/admin/providers': { expect: kStaff },
  'POST /api/admin/users': {
    send: () => json({ username: 'new', password: 'long enough', role: 'staff' }),
    expect: [401, 403, 403, 401, 403, 201],
    unsafe: true,
  },
  'POST /api/admin/api-keys': {
    send: () => json({ name: `till-${Math.random().toString(36).slice(2)}` }),
    expect: [401, 403, 403, 401, 403, 201],
    unsafe: true,
  },
  'POST /api/admin/api-keys/{name}/revoke': {
    at: () => '/api/admin/api-keys/no-such-key/revoke',
    expect: [401, 403, 403, 401, 403, 404],
  },
  'GET /': { expect: same(200) },
  'GET /cart': { expect: same(200) },
  'GET /orders': { expect: same(200) },
  'GET /staff/login': { expect: same(200) },
  'GET /staff/orders': { expect: same(200) },
  'GET /staff/order': { expect: same(200) },
  'GET /staff/payments': { expect: same(200) },
  'GET /assets/{file}': { at: (o, s) => s.asset, expect: same(200) },
  'GET /checkout': { at: (o) => `/checkout?order_id=${o.order_id}`, expect: kOfOrder },
  'GET /receipt': { at: (o) => `/receipt?order_id=${o.order_id}`, paid: true, expect: kOfOrder },
  'GET /payment/save-qr': {
    at: (o) => `/payment/save-qr?order_id=${o.order_id}`,
    expect: kOfOrder,
  },
  'GET /payment/ways': { at: (o) => `/payment/ways?order_id=${o.order_id}`, expect: kOfOrder },
  'POST /payment/ways': {
    at: (o) => `/payment/ways?order_id=${o.order_id}`,
    send: () => form({ payment_method: 'khqr' }),
    expect: [404, 303, 404, 303, 303, 303],
  },
  'GET /payment/recover-from-qr': { expect: same(200) },
  'POST /payment/recover-from-qr': {
    send: (o) => form({ qr_data: o.session.qr_data }),
    expect: same(200),
  },
  'POST /api/auth/logout': { expect: same(200) },
};

function request_of(name, row, order, shop) {
  const [method, pattern] = name.split(' ');
  return { method, path: row.at?.(order, shop) ?? pattern, ...row.send?.(order, shop) };
}

/** The same visitor as `client` with a memory of its own. */
function copy_of(client) {
  const copy = new Client(client.base_url, { agent: client.agent });
  copy.cookies = new Map(client.cookies);
  copy.csrf_token = client.csrf_token;
  return copy;
}

/** A user `staff`, made by the administrator, logged in. */
async function add_staff(shop) {
  const made = await (await shop.admin()).post('/api/admin/users',
    { username: 'staff', password: kStaffPassword, role: 'staff' });
  assert.equal(made.status, 201, made.text);
  const client = shop.visitor();
  const reply = await client.log_in('staff', kStaffPassword);
  assert.equal(reply.json.role, 'staff', reply.text);
  return client;
}

async function pay_by_hand(shop, order) {
  const reply = await (await shop.admin()).post(`/api/orders/${order.order_id}/mark-paid`,
    { reason: 'For the table of routes' });
  assert.equal(reply.status, 200, reply.text);
}

/** The shop with one visitor of each role, a pass and a file name. */
async function peopled(t) {
  const shop = await Shop.start(t);
  await shop.restock(10_000);
  const people = {
    guest: shop.visitor(),
    owner: shop.visitor(),
    other: shop.visitor(),
    holder: shop.visitor(),
    staff: await add_staff(shop),
    admin: await shop.admin(),
  };
  await shop.order(people.other);
  const paid = await shop.order(people.owner);
  await pay_by_hand(shop, paid);
  shop.pass = (await shop.detail(paid.order_id)).pass.code;
  shop.asset = /\/assets\/[\w.-]+\.js/.exec((await people.guest.get('/')).text)[0];
  return { shop, people };
}

test('C32 deny by default: every route has its row in the table of this test', async () => {
  const source = await readFile(new URL('../../src/http/routes.cpp', import.meta.url), 'utf8');
  const table = source.slice(source.indexOf('kRoutes{'), source.indexOf('\n};'));
  const pair = /"(GET|POST|PUT|PATCH|DELETE)",\s*(?:\.pattern = )?"(\/[^"]*)"/g;
  const found = [...table.matchAll(pair)]
    .map(([, method, path]) => `${method} ${path}`);
  assert.equal(found.length, [...table.matchAll(/Route\{/g)].length);
  assert.deepEqual(found.sort(), Object.keys(kTable).sort());
});

test('C11 C32 T1.5 T0.9 every route for every role', async (t) => {
  const { shop, people } = await peopled(t);
  for (const [name, row] of Object.entries(kTable)) {
    await t.test(name, async () => {
      for (const [i, role] of kRoles.entries()) {
        const order = await shop.order(people.owner);
        if (row.paid) await pay_by_hand(shop, order);
        const { method, path, headers = {}, body } = request_of(name, row, order, shop);
        if (role === 'holder') headers['x-order-secret'] = order.order_secret;
        const reply = await copy_of(people[role]).send(method, path, { headers, body });
        assert.equal(reply.status, row.expect[i], `${role}: ${reply.text}`);
        if (reply.status === 401) assert.match(reply.text, /"unauthenticated"/);
        if (reply.status === 403) assert.match(reply.text, /"forbidden"/);
        if (reply.status === 404) assert.ok(!reply.text.includes(order.transaction_id));
      }
    });
  }
});

test('a cookie alone moves nothing: CSRF', async (t) => {
  const { shop, people } = await peopled(t);
  const kMine = {
    'POST /api/orders/{id}/cancel': 'owner',
    'POST /api/payment/create-session': 'owner',
  };

  for (const [name, row] of Object.entries(kTable).filter(([, one]) => one.unsafe)) {
    await t.test(`${name} without the token, or with another's`, async () => {
      const order = await shop.order(people.owner);
      const { method, path, headers = {}, body } = request_of(name, row, order, shop);
      const client = copy_of(people[kMine[name] ?? 'admin']);
      for (const token of [null, '', '0'.repeat(32), people.other.csrf_token]) {
        client.csrf_token = token;
        const reply = await client.send(method, path, { headers, body });
        assert.equal(reply.status, 403, reply.text);
        assert.equal(reply.json.error.code, 'forbidden');
      }
      assert.equal((await shop.detail(order.order_id)).status, 'PENDING');
    });
  }

  await t.test('a request from another site is refused everywhere', async () => {
    for (const [name, row] of Object.entries(kTable)) {
      const order = await shop.order(people.owner);
      const { method, path, headers = {}, body } = request_of(name, row, order, shop);
      if (method !== 'POST') continue;
      headers['sec-fetch-site'] = 'cross-site';
      const reply = await copy_of(people.owner).send(method, path, { headers, body });
      assert.equal(reply.status, 403, `${name}: ${reply.text}`);
    }
  });

  await t.test('where no cookie is needed, one without its token is left aside', async () => {
    const client = copy_of(people.owner);
    client.csrf_token = null;
    const before = (await people.owner.get('/api/orders')).json.counts.all;
    const body = { items: [{ product_id: 3, quantity: 1 }] };
    assert.equal((await client.post('/api/orders', body)).status, 201);
    assert.equal((await people.owner.get('/api/orders')).json.counts.all, before);
  });

  await t.test('a form may carry the token in a field', async () => {
    const client = copy_of(people.owner);
    const csrf_token = client.csrf_token;
    client.csrf_token = null;
    const order = await shop.order(people.owner);
    const path = `/api/orders/${order.order_id}/cancel`;
    assert.equal((await client.post_form(path, { csrf_token: 'wrong' })).status, 403);
    assert.equal((await client.post_form(path, { csrf_token })).status, 200);
  });
});

test('users are made by an admin, and a new password ends the old logins', async (t) => {
  const shop = await Shop.start(t);
  const admin = await shop.admin();
  const client = await add_staff(shop);
  assert.equal((await client.get('/api/admin/providers')).status, 200);
  for (const [change, param] of [[{ password: 'short' }, 'password'], [{ role: 'king' }, 'role'],
    [{ role: 'customer' }, 'role'], [{ username: '' }, 'username']]) {
    const reply = await admin.post('/api/admin/users',
      { username: 'staff', password: kStaffPassword, role: 'staff', ...change });
    assert.deepEqual([reply.status, reply.json.error.param], [400, param], reply.text);
  }
  const renewed = await admin.post('/api/admin/users',
    { username: 'staff', password: 'another long word', role: 'staff' });
  assert.deepEqual(renewed.json, { success: true, username: 'staff', role: 'staff' });
  assert.equal((await client.get('/api/admin/providers')).status, 401);
  assert.equal((await client.log_in('staff', kStaffPassword)).status, 401);
  assert.equal((await client.log_in('staff', 'another long word')).status, 200);
  const [{ hash }] = await shop.sql(
    "SELECT password_hash AS hash FROM users WHERE username = 'staff'");
  assert.match(hash, /^\$argon2id\$/);
});
