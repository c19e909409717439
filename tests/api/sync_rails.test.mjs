/**
 * Stripe's and QPay's lists: when every notice is lost, a sync finds what was paid, counts it once,
 * and shows staff what fits no session.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { kRails, Street } from '../support/street.mjs';
import { eventually, kPatienceMs, not_at_midnight } from '../support/wait.mjs';

/** Nothing but a sync is quick here. */
const kSlow = { QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000' };
const kStranger = { stripe: { minor: 700, asked: '700' }, qpay: { minor: 90000, asked: 900 } };

async function ok(reply) {
  const answered = await reply;
  assert.equal(answered.status, 200, answered.text);
  return answered.json;
}

/** Another till of the same merchant asks for money at the rail; gives their id of the request. */
const kAsk = {
  async stripe({ client }, { STRIPE_SECRET_KEY }) {
    const intent = await ok(client.post_form('/v1/payment_intents', {
      'amount': kStranger.stripe.asked, 'currency': 'usd', 'confirm': 'true',
      'payment_method_types[0]': 'wechat_pay', 'payment_method_data[type]': 'wechat_pay',
      'metadata[till]': '2' }, { Authorization: `Bearer ${STRIPE_SECRET_KEY}` }));
    return intent.id;
  },
  async qpay({ client }, { QPAY_CLIENT_ID, QPAY_CLIENT_SECRET, QPAY_INVOICE_CODE }) {
    const login = Buffer.from(`${QPAY_CLIENT_ID}:${QPAY_CLIENT_SECRET}`).toString('base64');
    const { access_token } = await ok(client.post('/v2/auth/token', {},
      { Authorization: `Basic ${login}` }));
    const invoice = await ok(client.post('/v2/invoice', { invoice_code: QPAY_INVOICE_CODE,
      sender_invoice_no: 'TILL-2', invoice_receiver_code: 'terminal',
      invoice_description: 'Tea', amount: kStranger.qpay.asked,
      callback_url: 'http://127.0.0.1:9/nobody' }, { Authorization: `Bearer ${access_token}` }));
    return invoice.invoice_id;
  },
};

/** Starts it, and waits until the syncs of the start are over. */
async function started(t) {
  const street = await Street.start(t, kSlow);
  const admin = await street.shop.admin();
  for (const name of Object.keys(kAsk)) {
    await eventually(`the sync of the start is over at ${name}`, kPatienceMs, async () => {
      const { runs } = await ok(admin.get(`/api/admin/sync-runs?provider=${name}`));
      return runs[0]?.state === 'done';
    });
  }
  return { street, admin };
}

/** What the books hold of a rail's money, to the last column. */
async function money_of(shop, name) {
  return {
    settlements: await shop.sql(`SELECT * FROM settlements WHERE provider = '${name}' ORDER BY id`),
    listed: await shop.sql(`SELECT payment_ref, state, outcome, session_row, changed_at
      FROM provider_payments WHERE provider = '${name}' ORDER BY id`),
  };
}

test('S4.8 Stripe and QPay: what no notice told is pulled, once, and reconciled', async (t) => {
  const { street, admin } = await started(t);
  const { shop } = street;
  for (const [name, ask] of Object.entries(kAsk)) {
    await t.test(name, async () => {
      await not_at_midnight();
      const { minor, currency } = kRails[name];
      const order = await street.order(name);
      const mine = await street.pay(order);
      const their_ref = await ask(shop.bank, shop.settings);
      const theirs = await street.pay({ name, provider_ref: their_ref });
      assert.deepEqual(await street.standing(order), ['open', 'pending', 'reserved']);
      const pull = () => ok(admin.post('/api/payments/sync', { provider: name }));
      const first = await pull();
      assert.deepEqual([first.success, first.created, first.settled, first.unmatched, first.failed],
        [true, 2, 1, 1, 0], JSON.stringify(first));

      const detail = await shop.detail(order.order_id);
      assert.equal(detail.status, 'COMPLETED');
      const [settlement, ...more] = detail.settlements;
      assert.deepEqual(more, []);
      assert.deepEqual([settlement.provider_ref, settlement.amount_minor, settlement.outcome],
        [mine, minor, 'settled']);

      const day = new Date(settlement.paid_at).toISOString().slice(0, 10);
      const report = () => ok(admin.get(`/api/admin/reconciliation?provider=${name}&day=${day}`));
      const told = await report();
      const refs = (group) => group.payments.map(({ payment_ref }) => payment_ref);
      assert.equal(told.expected.count, 1);
      assert.deepEqual(refs(told.matched), [mine]);
      assert.deepEqual(refs(told.unmatched), [theirs]);
      for (const kind of ['missing', 'over', 'under', 'uncounted']) {
        assert.equal(told[kind].count, 0, `${kind}: ${JSON.stringify(told[kind])}`);
      }
      const minors = (group) => group.sums.map((sum) => [sum.currency, sum.amount_minor]);
      assert.deepEqual(minors(told.expected), [[currency, minor]]);
      assert.deepEqual(minors(told.matched), [[currency, minor]]);
      assert.deepEqual(minors(told.unmatched), [[currency, kStranger[name].minor]]);

      const strangers = await ok(admin.get(`/api/payments?matched=false&provider=${name}`));
      assert.deepEqual(refs(strangers), [theirs], 'staff see whose money fits nothing');
      assert.equal((await shop.provider(name)).never_matched, 1);

      const before = await money_of(shop, name);
      const again = await pull();
      assert.ok(again.fetched >= 2, 'it was told of both again');
      assert.deepEqual([again.created, again.updated, again.settled, again.unmatched],
        [0, 0, 0, 1], JSON.stringify(again));
      assert.deepEqual(await money_of(shop, name), before);
      assert.deepEqual(await report(), told);
      assert.equal((await shop.detail(order.order_id)).settlements.length, 1);
    });
  }
});
