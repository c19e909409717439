/** N12 end to end: the sandbox's notices reach the real server and settle; lies do nothing. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kStripeSecret = 'whsec_of_this_test';
const kRazorpaySecret = 'the razorpay secret of this test';
const kRazorpayKey = `Basic ${Buffer.from('rzp_test_notices:its key').toString('base64')}`;
/** Questions by themselves would take hours: only a notice can be this quick. */
const kSlow = {
  QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000',
  STRIPE_WEBHOOK_SECRET: kStripeSecret,
  RAZORPAY_KEY_ID: 'rzp_test_notices',
  RAZORPAY_KEY_SECRET: 'its key',
  RAZORPAY_WEBHOOK_SECRET: kRazorpaySecret,
  QUITTANCE_TICK_MS: '1000000',
};

async function staff_of(demo) {
  const reply = await demo.client.post('/api/auth/login',
    { username: 'admin', password: kAdminPassword });
  assert.equal(reply.status, 200, reply.text);
  return { Authorization: `Bearer ${reply.json.access_token}` };
}

async function ask(demo, staff, provider, currency, amount) {
  const reply = await demo.client.post('/api/payment/create-session',
    { provider, currency, amount, reference_id: `${provider}-${amount}` }, staff);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

async function rail(demo, name, what, body) {
  const reply = await demo.bank.client.post(`/control/rails/${name}/${what}`, body);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

/** The ref at the sandbox of the request that waits with this title. */
async function waiting(demo, name, session) {
  const { json } = await demo.bank.client.get(`/control/rails/${name}/waiting`);
  const found = json.waiting.find(({ title }) => title === session.bill_number);
  assert.ok(found, `${session.bill_number} among ${JSON.stringify(json)}`);
  return found.ref;
}

async function status_of(demo, session) {
  const rows = await demo.sql(`SELECT status FROM payment_sessions
    WHERE session_id = '${session.session_id}'`);
  return rows[0].status;
}

function settled(demo, session) {
  return eventually(`${session.bill_number} is settled`, kPatienceMs,
    async () => await status_of(demo, session) === 'settled');
}

function signed(body, { secret = kStripeSecret, t = Math.floor(Date.now() / 1000) } = {}) {
  const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  return { 'Content-Type': 'application/json', 'Stripe-Signature': `t=${t},v1=${v1}` };
}

test('N12 S3.30 a notice settles what it is about, and its replay does nothing', async (t) => {
  const demo = await Demo.start(t, kSlow);
  const staff = await staff_of(demo);
  const card = await ask(demo, staff, 'stripe', 'USD', 12.5);
  assert.match(card.qr_data, /STRIPE-SANDBOX|http/);
  await rail(demo, 'stripe', 'faults', { notice_twice_percent: 100, notice_forged_percent: 100 });
  await rail(demo, 'stripe', 'act', { ref: await waiting(demo, 'stripe', card), choice: 'pay' });
  await settled(demo, card);
  const upi = await ask(demo, staff, 'razorpay', 'INR', 250);
  assert.ok(upi.picture.endsWith('.png'));
  await rail(demo, 'razorpay', 'faults',
    { notice_twice_percent: 100, notice_forged_percent: 100, notice_jitter_ms: 300 });
  await rail(demo, 'razorpay', 'act',
    { ref: await waiting(demo, 'razorpay', upi), choice: 'fail_then_pay' });
  await settled(demo, upi);
  const counted = await demo.sql('SELECT provider, counted_minor FROM settlements ORDER BY id');
  assert.deepEqual(counted.map(({ provider, counted_minor }) => [provider, counted_minor]),
    [['stripe', 1250], ['razorpay', 25000]]);
  const kept = await demo.sql(
    'SELECT provider, notice_id, COUNT(*) AS n FROM notices GROUP BY 1, 2');
  assert.ok(kept.every(({ n }) => n === 1), 'each is kept once');
});

test('N12 forged, replayed, ancient, future and oversized notices do nothing', async (t) => {
  const demo = await Demo.start(t, kSlow);
  const staff = await staff_of(demo);
  const session = await ask(demo, staff, 'stripe', 'USD', 20);
  const ref = await waiting(demo, 'stripe', session);
  const lie = (id, more = {}) => JSON.stringify({ id, object: 'event', livemode: false,
    type: 'payment_intent.succeeded', created: 1, data: { object: { id: ref,
      object: 'payment_intent', status: 'succeeded', amount: 2000, amount_received: 2000,
      currency: 'usd', metadata: { quittance_session: session.session_id } } }, ...more });
  const post = (body, headers) =>
    demo.client.send('POST', '/payments/stripe/webhook/', { body, headers });
  const now = Math.floor(Date.now() / 1000);
  for (const [name, body, headers] of [
    ['unsigned', lie('evt_a'), { 'Content-Type': 'application/json' }],
    ['with another secret', lie('evt_b'), signed(lie('evt_b'), { secret: 'whsec_other' })],
    ['changed after it was signed', lie('evt_c', { extra: 1 }), signed(lie('evt_c'))],
    ['ancient', lie('evt_d'), signed(lie('evt_d'), { t: now - 3600 })],
    ['from the future', lie('evt_e'), signed(lie('evt_e'), { t: now + 3600 })],
    ['no event', '{}', signed('{}')],
    ['no JSON', 'nonsense', signed('nonsense')],
    ['of live mode', lie('evt_f', { livemode: true }), signed(lie('evt_f', { livemode: true }))],
  ]) {
    const reply = await post(body, headers);
    assert.equal(reply.status, 400, `${name}: ${reply.text}`);
  }
  const large = lie('evt_g', { filler: 'x'.repeat(300_000) });
  const reply = await post(large, signed(large));
  assert.equal(reply.status, 413, 'oversized');
  const kept = await demo.sql(`SELECT notice_id FROM notices WHERE notice_id LIKE 'evt__'`);
  assert.deepEqual(kept, [], 'none of them is kept');

  // Truly signed, and still a lie: the provider is asked, and knows of no money.
  for (let i = 0; i < 3; ++i) {
    const told = await post(lie('evt_true'), signed(lie('evt_true')));
    assert.equal(told.status, 200, told.text);
  }
  await eventually('it is processed', kPatienceMs, async () => {
    const [row] = await demo.sql(`SELECT outcome FROM notices WHERE notice_id = 'evt_true'`);
    return row?.outcome === 'not_yet';
  });
  assert.equal(await status_of(demo, session), 'open');
});

test('N4 money that goes back at the provider goes back in the books', async (t) => {
  const demo = await Demo.start(t, kSlow);
  const staff = await staff_of(demo);
  const session = await ask(demo, staff, 'razorpay', 'INR', 300);
  const payment = await rail(demo, 'razorpay', 'act',
    { ref: await waiting(demo, 'razorpay', session), choice: 'pay' });
  await settled(demo, session);
  const refunded = await demo.bank.client.send('POST', `/v1/payments/${payment.id}/refund`, {
    body: JSON.stringify({ amount: 10_000 }),
    headers: { 'Content-Type': 'application/json', Authorization: kRazorpayKey } });
  assert.equal(refunded.status, 200, refunded.text);
  await eventually('the refund is in the books', kPatienceMs, async () => {
    const rows = await demo.sql(
      'SELECT kind, from_counted_minor + from_excess_minor AS n FROM refunds');
    return rows.length === 1 && rows[0].kind === 'refund' && rows[0].n === 10_000;
  });
});
