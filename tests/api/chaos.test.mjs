/** All rails under chaos by seed, and simulated payers: in the end everything is settled once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client } from '../support/client.mjs';
import { Demo } from '../support/demo.mjs';
import { run } from '../support/program.mjs';
import { eventually } from '../support/wait.mjs';

const kSeed = '20261126';
const kPatienceMs = 240_000;
/** Spells of each rail that the test goes through. */
const kEach = 3;
/** Of simulated customers at each rail. */
const kCustomers = 4;
/** How each rail is paid: a product in a currency of its own, and what a payer chooses. */
const kRails = {
  bakong: { product_id: 9, payment_method: 'khqr' },
  qpay: { product_id: 10, payment_method: 'qpay', choice: 'khanbank' },
  mvola: { product_id: 11, payment_method: 'mvola', choice: 'approve' },
  stripe: { product_id: 3, payment_method: 'stripe', choice: 'pay' },
  razorpay: { product_id: 12, payment_method: 'razorpay', choice: 'pay' },
};

let phones = 0;
/** Each customer has a phone of their own: one phone is rung only so often. */
function how_at(rail) {
  const how = kRails[rail];
  return rail === 'mvola' ? { ...how, payer_phone: `0341${100000 + ++phones}` } : how;
}

function place(client, { choice: _, product_id, ...more }) {
  return client.post('/api/orders', { items: [{ product_id, quantity: 1 }], ...more });
}

async function order_at(t, demo, rail) {
  const how = how_at(rail);
  const client = new Client(demo.url);
  t.after(() => client.close());
  const placed = await place(client, how);
  assert.equal(placed.status, 201, placed.text);
  return { id: placed.json.order_id, amount: placed.json.amount_minor, rail, how, client,
    paid: false };
}

/** Whether any knob of a rail makes trouble at this moment. */
async function is_in_trouble(demo, rail) {
  const path = rail === 'bakong' ? '/control/faults' : `/control/rails/${rail}/faults`;
  const { json } = await demo.bank.client.get(path);
  return json.unauthorized || Object.entries(json).some(([name, value]) =>
    value > 0 && /_percent$|^latency|^notice_(delay|jitter)|^not_found/.test(name));
}

/** As a customer does whose page shows no code yet: looks again, or asks for the push again. */
async function shown(demo, order) {
  const [row] = await demo.sql(`SELECT qr_data, provider_ref, amount_minor FROM payment_sessions
    WHERE order_id = ${order.id} AND (qr_data <> '' OR provider_ref <> '') ORDER BY id DESC`);
  if (row) return row;
  if (order.rail === 'mvola') {
    // Whoever asks a phone again and again is stopped: it is done when there is quiet.
    if (await is_in_trouble(demo, 'mvola')) return null;
    await order.client.who();
    await order.client.post('/api/payment/create-session', { order_id: order.id,
      amount: order.amount, currency: 'MGA', provider: 'mvola',
      payer_phone: order.how.payer_phone });
  } else {
    await order.client.get(`/checkout?order_id=${order.id}`);
  }
  return null;
}

async function pay(demo, order, { qr_data, provider_ref }) {
  const reply = order.rail === 'bakong'
    ? await demo.bank.client.post('/control/pay', { qr: qr_data })
    : await demo.bank.client.post(`/control/rails/${order.rail}/act`,
      { ref: provider_ref, choice: order.how.choice });
  assert.equal(reply.status, 200, reply.text);
  order.paid = true;
}

test(`S0.78 C36 chaos ${kSeed}: every payment at every rail settles exactly once`, async (t) => {
  const demo = await Demo.start(t,
    { QUITTANCE_TICK_MS: '200', QUITTANCE_FIRST_CHECK_AFTER_MS: '1000' }, ['--chaos', kSeed]);
  await eventually('the plan is printed', kPatienceMs,
    () => demo.process.output.includes(`Chaos by seed ${kSeed}`));
  const stock = await demo.sql('SELECT id, stock FROM products ORDER BY id');
  const orders = [];

  /** An order in each of a rail's next spells, paid as soon as the customer sees how. */
  async function through_spells(rail) {
    for (let i = 0; i < kEach; ++i) {
      await eventually(`trouble at ${rail}`, kPatienceMs, () => is_in_trouble(demo, rail));
      const order = await order_at(t, demo, rail);
      orders.push(order);
      await eventually(`order ${order.id} is paid at ${rail}`, kPatienceMs, async () => {
        const request = await shown(demo, order);
        if (request) await pay(demo, order, request);
        return order.paid;
      }, 500);
      // An open page has it asked about, whatever the answers are.
      await eventually(`quiet at ${rail}`, kPatienceMs, async () => {
        await order.client.get(`/api/orders/${order.id}/status`);
        return !await is_in_trouble(demo, rail);
      }, 200);
    }
  }
  await Promise.all(Object.keys(kRails).map(through_spells));

  await eventually('every order is completed', kPatienceMs, async () => {
    const waiting = [];
    for (const { id, rail, client } of orders) {
      const { json } = await client.get(`/api/orders/${id}/status`);
      if (json.status !== 'COMPLETED') waiting.push(`${id} ${rail}`);
    }
    if (waiting.length > 0) throw new Error(`${waiting.length} wait: ${waiting.join(', ')}`);
    return true;
  }, 500);

  await t.test('one settlement for each, by its rail, and nothing left over', async () => {
    const money = await demo.sql(`SELECT s.order_id, s.provider, s.counted_minor, s.excess_minor
      FROM settlements s ORDER BY s.order_id`);
    assert.deepEqual(money.map((one) => [Number(one.order_id), one.provider,
      Number(one.counted_minor), Number(one.excess_minor)]),
    orders.map(({ id, rail, amount }) => [id, rail, amount, 0]).sort(([a], [b]) => a - b));
    for (const { id, stock: before } of stock) {
      const sold = orders.filter(({ how }) => how.product_id === Number(id)).length;
      const after = await demo.stock(id);
      assert.deepEqual([Number(after.stock), Number(after.reserved)], [Number(before) - sold, 0]);
    }
  });

  await t.test('and there was trouble, on more than one rail', async () => {
    const unknown = await demo.sql(`SELECT DISTINCT s.provider, q.reason FROM queries q
      JOIN payment_sessions s ON s.id = q.session_row WHERE q.answer = 'unknown'`);
    t.diagnostic(unknown.map((one) => `${one.provider} ${one.reason}`).join(', '));
    assert.ok(new Set(unknown.map((one) => one.provider)).size > 1, JSON.stringify(unknown));
  });

  await t.test('the log tells the same', async () => {
    const told = await run(['verify-log', '--data', demo.folder], { settings: demo.settings });
    assert.equal(told.code, 0, told.stdout + told.stderr);
  });
});

test('C3 simulated payers pay at every rail that the shop asks by', async (t) => {
  // A month is a quarter of a second.
  const demo = await Demo.start(t, { QUITTANCE_TICK_MS: '200' }, ['--payers', '10000000']);
  const orders = [];
  for (const rail of Object.keys(kRails)) {
    for (let i = 0; i < kCustomers; ++i) orders.push(await order_at(t, demo, rail));
  }
  for (const { id, client } of orders.filter((order) => order.rail === 'bakong')) {
    // The bank hears of a KHQR when a customer opens the banking app.
    const { sessions: [session] } = (await client.get(`/api/orders/${id}`)).json;
    const link = await client.post(`/api/payment/sessions/${session.session_id}/deep-link`);
    assert.ok(link.json.url, link.text);
  }
  // One in twenty never pays; that all four of a rail do not is one in 160,000.
  await eventually('somebody paid at each', kPatienceMs, async () => {
    const completed = new Set();
    for (const { id, rail, client } of orders) {
      const { json: now } = await client.get(`/api/orders/${id}/status`);
      if (now.status === 'COMPLETED') completed.add(rail);
    }
    if (completed.size < 5) throw new Error([...completed].join(', '));
    return true;
  }, 200);
});
