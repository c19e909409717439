/** Stripe's own client for Node, pointed at the sandbox: it notices no difference. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { Client } from '../support/client.mjs';
import { Process, remove_folder, temporary_folder } from '../support/program.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kKey = 'sk_test_official_client';
const kSecrets = ['whsec_new_one', 'whsec_old_one'];

let folder;
let sandbox;
let control;
let stripe;
/** What came in by HTTP, to the byte. */
const notices = [];
let door;

async function rail(what, body) {
  const reply = await control.post(`/control/rails/stripe/${what}`, body);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

before(async () => {
  door = createServer((request, response) => {
    const parts = [];
    request.on('data', (bytes) => parts.push(bytes));
    request.on('end', () => {
      notices.push({ header: request.headers['stripe-signature'], body: Buffer.concat(parts) });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  door.unref();
  await new Promise((resolve) => door.once('listening', resolve));
  folder = await temporary_folder();
  sandbox = await Process.start(['sandbox', '--sandbox-port', '0', '--data', folder],
    { STRIPE_SECRET_KEY: kKey, STRIPE_WEBHOOK_SECRET: kSecrets.join(','),
      QUITTANCE_PUBLIC_URL: `http://127.0.0.1:${door.address().port}` });
  control = new Client(sandbox.url);
  const { hostname, port } = new URL(sandbox.url);
  stripe = new Stripe(kKey, { host: hostname, port, protocol: 'http', telemetry: false });
});

after(async () => {
  control?.close();
  await sandbox?.stop();
  door?.close();
  if (folder) await remove_folder(folder);
});

test('creates, retrieves, updates and cancels a PaymentIntent', async () => {
  const made = await stripe.paymentIntents.create({
    amount: 1099, currency: 'usd', metadata: { order_id: '42', note: 'a b&c=d' },
    automatic_payment_methods: { enabled: true } });
  assert.match(made.id, /^pi_[0-9A-Za-z]{24}$/);
  assert.equal(made.status, 'requires_payment_method');
  assert.equal(made.metadata.note, 'a b&c=d');
  const read = await stripe.paymentIntents.retrieve(made.id);
  assert.deepEqual({ ...read, lastResponse: undefined }, { ...made, lastResponse: undefined });
  const updated = await stripe.paymentIntents.update(made.id, { metadata: { more: 'yes' } });
  assert.deepEqual({ ...updated.metadata }, { order_id: '42', note: 'a b&c=d', more: 'yes' });
  const canceled = await stripe.paymentIntents.cancel(made.id,
    { cancellation_reason: 'abandoned' });
  assert.equal(canceled.status, 'canceled');
  assert.equal(canceled.cancellation_reason, 'abandoned');
  await assert.rejects(stripe.paymentIntents.cancel(made.id), (error) => {
    assert.equal(error.type, 'StripeInvalidRequestError');
    assert.equal(error.code, 'payment_intent_unexpected_state');
    assert.match(error.message, /requires_payment_method/);
    return true;
  });
});

test('its classes of errors', async () => {
  await assert.rejects(stripe.paymentIntents.retrieve('pi_none'), (error) => {
    assert.equal(error.type, 'StripeInvalidRequestError');
    assert.equal(error.statusCode, 404);
    assert.equal(error.code, 'resource_missing');
    return true;
  });
  await assert.rejects(
    stripe.paymentIntents.create({ amount: 1099, currency: 'usd', confirm: true,
      payment_method: 'pm_card_chargeDeclined' }),
    (error) => {
      assert.equal(error.type, 'StripeCardError');
      assert.equal(error.decline_code, 'generic_decline');
      assert.equal(error.payment_intent.status, 'requires_payment_method');
      return true;
    });
  const { hostname, port } = new URL(sandbox.url);
  const stranger = new Stripe('sk_test_stranger', { host: hostname, port, protocol: 'http' });
  await assert.rejects(stranger.paymentIntents.list(), { type: 'StripeAuthenticationError' });
  await assert.rejects(
    stripe.paymentIntents.create({ amount: 1, currency: 'usd' },
      { idempotencyKey: 'k-1' }), { code: 'amount_too_small' });
  await stripe.paymentIntents.create({ amount: 500, currency: 'usd' }, { idempotencyKey: 'k-2' });
  await assert.rejects(
    stripe.paymentIntents.create({ amount: 501, currency: 'usd' }, { idempotencyKey: 'k-2' }),
    { type: 'StripeIdempotencyError' });
});

test('lists with its own paging, forwards and backwards', async () => {
  const ids = [];
  for (let i = 0; i < 23; ++i) {
    ids.push((await stripe.paymentIntents.create({ amount: 1000 + i, currency: 'sgd' })).id);
  }
  const seen = [];
  for await (const intent of stripe.paymentIntents.list({ limit: 5 })) {
    if (intent.currency === 'sgd') seen.push(intent.id);
  }
  assert.deepEqual(seen, [...ids].reverse());
  const later = [];
  for await (const intent of stripe.paymentIntents.list({ limit: 5, ending_before: ids[3] })) {
    later.push(intent.id);
  }
  assert.deepEqual(later, ids.slice(4));
});

test('a code that is scanned and paid, then paid back in parts', async () => {
  const made = await stripe.paymentIntents.create({
    amount: 25000, currency: 'inr', confirm: true, payment_method_types: ['upi'],
    payment_method_data: { type: 'upi' }, return_url: 'https://shop.example/back' });
  assert.equal(made.status, 'requires_action');
  const action = made.next_action[made.next_action.type];
  assert.ok(action.qr_code.image_url_png.endsWith('.png'));
  const picture = await fetch(action.qr_code.image_url_png);
  assert.equal(picture.headers.get('content-type'), 'image/png');
  await rail('act', { ref: made.id, choice: 'pay' });
  const paid = await stripe.paymentIntents.retrieve(made.id, { expand: ['latest_charge'] });
  assert.equal(paid.status, 'succeeded');
  assert.equal(paid.amount_received, 25000);
  assert.equal(paid.latest_charge.object, 'charge');

  const part = await stripe.refunds.create({ payment_intent: made.id, amount: 10000 });
  assert.equal(part.status, 'succeeded');
  await stripe.refunds.create({ payment_intent: made.id });
  const charge = await stripe.charges.retrieve(paid.latest_charge.id);
  assert.equal(charge.amount_refunded, 25000);
  assert.equal(charge.refunded, true);
  await assert.rejects(stripe.refunds.create({ payment_intent: made.id }),
    { code: 'charge_already_refunded' });
  const refunds = await stripe.refunds.list({ payment_intent: made.id });
  assert.deepEqual(refunds.data.map((refund) => refund.amount), [15000, 10000]);
});

test('a payment that is disputed, and won', async () => {
  const made = await stripe.paymentIntents.create({ amount: 2000, currency: 'usd', confirm: true,
    payment_method: 'pm_card_visa', return_url: 'https://shop.example/back' });
  assert.equal(made.status, 'succeeded');
  await rail('act', { ref: made.id, choice: 'dispute' });
  const { data: [dispute] } = await stripe.disputes.list({ payment_intent: made.id });
  assert.deepEqual([dispute.amount, dispute.status, dispute.is_charge_refundable],
    [2000, 'needs_response', false]);
  assert.equal((await stripe.charges.retrieve(dispute.charge)).disputed, true);
  await assert.rejects(stripe.refunds.create({ payment_intent: made.id }),
    { code: 'charge_disputed' });
  await rail('act', { ref: made.id, choice: 'win' });
  assert.equal((await stripe.disputes.retrieve(dispute.id)).status, 'won');
});

test('constructEvent accepts what comes, under each secret, and nothing that was changed',
  async () => {
    notices.length = 0;
    const made = await stripe.paymentIntents.create({ amount: 1500, currency: 'mga',
      confirm: true, payment_method: 'pm_card_visa' });
    const ours = () => notices.filter(({ body }) => body.includes(made.id));
    await eventually('three notices', kPatienceMs, () => ours().length >= 3);
    for (const { body, header } of ours()) {
      for (const secret of kSecrets) {
        const event = stripe.webhooks.constructEvent(body, header, secret);
        assert.equal(event.object, 'event');
      }
      assert.throws(() => stripe.webhooks.constructEvent(body, header, 'whsec_wrong'),
        /signature/i);
      assert.throws(() => stripe.webhooks.constructEvent(JSON.stringify(JSON.parse(body)), header,
        kSecrets[0]), /signature/i, 'a body that was written anew is not what was signed');
    }
    const types = ours().map(({ body }) => JSON.parse(body).type).sort();
    assert.deepEqual(types,
      ['charge.succeeded', 'payment_intent.created', 'payment_intent.succeeded']);
    const missed = [];
    for await (const event of stripe.events.list({ types: ['payment_intent.succeeded'] })) {
      missed.push(event.data.object.id);
    }
    assert.ok(missed.includes(made.id), 'who missed it finds it in the list');
  });

test('its retries get through a storm without a second payment', async () => {
  await rail('faults', { server_error_percent: 50 });
  try {
    const patient = new Stripe(kKey, { host: new URL(sandbox.url).hostname,
      port: new URL(sandbox.url).port, protocol: 'http', maxNetworkRetries: 2 });
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((i) =>
      patient.paymentIntents.create({ amount: 7000 + i, currency: 'usd' })));
    const intents = [];
    await rail('faults', { server_error_percent: 0 });
    for await (const intent of stripe.paymentIntents.list({ limit: 100 })) intents.push(intent);
    for (const [i, outcome] of outcomes.entries()) {
      const made = intents.filter((intent) => intent.amount === 7001 + i);
      assert.equal(made.length, 1, `one for its key, ${outcome.status}`);
    }
  } finally {
    await rail('faults', { server_error_percent: 0 });
  }
});
