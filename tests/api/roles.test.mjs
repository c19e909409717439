/** Who may call what: every route, every role, pinned. What is not in this table does not exist. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { Client } from '../support/client.mjs';
import { kTable } from '../support/route_table.mjs';
import { Shop } from '../support/shop.mjs';

const kStaffPassword = 'open sesame, please';
const kRoles = ['guest', 'owner', 'other', 'holder', 'staff', 'admin'];

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

test('C32 deny by default: every route has its row in its table', async () => {
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
