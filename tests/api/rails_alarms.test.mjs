/** N11 at every rail beside Bakong: what only a person can mend raises an alarm, and no more. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { kRailNames, kRails, Street } from '../support/street.mjs';

/** What the rails have to say when nobody needs to do anything. */
async function assert_quiet(street, name) {
  const told = await street.shop.provider(name);
  assert.deepEqual([told.alarm, told.last_alarm, told.token_expires_at], [null, null, null], name);
}

/** In the log of the program, for whoever has it watched. */
function alarms_logged(street, name) {
  return street.shop.server.output.split('\n').filter((line) => line.includes('provider.alarm'))
    .map((line) => JSON.parse(line)).filter(({ provider }) => provider === name);
}

/** Refused at this rail: said, written down, and nothing is moved by it. */
async function refused_and_said(street, order) {
  const { name } = order;
  await street.look(order);
  for (const query of await street.met_twice(order, 'unauthorized')) {
    assert.deepEqual([query.answer, query.reason], ['unknown', 'unauthorized'], name);
  }
  const told = await street.shop.provider(name);
  assert.deepEqual([told.state, told.last_error], ['down', 'unauthorized'], name);
  assert.ok(told.alarm.includes(kRails[name].secret), told.alarm);
  assert.equal(told.last_alarm.message, told.alarm);
  const logged = alarms_logged(street, name);
  assert.deepEqual(logged.map(({ level, alarm }) => [level, alarm]), [['error', told.alarm]], name);
  assert.deepEqual(await street.standing(order), ['open', 'pending', 'reserved'], name);
}

/** 403 whatever is asked: the breaker opens, and closes by itself when that is over. */
async function live_through_a_block(street, name) {
  const order = await street.order(name);
  await assert_quiet(street, name);
  await street.faults(name, { forbidden_html_percent: 100 });
  await street.pay(order);
  await street.look(order);
  await street.met_twice(order, 'forbidden');
  const broken = await street.provider_becomes(name, 'the breaker is open',
    ({ breaker }) => breaker.state !== 'closed');
  assert.deepEqual([broken.state, broken.last_error], ['down', 'forbidden'], name);
  assert.match(broken.alarm, /403/);
  assert.equal(broken.last_alarm.message, broken.alarm);
  assert.ok(broken.breaker.failures >= 5 && broken.oldest_unknown_at <= Date.now(), name);
  assert.deepEqual(await street.standing(order), ['open', 'pending', 'reserved'], name);
  await street.honest(name);
  await street.found(order);
  const back = await street.provider_becomes(name, 'the breaker is closed',
    ({ breaker, state }) => breaker.state === 'closed' && state === 'ok');
  assert.deepEqual([back.alarm, back.breaker.failures], [null, 0], name);
  assert.match(back.last_alarm.message, /403/, 'what was, is still told');
}

/** How a token is got instead of one that has ended. */
const kRenewal = { qpay: 'POST /v2/auth/refresh', mvola: 'POST /token' };
const kTokenLife = { token_lifetime_s: 3_600 };
/** Later than a token's end, before the end of what renews it. */
const kLater = { clock_skew_ms: 5_400_000 };

/** Its token ends while a payment is looked for: one more is got, and nobody has to do anything. */
async function outlive_a_token(street, name) {
  const order = await street.order(name);
  await street.pay(order);
  const before = await street.calls(name);
  await street.faults(name, kLater);
  await street.look(order);
  await street.found(order);
  const calls = await street.calls(name);
  const renewals = calls[kRenewal[name]] - (before[kRenewal[name]] ?? 0);
  assert.equal(renewals, 1, JSON.stringify({ before, calls }));
  const told = await street.shop.provider(name);
  assert.deepEqual([told.state, told.alarm], ['ok', null], name);
}

test('N11 alarms of every rail', { concurrency: 3 }, async (t) => {
  await Promise.all([
    t.test('N11 refused credentials raise one, fail no payment; the right ones end it',
      async (t) => {
        const street = await Street.start(t);
        const orders = await street.at_each((name) => street.order(name));
        for (const order of orders) {
          await street.pay(order);
          await assert_quiet(street, order.name);
        }
        const right = kRailNames.map((name) => kRails[name].secret)
          .map((secret) => [secret, street.shop.settings[secret]]);
        await street.shop.restart({ settings: Object.fromEntries(
          right.map(([secret, value]) => [secret, `${value.slice(0, -4)}0ld`])) });
        await Promise.all(orders.map((order) => refused_and_said(street, order)));
        await street.shop.restart({ settings: Object.fromEntries(right) });
        // A question that was under way then is not asked again before its lease has run out.
        await street.hours_pass();
        for (const order of orders) {
          await street.found(order);
          await assert_quiet(street, order.name);
        }
        assert.equal((await street.counted()).length, orders.length);
      }),
    t.test('N11 a geo block raises one, fails no payment, and ends by itself', async (t) => {
      const street = await Street.start(t);
      await street.at_each((name) => live_through_a_block(street, name));
      assert.equal((await street.counted()).length, kRailNames.length);
    }),
    t.test('N11 a token that ends is renewed without anybody', async (t) => {
      const street = await Street.start(t);
      const names = Object.keys(kRenewal);
      for (const name of names) await street.faults(name, kTokenLife);
      // Without the tokens that it got before.
      await street.shop.restart();
      await Promise.all(names.map((name) => outlive_a_token(street, name)));
    }),
  ]);
});
