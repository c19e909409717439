/** Staff stand for money: taken back in time, confirmed by a second person, late, looked for. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { acts, colleague, done, kReason, paid, refused } from '../support/acts.mjs';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kMouse = 3;

test('C13 a void takes back what a person said, for a while', async (t) => {
  const shop = await Shop.start(t, { QUITTANCE_VOID_WITHIN_MS: '600000' });
  const admin = await shop.admin();
  const customer = shop.visitor();

  await t.test('in time: the order waits again, its goods too', async () => {
    const before = await shop.stock(kMouse);
    const order = await shop.order(customer);
    done(await acts(admin, order, 'mark-paid'), 'completed', 'settled');
    const marked = await shop.detail(order.order_id);
    const [claim] = marked.settlements;
    assert.equal(claim.void_until_at, claim.settled_at + 600_000);
    const key = randomUUID();
    const first = await acts(admin, order, 'void', { settlement_id: claim.id }, key);
    done(first, 'pending', 'voided');
    const again = await acts(admin, order, 'void', { settlement_id: claim.id }, key);
    assert.equal(again.text, first.text);
    const after = await shop.detail(order.order_id);
    assert.deepEqual([after.status, after.due_minor, after.settlements[0].held_minor],
      ['PENDING', 1290, 0]);
    assert.equal(after.settlements[0].void_until_at, null);
    assert.deepEqual(after.refunds.map((one) => one.kind), ['void']);
    assert.deepEqual(await shop.stock(kMouse),
      { stock: before.stock, reserved: before.reserved + 1 });
    const { json } = await shop.visitor().post('/app/qr-verification/', { code: marked.pass.code });
    assert.equal(json.result, 'revoked', 'nothing was paid, so nothing was refunded');

    // The bank's money comes after all.
    const settled = await paid(shop, order);
    assert.equal(settled.status, 'COMPLETED');
    const receipt = await customer.get(`/receipt?order_id=${order.order_id}`);
    assert.doesNotMatch(receipt.text, /Given back/, 'a claim taken back is no refund');
  });

  await t.test('the bank’s word cannot be taken back, nor half of a claim', async () => {
    const order = await shop.order(customer);
    const [money] = (await paid(shop, order)).settlements;
    refused(await acts(admin, order, 'void', { settlement_id: money.id }), 409, 'conflict');
    const other = await shop.order(customer);
    await acts(admin, other, 'mark-paid');
    const [claim] = (await shop.detail(other.order_id)).settlements;
    await acts(admin, other, 'refund', { settlement_id: claim.id, amount: '1.00' });
    refused(await acts(admin, other, 'void', { settlement_id: claim.id }), 409, 'conflict');
    assert.equal((await shop.detail(other.order_id)).settlements[0].void_until_at, null);
  });

  await t.test('too late', async (t) => {
    const strict = await Shop.start(t, { QUITTANCE_VOID_WITHIN_MS: '1' });
    const order = await strict.order(strict.visitor());
    const staff = await strict.admin();
    done(await acts(staff, order, 'mark-paid'), 'completed', 'settled');
    const [claim] = (await strict.detail(order.order_id)).settlements;
    await eventually('its time is over', kPatienceMs, () => Date.now() > claim.void_until_at);
    refused(await acts(staff, order, 'void', { settlement_id: claim.id }), 409, 'conflict');
    assert.equal((await strict.detail(order.order_id)).status, 'COMPLETED');
  });
});

test('C13 from a threshold on, a second person', async (t) => {
  const shop = await Shop.start(t, { QUITTANCE_SECOND_APPROVER_FROM: '20.00 USD, 80000 KHR' });
  const admin = await shop.admin();
  const dara = await colleague(shop);
  const waiting = async (order) => {
    const { evidence } = await shop.detail(order.order_id);
    return evidence.find((one) => one.outcome === 'awaiting_approval').id;
  };

  await t.test('below it one is enough', async () => {
    const order = await shop.order(shop.visitor());
    done(await acts(admin, order, 'mark-paid'), 'completed', 'settled');
  });

  await t.test('one says it, another confirms it', async () => {
    const order = await shop.order(shop.visitor(), { quantity: 2 });
    done(await acts(admin, order, 'mark-paid'), 'pending', 'awaiting_approval');
    const claimed = await shop.detail(order.order_id);
    assert.deepEqual([claimed.status, claimed.attention, claimed.settlements],
      ['PENDING', ['approval'], []]);
    const evidence_id = await waiting(order);
    const [claim] = claimed.evidence;
    assert.deepEqual([claim.id, claim.actor, claim.reason, claim.amount_minor],
      [evidence_id, 'admin', kReason, 2580]);
    refused(await acts(admin, order, 'confirm-payment', { evidence_id }), 403, 'forbidden');
    const key = randomUUID();
    const first = await acts(dara, order, 'confirm-payment', { evidence_id }, key);
    done(first, 'completed', 'settled');
    const again = await acts(dara, order, 'confirm-payment', { evidence_id }, key);
    assert.equal(again.text, first.text);
    refused(await acts(dara, order, 'confirm-payment', { evidence_id }), 409, 'conflict');
    const detail = await shop.detail(order.order_id);
    assert.deepEqual([detail.status, detail.attention, detail.settlements.length],
      ['COMPLETED', [], 1]);
    assert.deepEqual(detail.approvals.map((one) => [one.approver, one.decision]),
      [['dara', 'approved']]);
  });

  await t.test('refused: the order waits as before, and may still be paid', async () => {
    const order = await shop.order(shop.visitor(), { quantity: 2 });
    await acts(admin, order, 'mark-paid');
    const evidence_id = await waiting(order);
    const reply = await acts(dara, order, 'reject-payment', { evidence_id });
    assert.deepEqual([reply.status, reply.json.status], [200, 'pending'], reply.text);
    const detail = await shop.detail(order.order_id);
    assert.deepEqual([detail.status, detail.attention], ['PENDING', []]);
    assert.deepEqual(detail.approvals.map((one) => [one.approver, one.decision, one.evidence_id]),
      [['dara', 'rejected', evidence_id]]);
    refused(await acts(dara, order, 'confirm-payment', { evidence_id }), 409, 'conflict');
    // Said once more, it is a claim of its own: the refused one stays refused.
    done(await acts(admin, order, 'mark-paid'), 'pending', 'awaiting_approval');
    refused(await acts(dara, order, 'confirm-payment', { evidence_id }), 409, 'conflict');
    const { evidence } = await shop.detail(order.order_id);
    assert.equal(evidence.filter((one) => one.outcome === 'awaiting_approval').length, 2);
    assert.equal((await paid(shop, order)).status, 'COMPLETED');
  });
});

test('C33 the bank reference makes the bank’s own notice no second payment', async (t) => {
  const shop = await Shop.start(t);
  const admin = await shop.admin();
  const order = await shop.order(shop.visitor());
  const transfer = await shop.bank.pay(order.session.qr_data);
  done(await acts(admin, order, 'mark-paid', { provider_ref: transfer.hash }), 'completed',
    'settled');
  await admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
  const detail = await shop.detail(order.order_id);
  assert.deepEqual([detail.settlements.length, detail.attention], [1, []]);
  const other = await shop.order(shop.visitor());
  const reused = await acts(admin, other, 'mark-paid', { provider_ref: transfer.hash });
  refused(reused, 409, 'conflict');
  assert.equal(reused.json.error.param, 'provider_ref');
  assert.equal((await shop.detail(other.order_id)).status, 'PENDING');
  refused(await acts(admin, other, 'mark-paid', { provider_ref: 'x'.repeat(129) }), 400,
    'invalid_request');
});

test('N3 this merchant decides about late money in person', async (t) => {
  const shop = await Shop.start(t, {
    QUITTANCE_LATE_POLICY: 'staff',
    QUITTANCE_INTERACTIVE_WINDOW_MS: '200',
  });
  const admin = await shop.admin();
  const late = async () => {
    const order = await shop.order(shop.visitor());
    await eventually('the window is over', kPatienceMs,
      () => Date.now() > order.session.expires_at);
    const detail = await paid(shop, order);
    assert.deepEqual([detail.status, detail.attention, detail.due_minor, detail.paid_minor],
      ['PENDING', ['paid_late'], 0, 1290]);
    return { order, money: detail.settlements[0] };
  };

  await t.test('handed over', async () => {
    const { order } = await late();
    done(await acts(admin, order, 'mark-paid'), 'completed', 'settled');
    assert.deepEqual((await shop.detail(order.order_id)).attention, []);
  });

  await t.test('given back', async () => {
    const { order, money } = await late();
    done(await acts(admin, order, 'refund', { settlement_id: money.id, amount: '12.90' }),
      'refunded', 'refunded');
    const detail = await shop.detail(order.order_id);
    assert.deepEqual([detail.status, detail.attention, detail.pass], ['REFUNDED', [], null]);
  });
});

test('staff find the orders that need a person', async (t) => {
  const shop = await Shop.start(t);
  const admin = await shop.admin();
  const customer = shop.visitor();
  const plain = await shop.order(customer);
  const short = await shop.order(customer);
  await paid(shop, short, { amount: '5.00' });
  const over = await shop.order(customer);
  await paid(shop, over, { amount: '20.00' });
  const ids = async (query) => {
    const { status, json, text } = await admin.get(`/api/orders?${query}`);
    assert.equal(status, 200, text);
    return json.orders.map((one) => one.order_id);
  };
  assert.deepEqual(await ids('attention=1'), [over.order_id, short.order_id]);
  assert.deepEqual(await ids('attention=1&status=pending'), [short.order_id]);
  assert.deepEqual(await ids('attention=1&limit=1'), [over.order_id]);
  assert.deepEqual(await ids(`attention=1&cursor=${over.order_id}`), [short.order_id]);
  assert.deepEqual(await ids('status=all'), [over.order_id, short.order_id, plain.order_id]);
  const { json } = await admin.get('/api/orders');
  assert.deepEqual(json.counts, { all: 3, pending: 2, completed: 1, cancelled: 0, refunded: 0,
    attention: 2, counted_to: 100_000 });
  refused(await admin.get('/api/orders?attention=yes'), 400, 'invalid_request');
  refused(await customer.get('/api/orders?attention=1'), 400, 'invalid_request');
});
