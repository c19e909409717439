/** Payment sessions beside the story: shapes of the replies, free-standing ones, cleaning up. */
import assert from 'node:assert/strict';
import test from 'node:test';
import khqr from 'bakong-khqr';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

/** The members of each object as docs/api.md has them; programs out there count on them. */
const kShapes = {
  product: ['id', 'name', 'description', 'picture', 'price', 'price_minor', 'currency',
    'available'],
  placed: ['success', 'order_id', 'order_secret', 'transaction_id', 'status', 'amount',
    'amount_minor', 'currency', 'checkout_url'],
  order: ['order_id', 'status', 'amount', 'amount_minor', 'paid', 'paid_minor', 'refunded_minor',
    'due_minor', 'currency', 'item_count', 'customer_name', 'payment_method', 'created_at',
    'completed_at', 'attention', 'receipt_url'],
  session: ['session_id', 'payment_id', 'order_id', 'amount', 'amount_minor', 'currency',
    'qr_data', 'md5_hash', 'bill_number', 'recovery_code', 'status',
    'payment_verification_status', 'created_at', 'expires_at', 'completed_at', 'qr_svg_url',
    'qr_png_url'],
  item: ['product_id', 'name', 'quantity', 'price', 'price_minor'],
  status: ['order_id', 'status', 'amount', 'currency', 'paid', 'session_status', 'expires_at',
    'checked_at', 'provider_state', 'receipt_url', 'attention'],
  settlement: ['id', 'provider', 'provider_ref', 'outcome', 'amount', 'amount_minor', 'currency',
    'method', 'reason', 'paid_at', 'settled_at'],
  evidence: ['id', 'source', 'provider', 'provider_ref', 'amount', 'currency', 'paid_at',
    'seen_at', 'outcome'],
  approval: ['approver', 'decision', 'reason', 'at'],
  query: ['asked_at', 'answer', 'reason', 'duration_ms'],
  audit: ['at', 'actor', 'action', 'details'],
  pass: ['code', 'url', 'qr_svg_url', 'valid_until_at'],
  provider: ['provider', 'environment', 'state', 'last_ok_at', 'last_error_at', 'last_error',
    'token_expires_at', 'alarm', 'last_alarm', 'breaker', 'budget', 'due_sessions',
    'oldest_due_at', 'open_sessions', 'oldest_unknown_at', 'never_matched', 'detection_ms'],
  breaker: ['state', 'failures', 'opened_at', 'probe_at'],
  budget: ['calls_per_second', 'calls_left', 'calls_under_way', 'closed_until'],
  me: ['role', 'username', 'csrf_token', 'livemode', 'merchant', 'sandbox_url'],
};

function has_shape(value, name) {
  for (const member of kShapes[name]) {
    assert.ok(member in value, `${name} without ${member}: ${JSON.stringify(value)}`);
    if (member.endsWith('_at') && value[member] !== null) {
      assert.ok(Number.isSafeInteger(value[member]), `${name}.${member}: ${value[member]}`);
    }
  }
  if ('amount_minor' in value) {
    assert.equal(Math.round(value.amount * 100), value.amount_minor, 'both amounts say the same');
  }
}

test('the documented members are there', async (t) => {
  const shop = await Shop.start(t);
  const [admin, customer] = [await shop.admin(), shop.visitor()];
  has_shape((await customer.get('/api/products')).json.products[0], 'product');
  const order = await shop.order(customer, { customer_name: 'Dara', customer_email: 'd@e.kh' });
  has_shape(order, 'placed');
  await shop.bank.pay(order.session.qr_data);
  await admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
  has_shape((await customer.get('/api/orders')).json.orders[0], 'order');
  has_shape((await customer.get('/api/payment/sessions')).json.sessions[0], 'session');
  has_shape((await customer.get(`/api/orders/${order.order_id}/status`)).json, 'status');
  has_shape((await customer.get('/api/auth/me')).json, 'me');
  const health = (await customer.get('/health')).json;
  assert.deepEqual([health.status, typeof health.version], ['ok', 'string']);
  const [provider] = (await admin.get('/api/admin/providers')).json.providers;
  has_shape(provider, 'provider');
  has_shape(provider.breaker, 'breaker');
  has_shape(provider.budget, 'budget');
  assert.deepEqual([provider.breaker.state, provider.budget.calls_per_second,
    provider.last_alarm, provider.never_matched], ['closed', 1000, null, 0]);
  assert.deepEqual([provider.provider, provider.environment, provider.detection_ms.count],
    ['bakong', 'sandbox', 1]);

  await t.test('S1.39 staff see everything about an order, its holder less', async () => {
    const detail = await shop.detail(order.order_id);
    for (const list of ['settlements', 'approvals', 'queries', 'audit']) {
      assert.ok(detail[list].length > 0, list);
    }
    has_shape(detail, 'order');
    has_shape(detail.pass, 'pass');
    has_shape(detail.items[0], 'item');
    has_shape(detail.sessions[0], 'session');
    has_shape(detail.settlements[0], 'settlement');
    has_shape(detail.evidence[0], 'evidence');
    has_shape(detail.approvals[0], 'approval');
    has_shape(detail.queries[0], 'query');
    has_shape(detail.audit[0], 'audit');
    assert.deepEqual([detail.customer_name, detail.customer_email], ['Dara', 'd@e.kh']);
    const own = (await customer.get(`/api/orders/${order.order_id}`)).json;
    for (const member of ['settlements', 'evidence', 'approvals', 'queries', 'audit']) {
      assert.ok(!(member in own), member);
    }
  });
});

test('S0.53 a request for money without an order, in both currencies', async (t) => {
  const shop = await Shop.start(t, { QUITTANCE_FIRST_CHECK_AFTER_MS: '100' });
  const admin = await shop.admin();
  for (const [amount, currency, number, text] of [[7.5, 'USD', '840', '7.50'],
    [50_000, 'KHR', '116', '50000']]) {
    const made = await admin.post('/api/payment/create-session',
      { amount, currency, reference_id: 'table 5' });
    assert.equal(made.status, 200, made.text);
    assert.equal(made.json.order_id, null);
    const { data } = khqr.BakongKHQR.decode(made.json.qr_data);
    assert.deepEqual([data.transactionCurrency, data.transactionAmount], [number, text]);
    const transfer = await shop.bank.pay(made.json.qr_data);
    const row = await eventually('the session is settled', kPatienceMs, async () => {
      const [found] = await shop.sql(`SELECT s.status, s.reference_id, t.order_id, t.provider_ref,
        t.outcome FROM payment_sessions s JOIN settlements t ON t.session_row = s.id
        WHERE s.session_id = '${made.json.session_id}'`);
      return found;
    });
    assert.deepEqual(row, {
      status: 'settled',
      reference_id: 'table 5',
      order_id: null,
      provider_ref: transfer.hash,
      outcome: 'settled',
    });
  }
});

test('C6 T0.9 S0.56 S0.61 S0.70 cleaning up removes only what is over', async (t) => {
  const shop = await Shop.start(t);
  const admin = await shop.admin();
  const customer = shop.visitor();
  const [canceled, pending, paid] =
    [await shop.order(customer), await shop.order(customer), await shop.order(customer)];
  await customer.post(`/api/orders/${canceled.order_id}/cancel`);
  await shop.bank.pay(paid.session.qr_data);
  await admin.post('/api/payment/verify-instantly', { order_id: paid.order_id });
  const clean = () => admin.post('/api/payment/cleanup');
  assert.deepEqual((await clean()).json, { success: true, deleted_count: 0 });

  // Forty-six days later: nobody asks about these any more.
  await shop.change('UPDATE payment_sessions SET next_check_at = NULL, ' +
    `created_at = created_at - ${46 * 86_400_000}, expires_at = expires_at - ${46 * 86_400_000}`);
  const remaining = async () => (await shop.sql(
    'SELECT order_id FROM payment_sessions ORDER BY order_id')).map((row) => row.order_id);
  assert.deepEqual((await clean()).json, { success: true, deleted_count: 1 });
  assert.deepEqual(await remaining(), [pending.order_id, paid.order_id]);
  assert.deepEqual((await clean()).json, { success: true, deleted_count: 0 });
  const detail = await shop.detail(canceled.order_id);
  assert.deepEqual([detail.status, detail.sessions], ['CANCELLED', []]);
  const cleanings = await shop.sql(
    "SELECT actor, COUNT(*) AS times FROM audit WHERE action = 'sessions.cleaned' GROUP BY actor");
  assert.deepEqual(cleanings, [{ actor: 'admin', times: 3 }, { actor: 'system', times: 1 }]);
});

test('N3 C12 paid after the goods were let go', async (t) => {
  const kLaptop = 1;
  const shop = await Shop.start(t, {
    QUITTANCE_FIRST_CHECK_AFTER_MS: '100',
    QUITTANCE_INTERACTIVE_WINDOW_MS: '50',
    QUITTANCE_STOCK_HOLD_MS: '50',
  });
  const { stock } = await shop.stock(kLaptop);
  const place = (quantity) => shop.order(shop.visitor(), { product_id: kLaptop, quantity });
  const let_go = (order) => eventually('the hold on the goods is over', kPatienceMs, async () =>
    (await shop.detail(order.order_id)).audit.some((one) => one.action === 'order.hold_ended'));
  const settled_as = (order, outcome) =>
    eventually(`order ${order.order_id} is ${outcome}`, kPatienceMs, async () => {
      const detail = await shop.detail(order.order_id);
      return detail.settlements[0]?.outcome === outcome && detail;
    });
  const [early, late] = [await place(stock - 1), await place(1)];
  for (const order of [early, late]) await let_go(order);
  assert.deepEqual(await shop.stock(kLaptop), { stock, reserved: 0 });

  await t.test('with goods left it completes as if nothing had been', async () => {
    await shop.bank.pay(late.session.qr_data);
    const detail = await settled_as(late, 'paid_late_accepted');
    assert.deepEqual([detail.status, detail.attention], ['COMPLETED', []]);
    assert.deepEqual(await shop.stock(kLaptop), { stock: stock - 1, reserved: 0 });
  });
  await t.test('with the goods gone the money is kept, counted, and shown to staff', async () => {
    const other = await place(1);
    await shop.bank.pay(other.session.qr_data);
    await eventually('the other order is completed', kPatienceMs, async () =>
      (await shop.detail(other.order_id)).status === 'COMPLETED');
    await shop.bank.pay(early.session.qr_data);
    const detail = await settled_as(early, 'paid_late_needs_staff');
    assert.deepEqual([detail.status, detail.attention.join(), detail.paid_minor],
      ['PENDING', 'paid_late', early.amount_minor]);
    assert.deepEqual([detail.pass, detail.approvals], [null, []]);
    assert.deepEqual(await shop.stock(kLaptop), { stock: stock - 2, reserved: 0 });
  });
});

test('S1.50 S1.67 S2.51 the log tells what happened and gives no secret away', async (t) => {
  const shop = await Shop.start(t);
  const [admin, customer] = [await shop.admin(), shop.visitor()];
  const order = await shop.order(customer, { customer_name: 'Sokha', customer_email: 's@e.kh' });
  await customer.post('/api/auth/login', { username: 'admin', password: 'guessed wrong' });
  await shop.bank.pay(order.session.qr_data);
  await admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
  await customer.get(`/receipt?order_id=${order.order_id}&secret=${order.order_secret}`);
  const { pass } = await shop.detail(order.order_id);
  await shop.server.stop();
  const lines = shop.server.output.trim().split('\n')
    .filter((line) => !line.startsWith('Quittance listens'))
    .map((line) => JSON.parse(line));
  const events = new Set(lines.map((line) => line.event));
  for (const event of ['server.started', 'settle.done', 'login.refused', 'cleanup.done']) {
    assert.ok(events.has(event), `no ${event} among ${[...events]}`);
  }
  for (const line of lines) assert.ok(line.at && line.level, JSON.stringify(line));
  const secrets = [shop.settings.BAKONG_TOKEN, shop.settings.QUITTANCE_ADMIN_PASSWORD,
    'guessed wrong', order.order_secret, order.transaction_id, pass.code, customer.csrf_token,
    's@e.kh', ...customer.cookies.values(), ...admin.cookies.values()];
  for (const secret of secrets) assert.ok(!shop.server.output.includes(secret), secret);
});
