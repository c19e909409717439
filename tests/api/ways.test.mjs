/** The ways of paying over the API: what is offered, what is refused, two sessions of one order. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client } from '../support/client.mjs';
import { Demo } from '../support/demo.mjs';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

/** A product of the demo in each currency. */
const kProduct = { USD: 3, KHR: 9, MNT: 10, MGA: 11, INR: 12 };

function visitor(t, demo) {
  const client = new Client(demo.url);
  t.after(() => client.close());
  return client;
}

function place(client, product_id, payment_method, more = {}) {
  return client.post('/api/orders',
    { items: [{ product_id, quantity: 1 }], payment_method, ...more });
}

test('what is set up is what is offered', async (t) => {
  const demo = await Demo.start(t);
  const { json } = await demo.client.get('/api/payment/methods');
  assert.deepEqual(json.methods.map(({ payment_method, provider, currencies, rings_phone }) =>
    [payment_method, provider, currencies, rings_phone]), [
    ['khqr', 'bakong', ['USD', 'KHR'], false],
    ['stripe', 'stripe', ['INR', 'USD'], false],
    ['razorpay', 'razorpay', ['INR'], false],
    ['qpay', 'qpay', ['MNT'], false],
    ['mvola', 'mvola', ['MGA'], true],
    ['cash', 'cash', null, false],
  ]);
  const shop = await Shop.start(t);
  const { json: alone } = await shop.visitor().get('/api/payment/methods');
  assert.deepEqual(alone.methods.map((one) => one.payment_method), ['khqr']);
});

test('an order goes to the provider that was chosen, or nowhere', async (t) => {
  const demo = await Demo.start(t);
  const before = await demo.sql('SELECT id, reserved FROM products ORDER BY id');

  await t.test('refused before anything is written', async () => {
    for (const [currency, method, more, param] of [
      ['USD', 'qpay', {}, 'payment_method'],
      ['MNT', 'khqr', {}, 'payment_method'],
      ['KHR', 'stripe', {}, 'payment_method'],
      ['USD', 'barter', {}, 'payment_method'],
      ['USD', 'bakong', {}, 'payment_method'],
      ['MGA', 'mvola', {}, 'payer_phone'],
      ['MGA', 'mvola', { payer_phone: '' }, 'payer_phone'],
      ['MGA', 'mvola', { payer_phone: 'call me' }, 'payer_phone'],
      ['MGA', 'mvola', { payer_phone: '0'.repeat(21) }, 'payer_phone'],
    ]) {
      const refused = await place(visitor(t, demo), kProduct[currency], method, more);
      assert.deepEqual([refused.status, refused.json.error.param], [400, param],
        `${currency} by ${method}`);
    }
    assert.deepEqual(await demo.sql('SELECT id, reserved FROM products ORDER BY id'), before);
    assert.deepEqual(await demo.sql('SELECT id FROM orders'), []);
  });

  await t.test('each by its own', async () => {
    for (const [currency, method, provider, more] of [
      ['USD', 'khqr', 'bakong', {}],
      ['USD', 'stripe', 'stripe', {}],
      ['INR', 'razorpay', 'razorpay', {}],
      ['MNT', 'qpay', 'qpay', {}],
      ['MGA', 'mvola', 'mvola', { payer_phone: '034 35 000 03' }],
      ['KHR', 'cash', 'cash', {}],
    ]) {
      const placed = await place(visitor(t, demo), kProduct[currency], method, more);
      assert.equal(placed.status, 201, placed.text);
      const id = placed.json.order_id;
      assert.deepEqual(await demo.sql(`SELECT o.payment_method, s.provider, s.status
        FROM orders o JOIN payment_sessions s ON s.order_id = o.id WHERE o.id = ${id}`),
      [{ payment_method: method, provider, status: 'open' }]);
    }
  });
});

test('law 5 C33 two ways of one order: the first counts, the second is excess', async (t) => {
  const demo = await Demo.start(t, { QUITTANCE_TICK_MS: '100' });
  const client = visitor(t, demo);
  const placed = await place(client, kProduct.INR, 'razorpay');
  assert.equal(placed.status, 201, placed.text);
  const id = placed.json.order_id;
  await client.who();
  const chosen = await client.post_form(`/payment/ways?order_id=${id}`,
    { payment_method: 'stripe', csrf_token: client.csrf_token });
  assert.equal(chosen.status, 303, chosen.text);
  const sessions = await demo.sql(
    `SELECT session_id, provider, provider_ref FROM payment_sessions WHERE order_id = ${id}
     ORDER BY id`);
  assert.deepEqual(sessions.map((one) => one.provider), ['razorpay', 'stripe']);
  assert.equal(chosen.headers.location,
    `/checkout?order_id=${id}&session=${sessions[1].session_id}`);
  const again = await client.post_form(`/payment/ways?order_id=${id}`,
    { payment_method: 'stripe', csrf_token: client.csrf_token });
  assert.equal(again.headers.location, chosen.headers.location, 'the same one again');

  const act = (rail, ref) =>
    demo.bank.client.post(`/control/rails/${rail}/act`, { ref, choice: 'pay' });
  assert.equal((await act('razorpay', sessions[0].provider_ref)).status, 200);
  await eventually('the order is completed', kPatienceMs, async () =>
    (await client.get(`/api/orders/${id}/status`)).json.status === 'COMPLETED');
  assert.equal((await act('stripe', sessions[1].provider_ref)).status, 200);
  await eventually('the second is counted as excess', kPatienceMs, async () =>
    (await demo.sql(`SELECT id FROM settlements WHERE order_id = ${id}`)).length === 2);
  const money = await demo.sql(`SELECT provider, counted_minor, excess_minor FROM settlements
    WHERE order_id = ${id} ORDER BY id`);
  assert.deepEqual(money.map(({ provider, counted_minor, excess_minor }) =>
    [provider, Number(counted_minor), Number(excess_minor)]),
  [['razorpay', 1_499_900, 0], ['stripe', 0, 1_499_900]]);
  assert.equal(Number((await demo.stock(kProduct.INR)).stock), 17, 'sold once');
});

/** A visitor who ordered in ariary, and how they ask another number. */
async function rung(t, demo, payer_phone) {
  const client = visitor(t, demo);
  const placed = await place(client, kProduct.MGA, 'mvola', { payer_phone });
  assert.equal(placed.status, 201, placed.text);
  await client.who();
  const id = placed.json.order_id;
  return { client, id,
    choose: (phone) => client.post_form(`/payment/ways?order_id=${id}`,
      { payment_method: 'mvola', payer_phone: phone, csrf_token: client.csrf_token }),
    sessions: () => demo.sql(`SELECT session_id, status, provider_ref FROM payment_sessions
      WHERE order_id = ${id} ORDER BY id`) };
}

function approve(demo, { provider_ref }) {
  return demo.bank.client.post('/control/rails/mvola/act',
    { ref: provider_ref, choice: 'approve' });
}

test('law 5 a mistyped number is followed by another; both stay honoured', async (t) => {
  const demo = await Demo.start(t, { QUITTANCE_TICK_MS: '100' });
  const order = await rung(t, demo, '034 35 000 03');
  const page = (await order.client.get(`/checkout?order_id=${order.id}`)).text;
  assert.match(page, /…0003/, 'the page shows which phone is asked');
  assert.doesNotMatch(page, /034 35 000|3435000/, 'and not its whole number');
  assert.match(page, /data-i18n="other_number"/);

  const same = await order.choose('+261 34 35 000 03');
  assert.equal(same.status, 303, same.text);
  const [first, ...none] = await order.sessions();
  assert.deepEqual(none, [], 'it rings already');
  assert.match(same.headers.location, new RegExp(`&session=${first.session_id}$`));

  const other = await order.choose('0343500005');
  assert.equal(other.status, 303, other.text);
  const [wrong, right] = await order.sessions();
  assert.match(other.headers.location, new RegExp(`&session=${right.session_id}$`));
  const shown = (await order.client.get(other.headers.location)).text;
  assert.match(shown, /…0005/);
  assert.doesNotMatch(shown, /…0003/);
  assert.equal((await demo.bank.client.get('/control/rails/mvola/objects?kind=push')).json
    .objects.length, 2);

  assert.equal((await approve(demo, right)).status, 200);
  await eventually('the order is completed', kPatienceMs, async () =>
    (await order.client.get(`/api/orders/${order.id}/status`)).json.status === 'COMPLETED');
  assert.equal((await approve(demo, wrong)).status, 200);
  await eventually('the stranger’s money is excess', kPatienceMs, async () =>
    (await demo.sql(`SELECT id FROM settlements WHERE order_id = ${order.id}`)).length === 2);
  const money = await demo.sql(`SELECT counted_minor, excess_minor FROM settlements
    WHERE order_id = ${order.id} ORDER BY id`);
  const [{ total_minor }] = await demo.sql(
    `SELECT total_minor FROM orders WHERE id = ${order.id}`);
  const total = Number(total_minor);
  assert.deepEqual(money.map((one) => [Number(one.counted_minor), Number(one.excess_minor)]),
    [[total, 0], [0, total]]);
});

test('law 5 which number a request is on is known after a restart', async (t) => {
  const demo = await Demo.start(t);
  // The answer to the push is lost: nothing but the number tells this request from another.
  await demo.bank.client.post('/control/rails/mvola/faults', { garbage_percent: 100 });
  const order = await rung(t, demo, '0343500003');
  assert.deepEqual((await order.sessions()).map((one) => one.provider_ref), [null]);
  await demo.process.stop();
  await demo.start_process();
  order.client.base_url = demo.url;
  const other = await order.choose('0343500005');
  assert.equal(other.status, 303, other.text);
  const sessions = await order.sessions();
  assert.equal(sessions.length, 2);
  assert.equal(sessions[0].provider_ref, null, 'the first stays on the first phone');
  const again = await order.choose('034 35 000 03');
  assert.equal(again.status, 303, again.text);
  const [first, ...others] = await order.sessions();
  assert.equal(others.length, 2, 'the push whose answer was lost may ring all the same');
  assert.deepEqual([first.session_id, first.provider_ref], [sessions[0].session_id, null]);
});

test('law 9 a phone is rung three times in ten minutes, an order rings five phones', async (t) => {
  const demo = await Demo.start(t);
  const order = await rung(t, demo, '0340000001');
  for (const last of [2, 3, 4, 5]) {
    assert.equal((await order.choose(`034000000${last}`)).status, 303);
  }
  const many = await order.choose('0340000006');
  assert.equal(many.status, 429);
  assert.match(many.text, /id="problem"/);
  assert.equal((await order.sessions()).length, 5);

  for (const _ of [2, 3]) await rung(t, demo, '+261 34 00 000 01');
  const client = visitor(t, demo);
  const refused = await place(client, kProduct.MGA, 'mvola', { payer_phone: '0340000001' });
  assert.deepEqual([refused.status, refused.json.error.code, refused.json.error.param],
    [429, 'rate_limited', 'payer_phone']);
  assert.equal(refused.headers['retry-after'], '600');
  assert.equal((await demo.sql('SELECT id FROM orders')).length, 3);
  const elsewhere = await place(client, kProduct.MGA, 'cash');
  assert.equal(elsewhere.status, 201, elsewhere.text);
});

test('the page of the ways takes no post of another site or without its token', async (t) => {
  const demo = await Demo.start(t);
  const client = visitor(t, demo);
  const { json } = await place(client, kProduct.USD, 'khqr');
  const at = `/payment/ways?order_id=${json.order_id}`;
  const form = { payment_method: 'stripe' };
  assert.equal((await client.post_form(at, form)).status, 403);
  await client.who();
  const cross = await client.post_form(at, { ...form, csrf_token: client.csrf_token },
    { 'sec-fetch-site': 'cross-site' });
  assert.equal(cross.status, 403);
  const stranger = visitor(t, demo);
  assert.equal((await stranger.post_form(at, form)).status, 404);
  const holder = await stranger.post_form(`${at}&secret=${json.order_secret}`, form);
  assert.equal(holder.status, 303, holder.text);
  assert.match(holder.headers.location, /&secret=\w+&session=/);
});

test('a picture of a provider is let in from its own address, on that page alone', async (t) => {
  const demo = await Demo.start(t);
  const client = visitor(t, demo);
  const razorpay = await place(client, kProduct.INR, 'razorpay');
  const policy = async (path) => (await client.get(path)).headers['content-security-policy'];
  const shown = await policy(`/checkout?order_id=${razorpay.json.order_id}`);
  assert.match(shown, new RegExp(`img-src 'self' data: ${demo.bank_url};`));
  assert.doesNotMatch(await policy('/'), /http:/);
  const khqr = await place(client, kProduct.USD, 'khqr');
  assert.equal(await policy(`/checkout?order_id=${khqr.json.order_id}`), await policy('/'));
});
