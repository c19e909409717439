/** S2 on the real server: a billing page, QPay's simulator, callbacks, receipts, and what ends. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { read_qr_png } from '../support/picture.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kDayMs = 24 * 60 * 60 * 1000;
let orders = 0;

async function staff_of(demo) {
  const reply = await demo.client.post('/api/auth/login',
    { username: 'admin', password: kAdminPassword });
  assert.equal(reply.status, 200, reply.text);
  return { Authorization: `Bearer ${reply.json.access_token}` };
}

/** An invoice in tugrik: the demo's own shop sells for dollars. */
async function billed(demo, tugrik) {
  const name = `Visit ${++orders}`;
  const now = Date.now();
  await demo.change(`INSERT INTO products (name, description, picture, price_minor, currency, stock,
    reserved) VALUES ('${name}', '', '', ${tugrik * 100}, 'MNT', 5, 1)`);
  await demo.change(`INSERT INTO orders (transaction_id, order_secret, status, stock_state,
    total_minor, currency, payment_method, created_at, reserved_until) VALUES ('t-${name}',
    's-${orders}', 'pending', 'reserved', ${tugrik * 100}, 'MNT', 'qpay', ${now},
    ${now + kDayMs})`);
  await demo.change(`INSERT INTO order_items (order_id, product_id, name, quantity, price_minor)
    SELECT o.id, p.id, p.name, 1, p.price_minor FROM orders o, products p
    WHERE o.transaction_id = 't-${name}' AND p.name = '${name}'`);
  const [order] = await demo.sql(
    `SELECT id, order_secret FROM orders WHERE transaction_id = 't-${name}'`);
  const [product] = await demo.sql(`SELECT id FROM products WHERE name = '${name}'`);
  return { id: order.id, product_id: product.id,
    holder: { 'X-Order-Secret': order.order_secret } };
}

async function ok(reply) {
  const answered = await reply;
  assert.equal(answered.status, 200, answered.text);
  return answered.json;
}

function rail(demo, what, body) {
  return ok(demo.bank.client.post(`/control/rails/qpay/${what}`, body));
}

async function objects(demo, kind) {
  const { json } = await demo.bank.client.get(`/control/rails/qpay/objects?kind=${kind}`);
  return json.objects;
}

async function standing(demo) {
  return (await objects(demo, 'receipt')).filter((one) => one.barimt_status === 'REGISTERED');
}

async function payment_of(demo, qpayInvoiceId) {
  const payments = await objects(demo, 'payment');
  return payments.find((one) => one.invoice_id === qpayInvoiceId).payment_id;
}

function settle(demo, bill, body, headers = bill.holder) {
  return demo.client.post(`/api/invoices/${bill.id}/settlement`, body, headers);
}

test('S2.63 S2.65 S2.66 S2.67 S2.68 a visit is billed, paid by phone, settled once', async (t) => {
  const demo = await Demo.start(t);
  const staff = await staff_of(demo);
  const bill = await billed(demo, 2500);
  await rail(demo, 'faults', { notice_twice_percent: 100, notice_forged_percent: 100 });
  const made = await ok(demo.client.post('/api/qpay/invoice',
    { invoiceId: bill.id, amount: 2500, issueEBarimt: true }, bill.holder));
  assert.match(made.senderInvoiceNo, new RegExp(`^INV-${bill.id}-\\d{13}$`));
  assert.match(made.qrImage, /^data:image\/png;base64,iVBOR/);
  assert.equal(made.urls.length, 23);
  const { qpayInvoiceId } = made;
  const before = await ok(demo.client.post('/api/qpay/check', { qpayInvoiceId }, bill.holder));
  assert.deepEqual([before.status, before.paid], ['NEW', false]);

  // The modal is closed.
  await rail(demo, 'act', { ref: qpayInvoiceId, choice: 'khanbank' });
  await eventually('the callback settled it', kPatienceMs, async () => {
    const [row] = await demo.sql(`SELECT status FROM orders WHERE id = ${bill.id}`);
    return row.status === 'completed';
  });
  const qpayPaymentId = await payment_of(demo, qpayInvoiceId);
  const body = { amount: 2500, method: 'QPAY', issueEBarimt: true,
    meta: { qpayInvoiceId, qpayPaymentId } };
  const state = await ok(settle(demo, bill, body));
  assert.deepEqual(Object.keys(state), ['id', 'status', 'totalBeforeDiscount', 'discountPercent',
    'finalAmount', 'paidTotal', 'unpaidAmount', 'hasEBarimt', 'items', 'payments']);
  assert.deepEqual([state.status, state.paidTotal, state.unpaidAmount], ['paid', 2500, 0]);
  assert.deepEqual(state.payments.map((one) => [one.method, one.qpayTxnId, one.amount]),
    [['QPAY', qpayPaymentId, 2500]]);
  await eventually('the receipt is there', kPatienceMs,
    async () => (await ok(settle(demo, bill, body))).hasEBarimt);
  assert.equal((await standing(demo)).length, 1);
  const detail = await ok(demo.client.get(`/api/orders/${bill.id}`, bill.holder));
  const [receipt] = await objects(demo, 'receipt');
  assert.deepEqual([detail.tax_receipts[0].state, detail.tax_receipts[0].lottery],
    ['issued', receipt.ebarimt_lottery]);

  // The same payment on another invoice.
  const other = await billed(demo, 2500);
  assert.equal((await settle(demo, other, body)).status, 409);
  assert.equal((await settle(demo, other, { amount: 2500, method: 'POS' })).status, 403);
  await ok(demo.client.post('/api/qpay/invoice', { invoiceId: other.id, amount: 2000 },
    other.holder));
  const part = await ok(settle(demo, other, { amount: 500, method: 'POS' }, staff));
  assert.deepEqual([part.status, part.unpaidAmount], ['partial', 2000]);
});

test('S2.64 the bank app reads the QR, says whom and how much, and pays it', async (t) => {
  const demo = await Demo.start(t);
  const [bill, other] = [await billed(demo, 2500), await billed(demo, 2500)];
  const ask = ({ id, holder }) => ok(demo.client.post('/api/qpay/invoice',
    { invoiceId: id, amount: 2500, description: `Visit of ${id}` }, holder));
  const [made, newer] = [await ask(bill), await ask(other)];
  const png = Buffer.from(made.qrImage.slice('data:image/png;base64,'.length), 'base64');
  const scanned = read_qr_png(png);
  assert.equal(scanned, made.qrText, 'the picture holds the text');

  const app = demo.bank.client;
  const reached = await app.get(`/pay?payload=${encodeURIComponent(scanned)}`);
  assert.equal(reached.status, 303, reached.text);
  const { location } = reached.headers;
  assert.equal(location, `/rails/qpay/${made.qpayInvoiceId}`, 'this one, and not the newest');
  const page = await app.get(location);
  assert.equal(page.status, 200, page.text);
  for (const shown of [`Visit of ${bill.id}`, 'MNT 2500', 'to Quittance Computers by QPay']) {
    assert.ok(page.text.includes(shown), `${shown} in ${page.text}`);
  }
  const paid = await app.post_form(location, { choice: 'khanbank', amount: '' });
  assert.equal(paid.status, 200, paid.text);
  assert.equal((await app.get(location)).status, 404, 'nothing waits there any more');
  await eventually('the order is settled', kPatienceMs, async () => {
    const [row] = await demo.sql(`SELECT status, paid_minor FROM orders WHERE id = ${bill.id}`);
    return row.status === 'completed' && Number(row.paid_minor) === 250000;
  });
  const seen = await ok(demo.client.post('/api/qpay/check',
    { qpayInvoiceId: made.qpayInvoiceId }, bill.holder));
  assert.deepEqual([seen.status, seen.paid, seen.paidAmount], ['PAID', true, 2500]);
  const others = await ok(demo.client.post('/api/qpay/check',
    { qpayInvoiceId: newer.qpayInvoiceId }, other.holder));
  assert.deepEqual([others.status, others.paid], ['NEW', false], 'the other waits on');
});

test('S2.68 a lost answer makes no second receipt', async (t) => {
  const demo = await Demo.start(t);
  const bill = await billed(demo, 1200);
  const { qpayInvoiceId } = await ok(demo.client.post('/api/qpay/invoice',
    { invoiceId: bill.id, amount: 1200 }, bill.holder));
  await rail(demo, 'act', { ref: qpayInvoiceId, choice: 'card' });
  await eventually('it is settled', kPatienceMs, async () => {
    const [row] = await demo.sql(`SELECT status FROM orders WHERE id = ${bill.id}`);
    return row.status === 'completed';
  });
  const meta = { qpayInvoiceId, qpayPaymentId: await payment_of(demo, qpayInvoiceId) };
  await rail(demo, 'faults', { garbage_percent: 100 });
  await ok(settle(demo, bill, { amount: 1200, method: 'QPAY', issueEBarimt: true, meta }));
  await eventually('QPay has made one', kPatienceMs,
    async () => (await standing(demo)).length === 1);
  await rail(demo, 'faults', { garbage_percent: 0 });
  await eventually('we know of one', kPatienceMs,
    async () => (await ok(settle(demo, bill, { meta }))).hasEBarimt);
  assert.equal((await standing(demo)).length, 1);
});

test('C18 C19 what is not paid in time is canceled at QPay, by itself', async (t) => {
  const demo = await Demo.start(t,
    { QUITTANCE_INTERACTIVE_WINDOW_MS: '1500', QUITTANCE_BOOKING_HOLD_MS: '1500' });
  const bill = await billed(demo, 2500);
  const { qpayInvoiceId } = await ok(demo.client.post('/api/qpay/invoice',
    { invoiceId: bill.id, amount: 1000 }, bill.holder));
  const booking = await billed(demo, 90000);
  const refused = await demo.client.post('/api/qpay/invoice',
    { invoiceId: booking.id, amount: 90000, objectType: 'BOOKING' }, booking.holder);
  assert.deepEqual([refused.status, refused.json.error.param], [400, 'amount']);
  const deposit = await ok(demo.client.post('/api/qpay/invoice',
    { invoiceId: booking.id, amount: 30000, objectType: 'BOOKING' }, booking.holder));
  await eventually('both are canceled there', kPatienceMs, async () => {
    const invoices = await objects(demo, 'invoice');
    return invoices.length === 2 && invoices.every((one) => one.invoice_status === 'CANCELED');
  });
  for (const [id, holder] of [[qpayInvoiceId, bill.holder],
    [deposit.qpayInvoiceId, booking.holder]]) {
    await eventually('the page sees it', kPatienceMs, async () => {
      const seen = await ok(demo.client.post('/api/qpay/check', { qpayInvoiceId: id }, holder));
      return seen.status === 'CANCELLED';
    });
  }
  await eventually('what was held is released', kPatienceMs,
    async () => (await demo.stock(booking.product_id)).reserved === 0);
  const paid = await demo.bank.client.post('/control/rails/qpay/act',
    { ref: qpayInvoiceId, choice: 'khanbank' });
  assert.equal(paid.status, 409, paid.text);
});
