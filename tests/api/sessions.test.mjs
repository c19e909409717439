/** Payment sessions beside the story: shapes of the replies, free-standing ones, cleaning up. */
import assert from 'node:assert/strict';
import test from 'node:test';
import khqr from 'bakong-khqr';
import { Shop } from '../support/shop.mjs';
import { eventually } from '../support/wait.mjs';

const kPatienceMs = 15_000;

/** The members of each object as docs/api.md has them; programs out there count on them. */
const kShapes = {
  product: ['id', 'name', 'description', 'picture', 'price', 'price_minor', 'currency',
    'available'],
  placed: ['success', 'order_id', 'order_secret', 'transaction_id', 'status', 'amount',
    'amount_minor', 'currency', 'checkout_url'],
  order: ['order_id', 'status', 'amount', 'amount_minor', 'paid', 'paid_minor', 'currency',
    'item_count', 'customer_name', 'payment_method', 'created_at', 'completed_at', 'attention',
    'receipt_url'],
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
    'token_expires_at', 'alarm', 'due_sessions', 'open_sessions', 'detection_ms'],
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
    'created_at = created_at - 46 * 86400000, expires_at = expires_at - 46 * 86400000');
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
