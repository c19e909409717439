/** API keys: what a merchant's own program may do, and that it may do nothing else. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

test('S0.53 a program with an API key asks to be paid', async (t) => {
  const shop = await Shop.start(t, { QUITTANCE_FIRST_CHECK_AFTER_MS: '300' });
  const admin = await shop.admin();
  const made = await admin.post('/api/admin/api-keys', { name: 'till-1' });
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.api_key, /^qk_[0-9a-f]{64}$/);
  const till = shop.visitor();
  till.bearer = made.json.api_key;
  const order = await shop.order(shop.visitor());

  await t.test('for an order, and without one', async () => {
    const body = { amount: order.amount, order_id: order.order_id };
    const again = await till.post('/api/payment/create-session', body);
    assert.equal(again.status, 200, again.text);
    assert.equal(again.json.session_id, order.session.session_id, 'the open one');
    const free = await till.post('/api/payment/create-session', { amount: 3.5 });
    assert.equal(free.status, 200, free.text);
    assert.equal(free.json.order_id, null);
  });
  await t.test('and sees that the order is paid', async () => {
    await shop.bank.pay(order.session.qr_data);
    await eventually('the order is completed', kPatienceMs, async () => {
      const { json } = await till.get(`/api/orders/${order.order_id}/status`);
      return json.status === 'COMPLETED';
    });
    const { json } = await till.get(`/api/orders/${order.order_id}`);
    assert.equal(json.evidence, undefined, 'the trail is for staff');
  });
  await t.test('it settles nothing, lists nothing, makes nobody', async () => {
    const other = await shop.order(shop.visitor());
    const refused = [
      await till.post(`/api/orders/${other.order_id}/mark-paid`, { reason: 'I say so' }),
      await till.post('/api/payment/verify-instantly', { order_id: other.order_id }),
      await till.get('/api/orders'),
      await till.get('/api/admin/providers'),
      await till.post('/api/admin/api-keys', { name: 'till-2' }),
    ];
    assert.deepEqual(refused.map(({ status }) => status), [403, 403, 403, 403, 403]);
  });
  await t.test('only the hash is kept, and a name is given once', async () => {
    const rows = JSON.stringify(await shop.sql('SELECT * FROM api_keys'));
    assert.ok(rows.includes('till-1'));
    assert.ok(!rows.includes(made.json.api_key));
    assert.equal((await admin.post('/api/admin/api-keys', { name: 'till-1' })).status, 409);
    assert.equal((await admin.post('/api/admin/api-keys', { name: 'Till 2' })).status, 400);
  });
  await t.test('revoked, it is worth nothing', async () => {
    assert.equal((await admin.post('/api/admin/api-keys/till-1/revoke')).status, 200);
    assert.equal((await admin.post('/api/admin/api-keys/till-1/revoke')).status, 404);
    const { status } = await till.post('/api/payment/create-session', { amount: 1 });
    assert.equal(status, 401);
    till.bearer = `qk_${'0'.repeat(64)}`;
    assert.equal((await till.get(`/api/orders/${order.order_id}/status`)).status, 401);
  });
});
