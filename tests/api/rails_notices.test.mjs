/** N12 at every rail beside Bakong: what a notice says counts for nothing but a reason to ask. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { kPatienceMs, kRails, Street } from '../support/street.mjs';
import { eventually } from '../support/wait.mjs';

/** Questions by themselves would take hours: only a notice can be this quick. */
const kSlow = { QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000' };
const kHourS = 3_600;
/** Outcomes of notices about a payment that is counted. */
const kDone = ['paid', 'settled_before'];
const kAboveTheLimit = 300_000;
/** The sandbox tells everything twice, out of order, and a forger tells it too. */
const kLiars = { notice_lost_percent: 0, notice_twice_percent: 100, notice_forged_percent: 100,
  notice_jitter_ms: 200 };

function json_post(path, body, headers = {}) {
  return { method: 'POST', path, body,
    headers: { 'content-type': 'application/json', ...headers } };
}

function hmac(secret, message) {
  return createHmac('sha256', secret).update(message).digest('hex');
}

/** Signed bodies: what is sent, and what may be wrong with it. */
class Stripe {
  path = '/payments/stripe/webhook/';
  refusal = 400;

  constructor(settings) {
    this.secret = settings.STRIPE_WEBHOOK_SECRET;
  }

  event({ provider_ref, session_id }, id, more = {}) {
    return JSON.stringify({ id, object: 'event', livemode: false, created: 1,
      type: 'payment_intent.succeeded', data: { object: { id: provider_ref,
        object: 'payment_intent', status: 'succeeded', amount: 1250, amount_received: 1250,
        currency: 'usd', metadata: { quittance_session: session_id } } }, ...more });
  }

  send(body, { secret = this.secret, age_s = 0 } = {}) {
    const t = Math.floor(Date.now() / 1000) - age_s;
    return json_post(this.path, body,
      { 'stripe-signature': `t=${t},v1=${hmac(secret, `${t}.${body}`)}` });
  }

  lies(order) {
    const body = this.event(order, 'evt_lie');
    return {
      'unsigned': json_post(this.path, body),
      'with another secret': this.send(body, { secret: 'whsec_of_somebody_else' }),
      'changed after it was signed': { ...this.send(body), body: body.replace('1250', '9250') },
      'signed an hour ago': this.send(body, { age_s: kHourS }),
      'signed an hour ahead': this.send(body, { age_s: -kHourS }),
      'of live mode': this.send(this.event(order, 'evt_lie', { livemode: true })),
      'no event': this.send('{}'),
    };
  }

  oversized(order) {
    return this.send(this.event(order, 'evt_lie', { filler: 'x'.repeat(kAboveTheLimit) }));
  }

  claims(order) {
    return Array(3).fill(this.send(this.event(order, 'evt_claim')));
  }

  /** What somebody who heard it all can send later. */
  replays(order) {
    return this.claims(order);
  }
}

class Razorpay {
  path = '/payments/razorpay/webhook/';
  refusal = 400;

  constructor(settings) {
    this.secret = settings.RAZORPAY_WEBHOOK_SECRET;
  }

  /** With every slash escaped, as theirs are. */
  event({ provider_ref, session_id }, more = {}) {
    return JSON.stringify({ entity: 'event', event: 'qr_code.credited', created_at: 1, payload: {
      payment: { entity: { id: 'pay_00000000000000', entity: 'payment', status: 'captured',
        amount: 25000, currency: 'INR', description: 'a/b', notes: [] } },
      qr_code: { entity: { id: provider_ref, entity: 'qr_code',
        notes: { quittance_session: session_id } } } }, ...more }).replaceAll('/', '\\/');
  }

  send(body, id, secret = this.secret) {
    return json_post(this.path, body,
      { 'x-razorpay-signature': hmac(secret, body), 'x-razorpay-event-id': id });
  }

  lies(order) {
    const body = this.event(order);
    const signed = this.send(body, 'lie');
    return {
      'unsigned': json_post(this.path, body, { 'x-razorpay-event-id': 'lie' }),
      'with another secret': this.send(body, 'lie', 'of somebody else'),
      'changed after it was signed': { ...signed, body: body.replace('25000', '95000') },
      'read and written again': { ...signed, body: JSON.stringify(JSON.parse(body)) },
      'no event': this.send('{}', 'lie'),
      'no JSON': this.send('nonsense', 'lie'),
    };
  }

  oversized(order) {
    return this.send(this.event(order, { filler: 'x'.repeat(kAboveTheLimit) }), 'lie');
  }

  claims(order) {
    return Array(3).fill(this.send(this.event(order), 'claim'));
  }

  /** Their id of an event is in no signature: whoever heard it can give it another. */
  replays(order) {
    return [...this.claims(order), this.send(this.event(order), 'claim again')];
  }
}

/** Unsigned callbacks to an address that only the provider knows. Their sender learns nothing. */
class Callbacks {
  refusal = 200;

  /** The address of `order` with `params` in place of its own; null takes one away. */
  address(order, params = {}) {
    const url = new URL(order.callback_url);
    for (const [name, value] of Object.entries(params)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    return url.pathname + url.search;
  }

  wrong_addresses(order, other) {
    return {
      'with no token': this.address(order, { token: null }),
      'with another token': this.address(order, { token: '0'.repeat(64) }),
      'with the token of another session':
        this.address(order, { token: new URL(other.callback_url).searchParams.get('token') }),
      'with a token of nobody': this.address(order, { session: 'nobody' }),
    };
  }
}

class Qpay extends Callbacks {
  kind = 'invoice';
  id = 'invoice_id';

  send(path) {
    return { method: 'GET', path, headers: {}, body: null };
  }

  lies(order, other) {
    const lies = {};
    for (const [what, path] of Object.entries(this.wrong_addresses(order, other))) {
      lies[what] = this.send(`${path}&qpay_payment_id=1`);
      lies[`a POST ${what}`] = json_post(path, JSON.stringify({ payment_id: '1' }));
    }
    return { ...lies, 'with nothing': this.send('/api/qpay/callback'),
      'no JSON': json_post(this.address(order), 'nonsense') };
  }

  oversized(order) {
    return json_post(this.address(order), JSON.stringify({ filler: 'x'.repeat(kAboveTheLimit) }));
  }

  claims(order) {
    return Array(3).fill(this.send(this.address(order, { qpay_payment_id: '1' })));
  }

  replays(order) {
    return [...this.claims(order), this.send(this.address(order, { qpay_payment_id: '2' }))];
  }
}

class Mvola extends Callbacks {
  kind = 'push';
  id = 'server_correlation_id';

  send(path, body) {
    return { method: 'PUT', path, headers: { 'content-type': 'application/json' }, body };
  }

  body({ provider_ref }, more = {}) {
    return JSON.stringify({ transactionStatus: 'completed', serverCorrelationId: provider_ref,
      transactionReference: '1', ...more });
  }

  lies(order, other) {
    const lies = {};
    for (const [what, path] of Object.entries(this.wrong_addresses(order, other))) {
      lies[what] = this.send(path, this.body(order));
    }
    return { ...lies, 'no JSON': this.send(this.address(order), 'nonsense'),
      'about nothing': this.send(this.address(order), '{}') };
  }

  oversized(order) {
    return this.send(this.address(order),
      this.body(order, { filler: 'x'.repeat(kAboveTheLimit) }));
  }

  /** A token that got lost on the way leaves a hint, by an id that only MVola and we know. */
  claims(order) {
    return [...Array(2).fill(this.send(this.address(order), this.body(order))),
      this.send(this.address(order, { session: null, token: null }), this.body(order))];
  }

  replays(order) {
    return [...this.claims(order),
      this.send(this.address(order), this.body(order, { transactionStatus: 'Completed' }))];
  }
}

const kDoors = { stripe: Stripe, razorpay: Razorpay, qpay: Qpay, mvola: Mvola };

/** An order with what its provider was told of it. */
async function ordered(street, name, { kind, id }) {
  const order = await street.order(name);
  if (!kind) return { ...order, session_id: (await street.row_of(order)).session_id };
  const { json } =
    await street.shop.bank.client.get(`/control/rails/${name}/objects?kind=${kind}`);
  const object = json.objects.find((one) => one[id] === order.provider_ref);
  return { ...order, callback_url: object.callback_url };
}

function send(door, { method, path, headers, body }) {
  return door.sender.send(method, path, { headers, body });
}

function kept(street, name) {
  return street.shop.sql(
    `SELECT notice_id, outcome, attempts FROM notices WHERE provider = '${name}' ORDER BY id`);
}

async function assert_believed_by_nobody(street, door, order, other) {
  const { name } = order;
  for (const [what, lie] of Object.entries(door.lies(order, other))) {
    const { status, text } = await send(door, lie);
    assert.equal(status, door.refusal, `${name} ${what}: ${text}`);
  }
  assert.equal((await send(door, door.oversized(order))).status, 413, name);
  assert.deepEqual(await kept(street, name), [], 'none of them is kept');
}

/** Of the right form, and no money behind it: kept once, and the provider knows of nothing. */
async function claimed_in_vain(street, door, order) {
  const { name } = order;
  for (const claim of door.claims(order)) {
    const { status, text } = await send(door, claim);
    assert.equal(status, 200, `${name}: ${text}`);
  }
  await eventually(`${name}: the claim is worked off`, kPatienceMs,
    async () => (await kept(street, name))[0]?.outcome === 'not_yet');
  assert.equal((await kept(street, name)).length, 1, name);
  assert.deepEqual(await street.standing(order), ['open', 'pending', 'reserved'], name);
}

/** All that was heard is told again, when it was long counted. */
async function replayed(street, door, order, before) {
  const { name } = order;
  for (const replay of door.replays(order)) {
    const { status, text } = await send(door, replay);
    assert.equal(status, 200, `${name}: ${text}`);
  }
  await eventually(`${name}: everything is worked off`, kPatienceMs, async () =>
    (await kept(street, name)).every(({ outcome }) => kDone.includes(outcome)));
  assert.deepEqual(await street.shop.stock(kRails[name].product_id),
    { stock: before.stock - 1, reserved: before.reserved - 1 }, name);
}

/** The sandbox's own notices have come; the forged among them heard what the lies heard. */
async function sandbox_has_told(street, door, name) {
  const sent = await eventually(`${name}: all that there is to tell is told`, kPatienceMs,
    async () => {
      const { json } = await street.shop.bank.client.get(`/control/rails/${name}/notices`);
      // What was made before is lost.
      const sent = json.notices.filter(({ state }) => state !== 'lost');
      // One that met a busy door is told again.
      return sent.length >= 3 && sent.every(({ last_status }) => last_status > 0) && sent;
    });
  const forged = sent.filter((notice) => notice.forged);
  assert.ok(forged.length > 0, name);
  assert.ok(forged.every(({ last_status }) => last_status === door.refusal), name);
}

async function live_through(street, name) {
  const door = new kDoors[name](street.shop.settings);
  door.sender = street.shop.visitor();
  const [order, other] = [await ordered(street, name, door), await ordered(street, name, door)];
  const before = await street.shop.stock(kRails[name].product_id);
  await assert_believed_by_nobody(street, door, order, other);
  await claimed_in_vain(street, door, order);
  assert.deepEqual(await street.shop.stock(kRails[name].product_id), before, name);

  if (door.path) {
    await street.control(name, 'settings', { notice_url: street.shop.url + door.path });
  }
  await street.faults(name, kLiars);
  await street.pay(order);
  await street.found(order);
  await sandbox_has_told(street, door, name);
  await replayed(street, door, order, before);
  const { queries } = await street.shop.detail(order.order_id);
  assert.ok(queries.every(({ source }) => source === 'notice'), 'nothing else asked');
  assert.deepEqual(await street.standing(other), ['open', 'pending', 'reserved'], name);
}

test('N12 forged, replayed, old and oversized notices of every rail move nothing', async (t) => {
  const street = await Street.start(t, kSlow);
  await street.at_each((name) => live_through(street, name));
  assert.deepEqual(await street.counted(), street.each_once());
});
