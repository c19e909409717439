/** When the bank cannot be asked: unknown is not no. Nothing moves, nothing is lost. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { outages } from '../support/outages.mjs';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kMouse = 3;
/** Long enough for an honest answer on a busy machine. */
const kTimeoutMs = 1_000;
/** Quick to notice, quick to come back; windows so short that time alone could end things. */
const kImpatient = {
  BAKONG_TIMEOUT_MS: String(kTimeoutMs),
  QUITTANCE_OUTAGE_INTERVAL_MS: '200',
  QUITTANCE_FIRST_CHECK_AFTER_MS: '100',
  QUITTANCE_INTERACTIVE_WINDOW_MS: '50',
  QUITTANCE_STOCK_HOLD_MS: '50',
};

async function session_row(shop, order) {
  const [row] = await shop.sql(`SELECT s.status, o.status AS order_status, o.stock_state FROM
    payment_sessions s JOIN orders o ON o.id = s.order_id WHERE o.id = ${order.order_id}`);
  return row;
}

/** Waits until the loop itself has met the fault for this order, twice. */
function attempts_logged(shop, order, reason) {
  return eventually(`two logged attempts of order ${order.order_id}`, kPatienceMs, async () => {
    const { queries } = await shop.detail(order.order_id);
    const met = queries.filter((query) => query.reason === reason && query.source === 'poll');
    return met.length >= 2 && queries;
  });
}

/** Waits until staff see this of the bank: between, one answer may just have come too late. */
function is_said(shop, expected) {
  return eventually(`the bank is ${JSON.stringify(expected)}`, kPatienceMs, async () => {
    const seen = await shop.provider();
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, seen[name]])),
      expected);
    return seen;
  });
}

/** One fault from beginning to end, in a shop of its own. */
async function live_through(t, fault) {
  const shop = await Shop.start(t, kImpatient);
  const admin = await shop.admin();
  await shop.bank.set_faults(fault.knobs);
  const customers = [shop.visitor(), shop.visitor()];
  const [paid, unpaid] = [await shop.order(customers[0]), await shop.order(customers[1])];
  const transfer = await shop.bank.pay(paid.session.qr_data);
  const before = await shop.stock(kMouse);

  const asked = await admin.post('/api/payment/verify-instantly', { order_id: paid.order_id });
  assert.deepEqual([asked.status, asked.json.status], [200, 'unknown']);
  const canceled = await customers[1].post(`/api/orders/${unpaid.order_id}/cancel`);
  assert.deepEqual([canceled.status, canceled.json.error.code], [502, 'provider_unavailable']);
  for (const order of [paid, unpaid]) {
    const queries = await attempts_logged(shop, order, fault.reason);
    for (const query of queries) {
      assert.deepEqual([query.answer, query.reason], ['unknown', fault.reason]);
      assert.ok(Number.isInteger(query.duration_ms) && query.asked_at > order.session.created_at);
    }
  }
  const seen = await customers[0].get(`/api/orders/${paid.order_id}/status`);
  assert.deepEqual([seen.json.status, seen.json.provider_state], ['PENDING', 'unavailable']);
  // Both windows are long over, but only a bank that answers may end anything.
  const untouched = { status: 'open', order_status: 'pending', stock_state: 'reserved' };
  for (const order of [paid, unpaid]) {
    assert.deepEqual(await session_row(shop, order), untouched);
  }
  assert.deepEqual(await shop.stock(kMouse), before);
  await is_said(shop, { state: 'down', last_error: fault.reason });

  await shop.bank.clear_faults();
  await eventually('the payment is found afterwards', kPatienceMs, async () =>
    (await session_row(shop, paid)).order_status === 'completed');
  const { settlements } = await shop.detail(paid.order_id);
  assert.deepEqual(settlements.map((one) => one.provider_ref), [transfer.hash]);
  const ended = { status: 'expired', order_status: 'pending', stock_state: 'released' };
  await eventually('the unpaid session ends now', kPatienceMs, async () => {
    assert.deepEqual(await session_row(shop, unpaid), ended);
    return true;
  });
  assert.deepEqual(await shop.stock(kMouse),
    { stock: before.stock - 1, reserved: before.reserved - 2 });
  await is_said(shop, { state: 'ok' });
}

// Most of it is waiting for the next attempt, so they wait together.
test('N5 S1.48 S1.49 S1.50 T1.3 whatever goes wrong at the bank', { concurrency: 5 }, async (t) => {
  await Promise.all(outages(kTimeoutMs).map((fault) =>
    t.test(`N5 ${fault.name}: ${fault.reason}, and nothing moves`, (t) => live_through(t, fault))));
});

test('S1.50 the bank refuses only the list call: it is asked singly', async (t) => {
  const shop = await Shop.start(t, kImpatient);
  await shop.bank.set_faults({ forbidden_html_percent: 100, forbidden_html_scope: 'md5_list' });
  const orders = [];
  for (let i = 0; i < 4; ++i) orders.push(await shop.order(shop.visitor()));
  for (const order of orders) await shop.bank.pay(order.session.qr_data);
  for (const order of orders) {
    await eventually(`order ${order.order_id} is completed`, kPatienceMs, async () =>
      (await session_row(shop, order)).order_status === 'completed');
  }
  await is_said(shop, { state: 'ok', alarm: null });
});

test('N5 the bank is gone altogether, and comes back', async (t) => {
  const shop = await Shop.start(t, kImpatient);
  const order = await shop.order(shop.visitor());
  await shop.bank.pay(order.session.qr_data, { delay_ms: 1 });
  await shop.bank.process.stop('SIGKILL');
  const other = await shop.order(shop.visitor());
  await attempts_logged(shop, other, 'timeout');
  assert.equal((await session_row(shop, other)).status, 'open');
  await shop.bank.start_again();
  await shop.bank.pay(other.session.qr_data);
  for (const { order_id } of [order, other]) {
    await eventually(`order ${order_id} is completed`, kPatienceMs, async () =>
      (await shop.detail(order_id)).settlements.length === 1);
  }
});

test('N11 the alarm about the token', async (t) => {
  const shop = await Shop.start(t, kImpatient);

  await t.test('N11 a refused token raises it, fails no payment; renewing ends it', async () => {
    assert.equal((await shop.provider()).alarm, null);
    await shop.restart({ settings: { BAKONG_TOKEN: await shop.bank.token(-60) } });
    const order = await shop.order(shop.visitor());
    await shop.bank.pay(order.session.qr_data);
    await attempts_logged(shop, order, 'unauthorized');
    const health = await is_said(shop, { state: 'down', last_error: 'unauthorized' });
    assert.match(health.alarm, /token/i);
    assert.ok(health.token_expires_at < Date.now());
    assert.equal((await session_row(shop, order)).order_status, 'pending');
    await shop.restart({ settings: { BAKONG_TOKEN: await shop.bank.token() } });
    await eventually('found with the new token', kPatienceMs, async () =>
      (await session_row(shop, order)).order_status === 'completed');
    await is_said(shop, { alarm: null });
  });

  await t.test('N11 it comes before the token ends', async () => {
    await shop.restart({ settings: { BAKONG_TOKEN: await shop.bank.token(3 * 86_400) } });
    assert.match((await shop.provider()).alarm, /expires/);
  });

  await t.test('N11 a geo block raises one too', async () => {
    await shop.restart({ settings: { BAKONG_TOKEN: await shop.bank.token() } });
    await shop.bank.set_faults({ forbidden_html_percent: 100 });
    const order = await shop.order(shop.visitor());
    await attempts_logged(shop, order, 'forbidden');
    const broken = await eventually('the breaker is open', kPatienceMs, async () => {
      const health = await shop.provider();
      return health.breaker.state !== 'closed' && health;
    });
    assert.equal(broken.state, 'down');
    assert.match(broken.alarm, /403/);
    assert.match(broken.last_alarm.message, /403/);
    assert.ok(broken.breaker.failures >= 5 && broken.oldest_unknown_at <= Date.now());
    assert.equal((await session_row(shop, order)).order_status, 'pending');
    await shop.bank.clear_faults();
    const back = await eventually('the breaker closes', kPatienceMs, async () => {
      const health = await shop.provider();
      return health.breaker.state === 'closed' && health;
    });
    assert.deepEqual([back.state, back.alarm, back.breaker.failures], ['ok', null, 0]);
    assert.match(back.last_alarm.message, /403/, 'what was, is still told');
  });
});

test('N15 paid in an outage, the engine killed twice: settled once by morning', async (t) => {
  const shop = await Shop.start(t, kImpatient);
  const order = await shop.order(shop.visitor());
  await shop.bank.set_faults({ error_rate_percent: 100 });
  await attempts_logged(shop, order, 'server_error');
  await shop.bank.pay(order.session.qr_data);
  await shop.restart({ signal: 'SIGKILL' });
  const recovered = await shop.visitor().post('/api/payment/recover-from-qr',
    { qr_data: order.session.recovery_code });
  assert.deepEqual([recovered.status, recovered.json.status], [200, 'pending_verification']);
  await shop.restart({ signal: 'SIGKILL' });
  await shop.bank.clear_faults();
  await eventually('settled by morning', kPatienceMs, async () =>
    (await session_row(shop, order)).order_status === 'completed');
  const { settlements, approvals } = await shop.detail(order.order_id);
  assert.deepEqual([settlements.length, approvals.length], [1, 1]);
});
