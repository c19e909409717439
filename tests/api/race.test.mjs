/** Many ways of learning of the same money at the same moment: it counts once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kLaptop = 1;
const kMouse = 3;
const kRouter = 8;

/** All that is counted about an order, from the database. */
async function books_of(shop, order_id) {
  const count = (table, more = '') =>
    `(SELECT COUNT(*) FROM ${table} WHERE order_id = ${order_id} ${more})`;
  const [row] = await shop.sql(`SELECT status, attention, stock_state, paid_minor, total_minor,
    ${count('settlements')} AS settlements, ${count('passes')} AS passes,
    ${count('approvals')} AS approvals, ${count('settlements', "AND outcome = 'excess'")} AS excess,
    (SELECT COUNT(*) FROM outbox WHERE dedupe_key LIKE 'order.completed:${order_id}:%') AS outbox,
    (SELECT SUM(counted_minor) FROM settlements WHERE order_id = ${order_id}) AS counted_minor
    FROM orders WHERE id = ${order_id}`);
  return row;
}

const kOnce = {
  status: 'completed',
  attention: 'none',
  stock_state: 'committed',
  settlements: 1,
  passes: 1,
  approvals: 1,
  excess: 0,
  outbox: 1,
};

/** Everything at once that may find out about the payment of `order`; gives the replies. */
function learn_fifty_times(admin, customer, stranger, order) {
  const secret = { 'x-order-secret': order.order_secret };
  const simple = `ORDER_${order.order_id}_${order.transaction_id}_${order.amount.toFixed(2)}`;
  const recover = (qr_data) => stranger.post('/api/payment/recover-from-qr', { qr_data });
  const ways = [
    () => admin.post('/api/payment/verify-instantly', { order_id: order.order_id }),
    () => recover(order.session.qr_data),
    () => recover(order.session.recovery_code),
    () => recover(simple),
    () => customer.get(`/api/orders/${order.order_id}/status`, secret),
  ];
  return Promise.all(Array.from({ length: 50 }, (_, i) => ways[i % ways.length]()));
}

test('N1 C33 S0.66 S0.73 T0.6 S1.55 fifty ways at once: one settlement', async (t) => {
  const shop = await Shop.start(t);
  const [admin, stranger] = [await shop.admin(), shop.visitor()];
  await shop.bank.set_faults({ latency_jitter_ms: 30 });
  const rounds = 12;
  const before = await shop.stock(kMouse);
  for (let round = 0; round < rounds; ++round) {
    const customer = shop.visitor();
    const order = await shop.order(customer, { quantity: 2 });
    // The open page has the poller join in.
    await customer.get(`/api/orders/${order.order_id}/status`);
    const [, ...replies] = await Promise.all([
      shop.bank.pay(order.session.qr_data),
      learn_fifty_times(admin, customer, stranger, order),
      learn_fifty_times(admin, customer, stranger, order),
    ]);
    const odd = replies.flat().filter((reply) => reply.status !== 200);
    assert.deepEqual(odd.map((reply) => reply.text), []);
    await eventually(`order ${order.order_id} is completed`, kPatienceMs, async () =>
      (await books_of(shop, order.order_id)).status === 'completed');
    const again = await learn_fifty_times(admin, customer, stranger, order);
    for (const { json } of again) assert.match(json.status, /^completed$/i);
    const books = await books_of(shop, order.order_id);
    assert.deepEqual(books,
      { ...kOnce, paid_minor: 2580, total_minor: 2580, counted_minor: 2580 });
  }
  assert.deepEqual(await shop.stock(kMouse),
    { stock: before.stock - 2 * rounds, reserved: before.reserved });
});

test('N1 T1.5 money that is there already is found by all of them, and once', async (t) => {
  // No question but by a click.
  const shop = await Shop.start(t, { QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000' });
  const [admin, customer] = [await shop.admin(), shop.visitor()];
  const order = await shop.order(customer);
  const verify = () => admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
  const unpaid = await verify();
  assert.deepEqual([unpaid.status, unpaid.json.status], [200, 'pending']);
  await shop.bank.pay(order.session.qr_data);
  const calls = (await shop.bank.calls()).total;
  const replies = await Promise.all(Array.from({ length: 30 }, verify));
  for (const { status, json } of replies) {
    assert.deepEqual([status, json.status], [200, 'completed']);
  }
  assert.equal((await shop.bank.calls()).total, calls + 1, 'thirty clicks are one question');
  const books = await books_of(shop, order.order_id);
  assert.equal(books.settlements, 1);
  assert.equal((await shop.detail(order.order_id)).evidence.length, 1);
});

test('C33 N6 a second payment of an order is excess, never lost and never counted', async (t) => {
  const shop = await Shop.start(t, { QUITTANCE_FIRST_CHECK_AFTER_MS: '300' });
  const admin = await shop.admin();

  /** Waits for both settlements and checks that the goods went out once. */
  async function one_and_one_excess(order, before) {
    const books = await eventually('the second payment is recorded', kPatienceMs, async () => {
      const found = await books_of(shop, order.order_id);
      return found.settlements >= 2 && found;
    });
    assert.deepEqual(books, {
      ...kOnce,
      attention: 'excess',
      settlements: 2,
      excess: 1,
      paid_minor: order.amount_minor,
      total_minor: order.amount_minor,
      counted_minor: order.amount_minor,
    });
    const [{ excess_minor }] = await shop.sql(`SELECT SUM(excess_minor) AS excess_minor FROM
      settlements WHERE order_id = ${order.order_id}`);
    assert.equal(excess_minor, order.amount_minor);
    assert.deepEqual(await shop.stock(kRouter),
      { stock: before.stock - 1, reserved: before.reserved });
    assert.equal((await shop.detail(order.order_id)).attention.join(), 'excess');
  }

  await t.test('N6 T0.7 two QRs of one order, both paid', async () => {
    const customer = shop.visitor();
    const before = await shop.stock(kRouter);
    const order = await shop.order(customer, { product_id: kRouter });
    // The window of the first is over; that of the second stays open while it is clicked for.
    await shop.change(`UPDATE payment_sessions SET expires_at = created_at + 1
      WHERE order_id = ${order.order_id}`);
    const body = { amount: order.amount, order_id: order.order_id };
    const drawn = await Promise.all(Array.from({ length: 10 },
      () => customer.post('/api/payment/create-session', body)));
    assert.deepEqual(drawn.map((reply) => reply.status), Array(10).fill(200));
    const ids = new Set(drawn.map(({ json }) => json.session_id));
    assert.equal(ids.size, 1, 'ten clicks draw one QR');
    assert.ok(!ids.has(order.session.session_id), 'another than the first');
    const second = drawn[0].json;
    await Promise.all([
      shop.bank.pay(order.session.qr_data),
      shop.bank.pay(second.qr_data),
      ...Array.from({ length: 10 }, () =>
        admin.post('/api/payment/verify-instantly', { order_id: order.order_id })),
    ]);
    await one_and_one_excess(order, before);
  });

  await t.test('S1.16 S1.51 T1.6 C13 marked as paid, and then the bank has it too', async () => {
    const before = await shop.stock(kRouter);
    const order = await shop.order(shop.visitor(), { product_id: kRouter });
    const path = `/api/orders/${order.order_id}/mark-paid`;
    assert.equal((await admin.post(path, { reason: 'ok' })).status, 400, 'a reason is needed');
    const reason = 'Saw the transfer in the bank statement';
    const marks = await Promise.all(Array.from({ length: 8 }, () => admin.post(path, { reason })));
    const done = marks.filter((reply) => reply.status === 200);
    assert.equal(done.length, 1, 'eight clicks are one payment');
    assert.deepEqual(new Set(marks.map((reply) => reply.status)), new Set([200, 409]));
    const detail = await shop.detail(order.order_id);
    assert.equal(detail.status, 'COMPLETED');
    assert.deepEqual(detail.settlements.map((one) => [one.method, one.reason]),
      [['manual', reason]]);
    assert.deepEqual(detail.approvals.map((one) => [one.approver, one.reason]),
      [['admin', reason]]);
    assert.ok(detail.audit.some((one) => one.actor === 'admin' && one.details.reason === reason));
    await shop.bank.pay(order.session.qr_data);
    await one_and_one_excess(order, before);
  });

  await t.test('C33 a person and the bank within one millisecond', async () => {
    const order = await shop.order(shop.visitor(), { product_id: kRouter });
    await shop.bank.pay(order.session.qr_data);
    const reason = 'The customer showed the receipt';
    await Promise.all(Array.from({ length: 20 }, (_, i) => i % 2
      ? admin.post('/api/payment/verify-instantly', { order_id: order.order_id })
      : admin.post(`/api/orders/${order.order_id}/mark-paid`, { reason })));
    const books = await books_of(shop, order.order_id);
    assert.equal(books.status, 'completed');
    assert.equal(books.counted_minor, order.amount_minor);
    assert.equal(books.paid_minor, order.amount_minor);
    assert.deepEqual([books.passes, books.approvals, books.outbox], [1, 1, 1]);
    assert.equal(books.attention, books.excess ? 'excess' : 'none');
  });
});

test('N2 cancelling races money that is there: the order is completed', async (t) => {
  const shop = await Shop.start(t);
  const admin = await shop.admin();
  await shop.bank.set_faults({ latency_jitter_ms: 20 });
  for (let round = 0; round < 8; ++round) {
    const customer = shop.visitor();
    const order = await shop.order(customer);
    await shop.bank.pay(order.session.qr_data);
    const replies = await Promise.all(Array.from({ length: 12 }, (_, i) => i % 2
      ? customer.post(`/api/orders/${order.order_id}/cancel`)
      : admin.post('/api/payment/verify-instantly', { order_id: order.order_id })));
    for (const [i, reply] of replies.entries()) {
      assert.equal(reply.status, i % 2 ? 409 : 200, reply.text);
    }
    const books = await books_of(shop, order.order_id);
    assert.deepEqual(books,
      { ...kOnce, paid_minor: 1290, total_minor: 1290, counted_minor: 1290 });
  }
});

test('C12 the last pieces go to as many customers as there are pieces', async (t) => {
  const shop = await Shop.start(t);
  const { stock } = await shop.stock(kLaptop);
  const body = { items: [{ product_id: kLaptop, quantity: 1 }], payment_method: 'khqr' };
  const replies = await Promise.all(Array.from({ length: stock + 18 },
    () => shop.visitor().post('/api/orders', body)));
  const refused = replies.filter((reply) => reply.status !== 201);
  assert.equal(refused.length, 18);
  for (const { status, json } of refused) {
    assert.deepEqual([status, json.error.code, json.error.param],
      [409, 'out_of_stock', 'items[0]']);
  }
  assert.deepEqual(await shop.stock(kLaptop), { stock, reserved: stock });
});

test('the same Idempotency-Key twenty times at once places one order', async (t) => {
  const shop = await Shop.start(t);
  const body = { items: [{ product_id: kMouse, quantity: 1 }], payment_method: 'khqr' };
  const key = { 'idempotency-key': 'one-cart-of-twenty' };
  const place = () => shop.visitor().post('/api/orders', body, key);
  const replies = await Promise.all(Array.from({ length: 20 }, place));
  for (const { status, text } of [...replies, await place()]) {
    assert.equal(status, 201, text);
    assert.equal(text, replies[0].text, 'a double tap gets the first answer');
  }
  const [{ orders }] = await shop.sql('SELECT COUNT(*) AS orders FROM orders');
  assert.equal(orders, 1);
  assert.equal((await shop.stock(kMouse)).reserved, 1);
});
