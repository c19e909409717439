/** Money that does not fit, codes that do not match, orders that are somebody else's. */
import assert from 'node:assert/strict';
import test from 'node:test';
import khqr from 'bakong-khqr';
import { run } from '../support/program.mjs';
import { Shop } from '../support/shop.mjs';

const kKeyboard = 2;
const kMouse = 3;

function without_request_id(text) {
  return text.replace(/req_[0-9a-f]+/g, 'req');
}

/** Asks the bank about an order as staff do, and gives the reply with the order's detail. */
async function verified(shop, order) {
  const reply = await (await shop.admin()).post('/api/payment/verify-instantly',
    { order_id: order.order_id });
  assert.equal(reply.status, 200, reply.text);
  return { ...reply.json, detail: await shop.detail(order.order_id) };
}

test('N13 T0.8 money that does not fit', async (t) => {
  const shop = await Shop.start(t);
  const before = await shop.stock(kMouse);

  async function refused(order, outcome) {
    const { status, detail } = await verified(shop, order);
    assert.equal(status, 'pending');
    assert.equal(detail.status, 'PENDING');
    assert.equal(detail.paid_minor, 0);
    assert.deepEqual(detail.settlements, []);
    assert.deepEqual(detail.approvals, []);
    assert.equal(detail.pass, null);
    assert.deepEqual(detail.evidence.map((one) => one.outcome), [outcome]);
    const entry = detail.audit.find((one) => one.action === 'evidence.refused');
    assert.equal(entry.details.outcome, outcome);
    assert.equal((await verified(shop, order)).detail.evidence.length, 1, 'seen twice, kept once');
  }

  await t.test('another currency', async () => {
    const order = await shop.order(shop.visitor());
    await shop.bank.set_faults({ other_currency: true });
    await shop.bank.pay(order.session.qr_data);
    await refused(order, 'currency_mismatch');
  });

  await t.test('another receiver', async () => {
    const order = await shop.order(shop.visitor());
    await shop.bank.set_faults({ other_receiver: true });
    await shop.bank.pay(order.session.qr_data);
    await refused(order, 'receiver_mismatch');
  });

  await t.test('a transfer that failed or was given back is no payment', async () => {
    const orders = {};
    for (const status of ['failed', 'refunded']) {
      const order = await shop.order(shop.visitor());
      await shop.bank.pay(order.session.qr_data, { status });
      const first = await verified(shop, order);
      assert.deepEqual([first.status, first.detail.settlements], ['pending', []]);
      assert.equal(first.detail.queries[0].answer, 'final_no');
      orders[status] = order;
    }
    // S0.65: the same QR again, after a transfer that failed on the way.
    await shop.bank.pay(orders.failed.session.qr_data);
    assert.equal((await verified(shop, orders.failed)).status, 'completed');
  });

  await t.test('one cent less is kept, not enough, and can be topped up', async () => {
    const customer = shop.visitor();
    const order = await shop.order(customer, { quantity: 2 });
    await shop.bank.set_faults({ wrong_amount: true });
    await shop.bank.pay(order.session.qr_data);
    const { status, detail } = await verified(shop, order);
    assert.equal(status, 'pending');
    assert.deepEqual([detail.status, detail.attention.join(), detail.paid_minor],
      ['PENDING', 'underpaid', 2579]);
    assert.deepEqual(detail.settlements.map((one) => one.outcome), ['underpaid']);
    assert.equal(detail.pass, null);
    const ask = (amount) => customer.post('/api/payment/create-session',
      { amount, order_id: order.order_id });
    const whole = await ask(25.8);
    assert.deepEqual([whole.status, whole.json.error.param], [400, 'amount']);
    const rest = await ask(0.01);
    assert.equal(rest.status, 200, rest.text);
    assert.equal(rest.json.amount_minor, 1);
    await shop.bank.pay(rest.json.qr_data);
    const done = await verified(shop, order);
    assert.deepEqual([done.status, done.detail.status, done.detail.paid_minor],
      ['completed', 'COMPLETED', 2580]);
    assert.equal(done.detail.approvals.length, 1);
  });

  await t.test('more than asked completes the order, and the rest is excess', async () => {
    const order = await shop.order(shop.visitor());
    await shop.bank.pay(order.session.qr_data, { amount: '20.00' });
    const { status, detail } = await verified(shop, order);
    assert.deepEqual([status, detail.attention.join(), detail.paid_minor],
      ['completed', 'excess', 1290]);
    assert.deepEqual(detail.settlements.map((one) => [one.outcome, one.excess_minor]),
      [['overpaid', 710]]);
  });

  const sold = 1 + 2 + 1;
  assert.equal((await shop.stock(kMouse)).stock, before.stock - sold);
});

/** A KHQR like the one of `session`, with changes, as `quittance qr encode` makes it. */
async function forged(session, changes) {
  const { data } = khqr.BakongKHQR.decode(session.qr_data);
  const line = JSON.stringify({
    kind: 'individual',
    account: data.bakongAccountID,
    name: data.merchantName,
    city: data.merchantCity,
    currency: '840',
    amount: data.transactionAmount,
    billNumber: data.billNumber,
    expirationTimestamp: Date.now() + 3_600_000,
    now_ms: Date.now(),
    ...changes,
  });
  const told = await run(['qr', 'encode'], { input: line + '\n' });
  const { qr } = JSON.parse(told.stdout);
  assert.equal(khqr.BakongKHQR.verify(qr).isValid, true);
  return qr;
}

test('C9 C10 T0.8 codes that do not match', async (t) => {
  // Nobody asks the bank but those who come with a code.
  const shop = await Shop.start(t, { QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000' });
  const order = await shop.order(shop.visitor(), { customer_name: 'Sokha Chan' });
  const other = await shop.order(shop.visitor(), { product_id: kKeyboard });
  const [id, tx] = [order.order_id, order.transaction_id];
  const wrong_tx = tx.slice(0, -1) + (tx.endsWith('0') ? '1' : '0');
  const anybody = shop.visitor();
  const secrets = [tx, order.order_secret, order.session.session_id, order.session.bill_number,
    'Sokha', '12.9', String(order.amount_minor)];

  async function answers(qr_data) {
    const found = [];
    for (const way of ['verify-qr', 'recover-from-qr']) {
      found.push(await anybody.post(`/api/payment/${way}`, { qr_data }));
    }
    found.push(await anybody.post_form('/payment/recover-from-qr', { qr_data }));
    for (const reply of found) {
      for (const secret of secrets) {
        // What somebody sent may be shown to them again; what they did not know may not.
        if (!qr_data.includes(secret)) assert.ok(!reply.text.includes(secret), reply.text);
      }
    }
    return found;
  }

  await t.test('C10 what could be a code gets the same words, whatever is wrong', async () => {
    const info = new khqr.IndividualInfo('somebody@aclb', 'Somebody', 'Phnom Penh', {
      currency: khqr.khqrData.currency.usd,
      amount: 12.9,
      expirationTimestamp: Date.now() + 600_000,
    });
    const unmatched = {
      'a stranger\'s KHQR': new khqr.BakongKHQR().generateIndividual(info).data.qr,
      'another amount': await forged(order.session, { amount: '1.29' }),
      'another account': await forged(order.session, { account: 'somebody@aclb' }),
      'another bill number': await forged(order.session, { billNumber: 'BILL_00000000' }),
      'wrong transaction id': `KHQR:order_id=${id}:transaction_id=${wrong_tx}:amount=12.90`,
      'amount changed': `KHQR:order_id=${id}:transaction_id=${tx}:amount=12.91`,
      'somebody else\'s transaction id':
        `KHQR:order_id=${id}:transaction_id=${other.transaction_id}:amount=12.90`,
      'no such order': `KHQR:order_id=999999:transaction_id=${tx}:amount=12.90`,
      'simple, wrong transaction id': `ORDER_${id}_${wrong_tx}_12.90`,
      'simple, wrong amount': `ORDER_${id}_${tx}_1.00`,
    };
    const words = [new Set(), new Set(), new Set()];
    for (const [name, qr_data] of Object.entries(unmatched)) {
      for (const [i, reply] of (await answers(qr_data)).entries()) {
        assert.equal(reply.status, 404, `${name}: ${reply.text}`);
        words[i].add(without_request_id(reply.text));
      }
    }
    for (const set of words) assert.equal(set.size, 1, [...set].join('\n---\n'));
    const { json } = (await answers(unmatched['no such order']))[0];
    assert.equal(json.success, false);
    assert.deepEqual([json.error.code, json.error.param], ['not_found', 'qr_data']);
  });

  await t.test('C10 a bare order number tells nothing about the order', async () => {
    const texts = [];
    for (const qr_data of [`ORDER_${id}`, `ORDER_${other.order_id}`, 'ORDER_999999']) {
      for (const reply of await answers(qr_data)) {
        assert.ok(reply.status === 400 || reply.status === 404, reply.text);
        texts.push(`${reply.status} ${without_request_id(reply.text)}`);
      }
    }
    assert.deepEqual(texts.slice(0, 3), texts.slice(6), 'an order that exists, and one that not');
    assert.deepEqual(texts.slice(3, 6), texts.slice(6));
  });

  await t.test('C9 S0.49 the cut-off Bakong example gets a clear answer', async () => {
    const printed = '00020101021238570010A0000007270127000697040401080408KHQR0104...';
    for (const qr_data of [printed, order.session.qr_data.slice(0, -10)]) {
      const [seen, recovered, page] = await answers(qr_data);
      assert.deepEqual([seen.status, recovered.status, page.status], [400, 400, 400]);
      assert.match(seen.json.error.message, /incomplete|whole code/);
      assert.equal(seen.json.success, false);
    }
  });

  await t.test('nonsense is refused and breaks nothing', async () => {
    const nonsense = ['', ' ', 'x', '\u0000', '💸'.repeat(500), 'A'.repeat(4096),
      '0'.repeat(4096), '000201', '%00', '<script>alert(1)</script>', '{"qr":1}', '../../x'];
    for (const qr_data of nonsense) {
      for (const reply of await answers(qr_data)) {
        assert.ok(reply.status === 400 || reply.status === 404, reply.text);
        assert.ok(!reply.text.includes('<script>alert'), 'shown as it came');
      }
    }
    for (const qr_data of [null, 5, ['x'], { a: 1 }, 'A'.repeat(4097)]) {
      const reply = await anybody.post('/api/payment/verify-qr', { qr_data });
      assert.deepEqual([reply.status, reply.json.error.param], [400, 'qr_data'], reply.text);
    }
  });

  await t.test('T0.8 none of it has moved anything', async () => {
    for (const one of [order, other]) {
      const detail = await shop.detail(one.order_id);
      assert.deepEqual([detail.status, detail.queries.length, detail.evidence.length],
        ['PENDING', 0, 0]);
    }
  });
});

test('T0.8 an order of somebody else looks like one that does not exist', async (t) => {
  const shop = await Shop.start(t);
  const owner = shop.visitor();
  const order = await shop.order(owner);
  const stranger = shop.visitor();
  await shop.order(stranger);
  const nobody = shop.visitor();

  async function refused(client, reply_of) {
    const [mine, none] = [await reply_of(client, order.order_id), await reply_of(client, 999_999)];
    assert.equal(mine.status, 404, mine.text);
    assert.equal(without_request_id(mine.text), without_request_id(none.text));
    assert.ok(!mine.text.includes(order.transaction_id));
  }

  const ways = {
    detail: (client, id) => client.get(`/api/orders/${id}`),
    status: (client, id) => client.get(`/api/orders/${id}/status`),
    events: (client, id) => client.get(`/api/orders/${id}/events`),
    cancel: (client, id) => client.post(`/api/orders/${id}/cancel`),
    session: (client, id) =>
      client.post('/api/payment/create-session', { amount: 12.9, order_id: id }),
    checkout: (client, id) => client.get(`/checkout?order_id=${id}`),
    saving: (client, id) => client.get(`/payment/save-qr?order_id=${id}`),
    receipt: (client, id) => client.get(`/receipt?order_id=${id}`),
    'wrong secret': (client, id) => client.get(`/api/orders/${id}`,
      { 'x-order-secret': '0'.repeat(32) }),
    'secret in the address': (client, id) =>
      client.get(`/checkout?order_id=${id}&secret=${order.transaction_id}`),
  };
  for (const [name, way] of Object.entries(ways)) {
    await t.test(name, async () => {
      await refused(stranger, way);
      await refused(nobody, way);
    });
  }
  await t.test('the secret of one order opens that one only', async () => {
    const secret = { 'x-order-secret': order.order_secret };
    assert.equal((await nobody.get(`/api/orders/${order.order_id}`, secret)).status, 200);
    assert.equal((await nobody.get(`/api/orders/${order.order_id + 1}`, secret)).status, 404);
    assert.equal((await nobody.get('/api/orders', secret)).status, 401);
    const listed = await stranger.get('/api/orders');
    assert.ok(listed.json.orders.every((one) => one.order_id !== order.order_id));
  });
  await t.test('ids that are no ids', async () => {
    for (const id of ['0', '-1', '1e3', 'abc', '1%20', '99999999999999999999', '%27']) {
      assert.equal((await owner.get(`/api/orders/${id}`)).status, 404, id);
    }
  });
  assert.equal((await shop.detail(order.order_id)).status, 'PENDING');
});
