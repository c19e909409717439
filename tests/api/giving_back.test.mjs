/** Money that goes back: in full and in part, once, never more than came (N4, N13, C33). */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { acts, done, kReason, paid, refused } from '../support/acts.mjs';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kMouse = 3;

test('N4 C33 refunds', async (t) => {
  const shop = await Shop.start(t);
  const admin = await shop.admin();

  await t.test('N4 in full: refunded, once, whatever comes after', async () => {
    const customer = shop.visitor();
    const order = await shop.order(customer);
    const [money] = (await paid(shop, order)).settlements;
    assert.deepEqual([money.held_minor, money.void_until_at], [1290, null], 'the bank’s own word');
    const { stock } = await shop.stock(kMouse);
    const key = randomUUID();
    const body = { settlement_id: money.id, amount: '12.90', provider_ref: 'FT-2291' };
    const first = await acts(admin, order, 'refund', body, key);
    done(first, 'refunded', 'refunded');
    const again = await acts(admin, order, 'refund', body, key);
    assert.deepEqual([again.status, again.text], [200, first.text], 'same key, same answer');
    assert.equal(again.headers['idempotent-replayed'], 'true');
    refused(await acts(admin, order, 'refund', { ...body, amount: '1.00' }, key), 409,
      'idempotency_mismatch');
    // Another key, but the same transfer of the bank: it is on record already.
    done(await acts(admin, order, 'refund', body), 'refunded', 'already_refunded');
    refused(await acts(admin, order, 'refund', { settlement_id: money.id, amount: '0.01' }), 409,
      'conflict');

    const detail = await shop.detail(order.order_id);
    assert.deepEqual(
      [detail.status, detail.paid_minor, detail.refunded_minor, detail.due_minor, detail.attention],
      ['REFUNDED', 1290, 1290, 0, []]);
    assert.equal(detail.settlements[0].held_minor, 0);
    assert.deepEqual(detail.refunds.map((one) =>
      [one.kind, one.settlement_id, one.amount_minor, one.provider_ref, one.actor, one.reason]),
    [['refund', money.id, 1290, 'FT-2291', 'admin', kReason]]);
    assert.equal(detail.audit.filter((one) => one.action === 'refund.recorded').length, 1);
    assert.equal((await shop.stock(kMouse)).stock, stock, 'goods come back by hand');

    // N4: the notice of the payment itself comes once more, late.
    const late = await admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
    assert.deepEqual([late.status, late.json.status], [200, 'refunded']);
    const after = await shop.detail(order.order_id);
    assert.deepEqual([after.status, after.settlements.length], ['REFUNDED', 1]);
  });

  await t.test('in part, and no more than is held', async () => {
    const order = await shop.order(shop.visitor(), { quantity: 2 });
    const [money] = (await paid(shop, order)).settlements;
    const give = (amount, more = {}) =>
      acts(admin, order, 'refund', { settlement_id: money.id, amount, ...more });
    done(await give('5.80'), 'completed', 'refunded_partly');
    refused(await give('20.01'), 409, 'conflict');
    for (const amount of ['0', '0.00', '-1', '1.005', 'all', '', null, '1e1']) {
      const reply = await give(amount);
      assert.ok([400, 409].includes(reply.status), `${amount}: ${reply.status} ${reply.text}`);
    }
    refused(await give('1', { reason: 'ok' }), 400, 'invalid_request');
    refused(await acts(admin, order, 'refund', { settlement_id: 999_999, amount: '1' }), 404,
      'not_found');
    const between = await shop.detail(order.order_id);
    assert.deepEqual(
      [between.status, between.refunded_minor, between.settlements[0].held_minor],
      ['COMPLETED', 580, 2000]);
    assert.equal(between.refunds.length, 1);
    done(await give('20.00'), 'refunded', 'refunded');
    const after = await shop.detail(order.order_id);
    assert.deepEqual(after.refunds.map((one) => [one.amount_minor, one.outcome]),
      [[580, 'refunded_partly'], [2000, 'refunded']]);
  });

  await t.test('ten at once are one refund', async () => {
    const order = await shop.order(shop.visitor());
    const [money] = (await paid(shop, order)).settlements;
    const replies = await Promise.all(Array.from({ length: 10 }, () =>
      acts(admin, order, 'refund', { settlement_id: money.id, amount: '12.90' })));
    assert.deepEqual(replies.map(({ status }) => status).sort(),
      [200, ...Array(9).fill(409)], replies.map(({ text }) => text).join('\n'));
    const detail = await shop.detail(order.order_id);
    assert.deepEqual([detail.refunded_minor, detail.refunds.length], [1290, 1]);
  });

  await t.test('C33 excess goes back first, and nobody needs to look any more', async () => {
    const order = await shop.order(shop.visitor());
    const before = await paid(shop, order, { amount: '20.00' });
    assert.deepEqual(before.attention, ['excess']);
    const [money] = before.settlements;
    assert.deepEqual([money.excess_minor, money.held_minor], [710, 2000]);
    done(await acts(admin, order, 'refund', { settlement_id: money.id, amount: '7.10' }),
      'completed', 'excess_returned');
    const after = await shop.detail(order.order_id);
    assert.deepEqual([after.attention, after.refunded_minor, after.settlements[0].held_minor],
      [[], 0, 1290]);
    assert.equal(after.refunds[0].from_excess_minor, 710);
  });

  await t.test('N13 a part payment that goes back is owed again', async () => {
    const customer = shop.visitor();
    const order = await shop.order(customer);
    const before = await paid(shop, order, { amount: '5.00' });
    assert.deepEqual([before.attention, before.due_minor], [['underpaid'], 790]);
    const give = { settlement_id: before.settlements[0].id, amount: '5.00' };
    done(await acts(admin, order, 'refund', give), 'pending', 'refunded');
    const after = await shop.detail(order.order_id);
    assert.deepEqual([after.status, after.attention, after.due_minor, after.receipt_url],
      ['PENDING', [], 1290, null]);
    const whole = await customer.post('/api/payment/create-session',
      { amount: 12.9, order_id: order.order_id });
    assert.equal(whole.status, 200, whole.text);
    await shop.bank.pay(whole.json.qr_data);
    await admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
    assert.equal((await shop.detail(order.order_id)).status, 'COMPLETED');
  });
});

test('N4 N6 money that comes after a refund is kept apart, and staff are told', async (t) => {
  const shop = await Shop.start(t, { QUITTANCE_INTERACTIVE_WINDOW_MS: '200' });
  const admin = await shop.admin();
  const customer = shop.visitor();
  const order = await shop.order(customer);
  const second = await eventually('a second QR of the order', kPatienceMs, async () => {
    const { json } = await customer.post('/api/payment/create-session',
      { amount: order.amount, order_id: order.order_id });
    return json.session_id !== order.session.session_id && json;
  });
  const [money] = (await paid(shop, { ...order, session: second })).settlements;
  done(await acts(admin, order, 'refund', { settlement_id: money.id, amount: '12.90' }),
    'refunded', 'refunded');
  // Somebody kept the first picture, and pays it now.
  await shop.bank.pay(order.session.qr_data);
  const detail = await eventually('the bank’s second payment is seen', kPatienceMs, async () => {
    await admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
    const seen = await shop.detail(order.order_id);
    return seen.settlements.length === 2 && seen;
  });
  assert.deepEqual([detail.status, detail.attention, detail.paid_minor],
    ['REFUNDED', ['excess'], 1290]);
  const late = detail.settlements.find((one) => one.id !== money.id);
  assert.deepEqual([late.outcome, late.excess_minor, late.held_minor],
    ['refunded_before', 1290, 1290]);
  const back = { settlement_id: late.id, amount: '12.90' };
  done(await acts(admin, order, 'refund', back), 'refunded', 'excess_returned');
  const after = await shop.detail(order.order_id);
  assert.deepEqual([after.status, after.attention, after.refunded_minor], ['REFUNDED', [], 1290]);
});

test('C26 customers and strangers are told that an order was refunded', async (t) => {
  const shop = await Shop.start(t);
  const admin = await shop.admin();
  const customer = shop.visitor();
  const order = await shop.order(customer, { quantity: 2 });
  const { settlements: [money], pass } = await paid(shop, order);
  const give = (amount) => acts(admin, order, 'refund', { settlement_id: money.id, amount });
  const page = async (path) => {
    const reply = await customer.get(path);
    assert.doesNotMatch(reply.text, /\{\{|<!--(if|each|end):/);
    return reply;
  };
  const scan = async () => (await shop.visitor().post('/app/qr-verification/',
    { code: pass.code })).json;
  const proof_page = new URL(pass.url);
  const receipt = `/receipt?order_id=${order.order_id}`;

  await t.test('a part of it: still valid, and the receipt says what went back', async () => {
    done(await give('5.80'), 'completed', 'refunded_partly');
    const scanned = await scan();
    assert.deepEqual([scanned.result, scanned.pass.amount, scanned.pass.refunded],
      ['valid', 25.8, 5.8]);
    assert.ok(scanned.pass.refunded_at >= scanned.pass.paid_at);
    const shown = await page(receipt);
    assert.match(shown.text, /Given back<\/th><td[^>]*>− 5\.80 USD/);
    assert.match(shown.text, /Proof of payment/);
    const proof = await page(proof_page.pathname + proof_page.search);
    assert.match(proof.text, /<h1[^>]*>Valid<\/h1>/);
    assert.match(proof.text, /5\.80 USD/);
  });

  await t.test('all of it: every page says so, and no QR is shown any more', async () => {
    done(await give('20.00'), 'refunded', 'refunded');
    for (const path of [order.checkout_url, `/payment/save-qr?order_id=${order.order_id}`]) {
      const { status, text } = await page(path);
      assert.equal(status, 200);
      assert.match(text, /<h1[^>]*>This order was refunded<\/h1>/, path);
      assert.ok(text.includes('25.80 USD'));
      assert.ok(!text.includes(order.session.qr_svg_url), `no QR on ${path}`);
    }
    const shown = await page(receipt);
    assert.equal(shown.status, 200);
    assert.match(shown.text, /Refunded/);
    assert.match(shown.text, /− 25\.80 USD/);
    assert.ok(!shown.text.includes(pass.code), 'no proof on the receipt');
    const { json } = await customer.get('/api/orders?status=refunded');
    assert.deepEqual(json.orders.map((one) => [one.order_id, one.status, one.receipt_url]),
      [[order.order_id, 'REFUNDED', receipt]]);
    assert.deepEqual(json.counts,
      { all: 1, pending: 0, completed: 0, cancelled: 0, refunded: 1, counted_to: 100_000 });
    const { json: live } = await customer.get(`/api/orders/${order.order_id}/status`);
    assert.deepEqual([live.status, live.receipt_url], ['REFUNDED', receipt]);
  });

  await t.test('who scans the proof sees refunded, not revoked', async () => {
    const scanned = await scan();
    assert.deepEqual([scanned.success, scanned.result, scanned.pass.refunded],
      [true, 'refunded', 25.8]);
    const proof = await page(proof_page.pathname + proof_page.search);
    assert.equal(proof.status, 200);
    assert.match(proof.text, /<h1[^>]*>Refunded<\/h1>/);
    assert.doesNotMatch(proof.text, /Revoked|<h1[^>]*>Valid/);
  });

  await t.test('S0.42 so does who comes back with the code', async () => {
    const qr_data = order.session.qr_data;
    const { json } = await shop.visitor().post('/api/payment/recover-from-qr', { qr_data });
    assert.equal(json.status, 'refunded');
    assert.match(json.receipt_url, /^\/receipt\?order_id=/);
    const guest = shop.visitor();
    await guest.who();
    const shown = await guest.post_form('/payment/recover-from-qr',
      { qr_data, csrf_token: guest.csrf_token ?? '' });
    assert.equal(shown.status, 200, shown.text);
    assert.match(shown.text, /This order was refunded/);
  });
});
