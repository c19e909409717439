/** N5 and N15 at every rail beside Bakong: unknown is not no, and what was paid is found. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { outages } from '../support/outages.mjs';
import { kRailNames, kRails, Street } from '../support/street.mjs';

const kDayMs = 86_400_000;
/** Long enough for an honest answer on a busy machine. */
const kTimeoutMs = 2_000;
const kImpatient = Object.fromEntries(
  kRailNames.map((name) => [`${name.toUpperCase()}_TIMEOUT_MS`, String(kTimeoutMs)]));
/** Those that call for a person (N11), and what the alarm names. */
const kAlarm = { unauthorized: (name) => kRails[name].secret, forbidden: () => '403' };

const kWaiting = ['open', 'pending', 'reserved', 0];

/** Staff and a customer ask while the provider is of no use. */
async function asked_in_vain(street, { paid, unpaid }) {
  const admin = await street.shop.admin();
  const [asked, canceled] = await Promise.all([
    admin.post('/api/payment/verify-instantly', { order_id: paid.order_id }),
    unpaid.customer.post(`/api/orders/${unpaid.order_id}/cancel`),
  ]);
  assert.deepEqual([asked.status, asked.json.status], [200, 'unknown'], paid.name);
  assert.deepEqual([canceled.status, canceled.json.error.code], [502, 'provider_unavailable'],
    paid.name);
}

/** The engine by itself goes on asking about an order on somebody's screen. */
async function asked_again(street, order, reason) {
  await street.look(order);
  for (const query of await street.met_twice(order, reason)) {
    assert.deepEqual([query.answer, query.reason], ['unknown', reason], order.name);
  }
  const seen = await street.look(order);
  assert.deepEqual([seen.status, seen.provider_state], ['PENDING', 'unavailable'], order.name);
}

/** It answers again: what was paid is found, what was not ends now. */
async function answers_again(street, name, { paid, unpaid, payment_ref, before }) {
  await street.honest(name);
  await street.found(paid);
  const { settlements } = await street.shop.detail(paid.order_id);
  assert.deepEqual(settlements.map((one) => one.provider_ref), [payment_ref], name);
  await street.becomes(unpaid, 'the window ends',
    ({ sessions }) => sessions[0].status === 'expired');
  assert.deepEqual(await street.books_of(name), { stock: before.stock - 1,
    reserved: before.reserved - 2,
    orders: { ...before.orders,
      [paid.order_id]: ['settled', 'completed', 'committed', kRails[name].minor],
      [unpaid.order_id]: ['expired', 'pending', 'released', 0] } }, name);
  // A question from before that was given up after the first answer is not the last word either.
  const told = await street.provider_becomes(name, 'it is well', ({ state }) => state === 'ok');
  assert.equal(told.alarm, null, name);
}

/** One outage at one rail from beginning to end. */
async function live_through(street, name, { knobs, reason }) {
  await street.honest(name);
  const [paid, unpaid] = [await street.order(name), await street.order(name)];
  await street.faults(name, knobs);
  const payment_ref = await street.pay(paid);
  // Both windows are long over, but only a provider that answers may end anything.
  await street.age([paid, unpaid], 2 * kDayMs);
  const before = await street.books_of(name);
  assert.deepEqual(before.orders[paid.order_id], kWaiting, name);
  await asked_in_vain(street, { paid, unpaid });
  await Promise.all([paid, unpaid].map((order) => asked_again(street, order, reason)));
  assert.deepEqual(await street.books_of(name), before, 'nothing moved');
  const told = await street.provider_becomes(name, `down by ${reason}`,
    ({ state, last_error }) => state === 'down' && last_error === reason);
  const alarm = kAlarm[reason]?.(name);
  assert.ok(alarm ? told.alarm.includes(alarm) : told.alarm === null, `${name}: ${told.alarm}`);
  await answers_again(street, name, { paid, unpaid, payment_ref, before });
}

// Two shops, because much of it is waiting. Refused credentials come first: a token is renewed at
// once only while it is fresh, and what buys no token is not tried again for half a minute.
test('N5 whatever goes wrong at a provider', { concurrency: 2 }, async (t) => {
  const rows = outages(kTimeoutMs).reverse();
  await Promise.all([0, 1].map((turn) => t.test(`in shop ${turn + 1}`, async (t) => {
    const street = await Street.start(t, kImpatient);
    for (const outage of rows.filter((_, i) => i % 2 === turn)) {
      await t.test(`N5 ${outage.name}: ${outage.reason}, and nothing moves at any rail`, () =>
        street.at_each((name) => live_through(street, name, outage)));
    }
  })));
});

test('N5 every provider is gone altogether, and comes back', async (t) => {
  const street = await Street.start(t);
  const orders = await street.at_each((name) => street.order(name));
  for (const order of orders) await street.pay(order);
  await street.age(orders, 2 * kDayMs);
  await street.shop.bank.process.stop('SIGKILL');
  await Promise.all(orders.map((order) => asked_again(street, order, 'timeout')));
  for (const { name, order_id } of orders) {
    assert.deepEqual((await street.books_of(name)).orders, { [order_id]: kWaiting }, name);
  }
  await street.shop.bank.start_again();
  for (const order of orders) await street.found(order);
  assert.deepEqual(await street.counted(), street.each_once());
});

test('N15 five days old, paid in an outage, the engine killed twice: settled once by morning',
  async (t) => {
    const street = await Street.start(t);
    const orders = [];
    for (const name of kRailNames) orders.push(await street.order(name));
    for (const name of kRailNames) await street.faults(name, { error_rate_percent: 100 });
    await street.age(orders, 5 * kDayMs);
    await street.hours_pass();
    for (const order of orders) {
      await street.becomes(order, 'asked in vain',
        ({ queries }) => queries.some(({ answer }) => answer === 'unknown'));
      await street.pay(order);
    }
    await street.shop.restart({ signal: 'SIGKILL' });
    await street.hours_pass();
    await street.shop.restart({ signal: 'SIGKILL' });
    for (const order of orders) {
      assert.deepEqual(await street.standing(order), ['open', 'pending', 'reserved'], order.name);
    }
    for (const name of kRailNames) await street.honest(name);
    await street.hours_pass();
    for (const order of orders) await street.found(order);
    assert.deepEqual(await street.counted(), street.each_once());
  });
