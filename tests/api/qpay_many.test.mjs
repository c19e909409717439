/** S2.70: many payments at a time, each told of in several ways at once, and each counted once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Demo } from '../support/demo.mjs';
import { run } from '../support/program.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

/** In tugrik. */
const kPrice = 89_000;
/** Pieces of each order, and the parts it is paid in. */
const kOrders = [
  { quantity: 1, parts: [20_000, 30_000, 39_000] },
  { quantity: 2, parts: [78_000, 100_000] },
  { quantity: 1, parts: [89_000] },
  { quantity: 1, parts: [89_000] },
  { quantity: 3, parts: [267_000] },
];
const kPayments = kOrders.flatMap(({ parts }) => parts);

async function ok(reply, status = 200) {
  const answered = await reply;
  assert.equal(answered.status, status, answered.text);
  return answered.json;
}

function rail(demo, what, body) {
  return ok(demo.bank.client.post(`/control/rails/qpay/${what}`, body));
}

/** The shop's goods for tugrik. */
async function goods_of(demo) {
  const { products } = await ok(demo.client.get('/api/products'));
  const goods = products.find(({ currency }) => currency === 'MNT');
  assert.equal(goods.price, kPrice);
  return goods.id;
}

async function ordered(demo, product_id, { quantity, parts }) {
  const { order_id, order_secret } = await ok(demo.client.post('/api/orders',
    { items: [{ product_id, quantity }], payment_method: 'qpay' }), 201);
  const holder = { 'X-Order-Secret': order_secret };
  const invoices = [];
  for (const amount of parts) {
    invoices.push(await ok(demo.client.post('/api/qpay/invoice',
      { invoiceId: order_id, amount }, holder)));
  }
  return { order_id, quantity, holder, invoices, total: quantity * kPrice };
}

/** Asks again, as a page does, while QPay has no time: it was asked too often at once. */
async function insist(demo, order, path, body) {
  const { json } = await eventually(`${path} is answered`, kPatienceMs, async () => {
    const reply = await demo.client.post(path, body, order.holder);
    assert.ok([200, 502].includes(reply.status), reply.text);
    return reply.status === 200 && reply;
  }, 200);
  return json;
}

/** What a page does: it looks, and when it knows of the payment, it settles the invoice itself. */
function check(demo, order, { qpayInvoiceId }) {
  return insist(demo, order, '/api/qpay/check', { qpayInvoiceId });
}
function settle(demo, order, { qpayInvoiceId, amount }, qpayPaymentId) {
  return insist(demo, order, `/api/invoices/${order.order_id}/settlement`, { amount,
    method: 'QPAY', meta: { qpayInvoiceId, qpayPaymentId } });
}

/** Pays, while the page looks and settles; the bank's callbacks come in between. */
async function pay_and_look(demo, order, invoice) {
  const [{ payment_id }] = await Promise.all([
    rail(demo, 'act', { ref: invoice.qpayInvoiceId, choice: 'khanbank' }),
    check(demo, order, invoice),
  ]);
  await Promise.all([1, 2].map(() => settle(demo, order, invoice, payment_id)));
  return { payment_id, order_id: order.order_id, minor: invoice.amount * 100 };
}

async function money_of(demo) {
  const rows = await demo.sql(`SELECT provider_ref, order_id, counted_minor, excess_minor, outcome
    FROM settlements ORDER BY provider_ref`);
  return rows.map((row) => [row.provider_ref, row.order_id, Number(row.counted_minor),
    Number(row.excess_minor)]);
}

test('S2.70 payments at once, of one order and of several: each settled once', async (t) => {
  const demo = await Demo.start(t, { QPAY_CALLS_PER_SECOND: '100' });
  const product_id = await goods_of(demo);
  const before = await demo.stock(product_id);
  await rail(demo, 'faults', { notice_twice_percent: 100, notice_forged_percent: 100,
    notice_jitter_ms: 300 });
  const orders = [];
  for (const wanted of kOrders) orders.push(await ordered(demo, product_id, wanted));
  const paid = await Promise.all(orders.flatMap((order) =>
    order.invoices.map((invoice) => pay_and_look(demo, order, invoice))));

  // One on its way is not among them.
  await eventually('each payment was called out twice', kPatienceMs, async () => {
    const { notices } = await ok(demo.bank.client.get('/control/rails/qpay/notices'));
    const honest = notices.filter(({ forged }) => !forged);
    return honest.length >= 2 * kPayments.length && notices.every(({ state }) => state === 'taken');
  });
  await eventually('all are worked off', kPatienceMs, async () => {
    const [{ n }] = await demo.sql(
      "SELECT COUNT(*) AS n FROM notices WHERE provider = 'qpay' AND outcome = ''");
    return Number(n) === 0;
  });

  const expected = paid.map(({ payment_id, order_id, minor }) => [payment_id, order_id, minor, 0]);
  assert.deepEqual(await money_of(demo),
    expected.sort(([a], [b]) => (a < b ? -1 : 1)));
  let pieces = 0;
  for (const order of orders) {
    pieces += order.quantity;
    for (const invoice of order.invoices) {
      const seen = await check(demo, order, invoice);
      assert.deepEqual([seen.status, seen.paidAmount], ['PAID', invoice.amount]);
    }
    const first = paid.find(({ order_id }) => order_id === order.order_id);
    const state = await settle(demo, order, order.invoices[0], first.payment_id);
    assert.deepEqual([state.status, state.paidTotal, state.unpaidAmount],
      ['paid', order.total, 0]);
    assert.deepEqual(state.payments.map(({ amount }) => amount).sort((a, b) => a - b),
      order.invoices.map(({ amount }) => amount));
    const detail = await ok(demo.client.get(`/api/orders/${order.order_id}`, order.holder));
    assert.deepEqual([detail.status, detail.paid, detail.attention],
      ['COMPLETED', order.total, []]);
  }
  assert.equal((await money_of(demo)).length, kPayments.length, 'and asking again counts nothing');
  assert.deepEqual(await demo.stock(product_id),
    { stock: before.stock - pieces, reserved: before.reserved });
  const told = await run(['verify-log', ...demo.books.flags(demo.folder)]);
  assert.equal(told.code, 0, told.stdout + told.stderr);
});
