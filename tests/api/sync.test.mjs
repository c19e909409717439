/** S4.8–S4.11, T4: payments are pulled on demand, and staff sees what fits nothing. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Client } from '../support/client.mjs';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { eventually, kPatienceMs, not_at_midnight } from '../support/wait.mjs';

/** Nothing else tells of a payment here: no question is asked, and notices are lost. */
const kOnlySync = {
  QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000',
  QUITTANCE_TICK_MS: '1000000',
  RAZORPAY_KEY_ID: 'rzp_test_sync',
  RAZORPAY_KEY_SECRET: 'its key',
};

async function admin_of(demo) {
  const reply = await demo.client.post('/api/auth/login',
    { username: 'admin', password: kAdminPassword });
  assert.equal(reply.status, 200, reply.text);
  return { Authorization: `Bearer ${reply.json.access_token}` };
}

async function rail(demo, what, body) {
  const reply = await demo.bank.client.post(`/control/rails/razorpay/${what}`, body);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

/** A session that is asked for by a code of Razorpay's, and the code's id. */
async function shown(demo, admin) {
  const made = await demo.client.post('/api/payment/create-session',
    { provider: 'razorpay', currency: 'INR', amount: 250, reference_id: 'sync' }, admin);
  assert.equal(made.status, 200, made.text);
  const { json } = await demo.bank.client.get('/control/rails/razorpay/waiting');
  const { ref } = json.waiting.find(({ title }) => title === made.json.bill_number);
  return { session: made.json, ref };
}

async function started(t) {
  const demo = await Demo.start(t, kOnlySync);
  await rail(demo, 'faults', { notice_lost_percent: 100 });
  const admin = await admin_of(demo);
  await eventually('the sync of the start is over', kPatienceMs, async () => {
    const { json } = await demo.client.get('/api/admin/sync-runs?provider=razorpay', admin);
    return json.runs[0]?.state === 'done';
  });
  return { demo, admin };
}

function sync(demo, admin, body = { provider: 'razorpay' }) {
  return demo.client.post('/api/payments/sync', body, admin);
}

test('S4.8 T4 sync on demand: what was paid is settled once, over many syncs', async (t) => {
  const { demo, admin } = await started(t);
  const { session, ref } = await shown(demo, admin);
  await rail(demo, 'act', { ref, choice: 'pay' });
  const first = await sync(demo, admin);
  assert.equal(first.status, 200, first.text);
  assert.equal(first.json.success, true);
  assert.equal(typeof first.json.timestamp, 'number');
  assert.deepEqual([first.json.fetched, first.json.created, first.json.settled, first.json.failed],
    [1, 1, 1, 0]);
  for (let i = 0; i < 3; ++i) {
    const { json } = await sync(demo, admin);
    assert.deepEqual([json.created, json.updated, json.settled], [0, 0, 0]);
  }
  const [row] = await demo.sql(`SELECT status FROM payment_sessions
    WHERE session_id = '${session.session_id}'`);
  assert.equal(row.status, 'settled');
  assert.equal((await demo.sql('SELECT id FROM settlements')).length, 1);
  const logged = await demo.sql(`SELECT DISTINCT action FROM audit
    WHERE subject_type IN ('sync_run', 'provider_payment') ORDER BY action`);
  assert.deepEqual(logged.map(({ action }) => action),
    ['provider_payment.recorded', 'sync.finished', 'sync.started']);
});

test('S4.10 S4.11 S4.37 a payment, Razorpay\'s own word of it, and what fits none', async (t) => {
  const { demo, admin } = await started(t);
  const { session, ref } = await shown(demo, admin);
  await rail(demo, 'act', { ref, choice: 'pay' });
  await rail(demo, 'act', { ref: 'page', choice: 'pay', amount: '100' });
  const pulled = await sync(demo, admin);
  assert.equal(pulled.json.unmatched, 1, pulled.text);
  const never = await demo.client.get('/api/payments?matched=false', admin);
  assert.equal(never.json.payments.length, 1, never.text);
  assert.equal(never.json.unmatched_count, 1);
  const [stranger] = never.json.payments;
  assert.equal(stranger.matched, false);
  const all = await demo.client.get('/api/payments?provider=razorpay', admin);
  const mine = all.json.payments.find(({ matched }) => matched);
  const paged = [];
  for (let cursor = ''; cursor !== null;) {
    const { json } = await demo.client.get(`/api/payments?limit=1${cursor && `&cursor=${cursor}`}`,
      admin);
    assert.ok(json.payments.length <= 1);
    assert.equal(json.unmatched_count, 1);
    paged.push(...json.payments);
    cursor = json.next_cursor;
  }
  assert.equal(paged.length, 2);
  assert.deepEqual(paged, all.json.payments, 'the same, page by page');
  const full = await demo.client.get(`/api/payments/${mine.payment_id}`, admin);
  assert.equal(full.status, 200, full.text);
  assert.equal(full.json.session.session_id, session.session_id);
  const by_ref = await demo.client.get(
    `/api/payments/${mine.payment_ref}?provider=razorpay`, admin);
  assert.equal(by_ref.json.payment_id, mine.payment_id);
  const word = await demo.client.get(
    `/api/payments/razorpay-status?payment_id=${stranger.payment_ref}`, admin);
  assert.equal(word.status, 200, word.text);
  assert.deepEqual(Object.keys(word.json.payment).sort(), ['amount', 'captured', 'contact',
    'created_at', 'currency', 'description', 'email', 'id', 'method', 'notes', 'status']);
  assert.equal(word.json.payment.captured, true);
  const unknown = await demo.client.get(
    '/api/payments/razorpay-status?payment_id=pay_00000000000000', admin);
  assert.equal(unknown.status, 404, unknown.text);
});

test('T4 C32 S4.46 S4.47 who is no admin is refused, and nothing is pulled', async (t) => {
  const { demo, admin } = await started(t);
  const saved = await demo.client.post('/api/admin/users',
    { username: 'sokha', password: 'correct horse battery staple', role: 'staff' }, admin);
  assert.equal(saved.status, 201, saved.text);
  const { json } = await demo.client.post('/api/auth/login',
    { username: 'sokha', password: 'correct horse battery staple' });
  const staff = { Authorization: `Bearer ${json.access_token}` };
  for (const [who, status] of [[staff, 403], [{}, 401], [{ Authorization: 'Bearer x' }, 401]]) {
    const bare = new Client(demo.url);
    t.after(() => bare.close());
    assert.equal((await sync({ client: bare }, who)).status, status);
    for (const path of ['/api/admin/logs', '/api/payments/razorpay-status?payment_id=pay_1']) {
      assert.equal((await bare.get(path, who)).status, status, path);
    }
  }
  assert.deepEqual(await demo.sql(`SELECT id FROM sync_runs WHERE reason = 'demand'`), []);
});

test('T4 S4.40 the calls of the manual test, as they are printed', async (t) => {
  const { demo } = await started(t);
  const { ref } = await shown(demo, await admin_of(demo));
  await rail(demo, 'act', { ref, choice: 'pay' });
  for (const slash of ['', '/']) {
    const client = new Client(demo.url);
    t.after(() => client.close());
    // curl -X POST …/api/auth/login -d "username=…&password=…"
    const login = await client.post_form(`/api/auth/login${slash}`,
      { username: 'admin', password: kAdminPassword });
    assert.equal(login.status, 200, login.text);
    assert.equal(login.json.token_type, 'bearer');
    client.cookies.clear();
    client.csrf_token = null;
    const bearer = { Authorization: `Bearer ${login.json.access_token}` };
    // curl -X POST …/api/payments/sync -H "Authorization: Bearer …", without a body
    const pulled = await client.send('POST', `/api/payments/sync${slash}`, { headers: bearer });
    assert.equal(pulled.status, 200, pulled.text);
    assert.equal(pulled.json.success, true);
    const logs = await client.get(`/api/admin/logs${slash}`, bearer);
    assert.equal(logs.status, 200, logs.text);
    const listed = await client.get(`/api/payments${slash}`, bearer);
    const { payment_id, payment_ref } = listed.json.payments[0];
    const one = await client.get(`/api/payments/${payment_id}${slash}`, bearer);
    assert.equal(one.status, 200, one.text);
    const word = await client.get(
      `/api/payments/razorpay-status${slash}?payment_id=${payment_ref}`, bearer);
    assert.equal(word.json.payment.id, payment_ref, word.text);
  }
});

test('T4 S4.31-S4.39 S4.50 every step is in the activity log, and why nothing came', async (t) => {
  const { demo, admin } = await started(t);
  const logs = async (query = '') => {
    const reply = await demo.client.get(`/api/admin/logs${query}`, admin);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  };
  const { ref } = await shown(demo, admin);
  await rail(demo, 'act', { ref, choice: 'pay' });
  await rail(demo, 'act', { ref: 'page', choice: 'pay', amount: '100' });
  await sync(demo, admin);
  const all = (await logs('?limit=100')).logs;
  const actions = new Set(all.map(({ action }) => action));
  for (const action of ['session.opened', 'sync.started', 'sync.finished',
    'provider_payment.recorded']) {
    assert.ok(actions.has(action), `${action} among ${[...actions]}`);
  }
  assert.ok(all.some(({ action }) => /settle/.test(action)), `${[...actions]}`);
  assert.deepEqual(all.map(({ seq }) => seq), all.map(({ seq }) => seq).sort((a, b) => b - a));

  await t.test('S4.32 a filter, and pages that are put together', async () => {
    const wanted = all.filter(({ action }) => action.startsWith('sync.'));
    assert.deepEqual((await logs('?action=sync&limit=100')).logs, wanted);
    const mine = await logs('?action=sync.finished&actor=admin');
    assert.deepEqual(mine.logs.map(({ actor }) => actor), ['admin']);
    assert.equal(mine.logs[0].details.settled, 1, JSON.stringify(mine.logs[0]));
    const paged = [];
    for (let cursor = ''; cursor !== null;) {
      const page = await logs(`?limit=2${cursor && `&cursor=${cursor}`}`);
      assert.ok(page.logs.length <= 2);
      paged.push(...page.logs);
      cursor = page.next_cursor;
    }
    assert.deepEqual(paged.slice(-all.length), all);
    for (const wrong of ['cursor=0', 'cursor=x', 'limit=-1', 'subject_id=1e3']) {
      const reply = await demo.client.get(`/api/admin/logs?${wrong}`, admin);
      assert.equal(reply.status, 400, wrong);
    }
  });

  await t.test('S4.37 wrong credentials are seen, and a payment that fits nobody', async () => {
    const strangers = await demo.client.get('/api/payments?matched=false', admin);
    assert.equal(strangers.json.unmatched_count, 1);
    await rail(demo, 'faults', { unauthorized: true });
    const slow = sync(demo, admin);
    const alarm = await eventually('the refused key is told', kPatienceMs, async () => {
      const { json } = await demo.client.get('/api/admin/providers', admin);
      return json.providers.find(({ provider }) => provider === 'razorpay').alarm;
    });
    assert.match(alarm, /RAZORPAY_KEY_ID/);
    await rail(demo, 'faults', { unauthorized: false });
    assert.equal((await slow).json.success, true, 'its next attempt is let in');
  });

  await t.test('S4.36 S4.38 of an order, also what became of its mails', async () => {
    const placed = await demo.client.post('/api/orders',
      { items: [{ product_id: 3, quantity: 1 }], payment_method: 'khqr' });
    assert.equal(placed.status, 201, placed.text);
    const of_order = await logs(`?subject_type=order&subject_id=${placed.json.order_id}`);
    assert.ok(of_order.logs.length > 0);
    assert.ok(of_order.logs.every(({ subject_type, subject_id }) =>
      subject_type === 'order' && subject_id === placed.json.order_id));
    assert.deepEqual(of_order.deliveries, []);
  });
});

test('reconciliation of a day: expected, matched, and what only Razorpay knows', async (t) => {
  const { demo, admin } = await started(t);
  await not_at_midnight();
  const { ref } = await shown(demo, admin);
  const payment = await rail(demo, 'act', { ref, choice: 'pay' });
  assert.ok(payment);
  await rail(demo, 'act', { ref: 'page', choice: 'pay', amount: '100' });
  await sync(demo, admin);
  const [{ paid_at }] = await demo.sql('SELECT paid_at FROM settlements');
  const day = new Date(Number(paid_at)).toISOString().slice(0, 10);
  const path = `/api/admin/reconciliation?provider=razorpay&day=${day}`;
  const { json, text } = await demo.client.get(path, admin);
  assert.deepEqual([json.expected.count, json.matched.count, json.missing.count, json.over.count,
    json.under.count], [1, 1, 0, 0, 0], text);
  assert.deepEqual(json.matched.sums, [{ currency: 'INR', amount: 250, amount_minor: 25000 }]);
  assert.equal(json.unmatched.count, 1);
  assert.equal(json.complete, false, 'the day is not over');
  for (const wrong of ['2026-02-30', 'today', '2026-1-1', '']) {
    const reply = await demo.client.get(
      `/api/admin/reconciliation?provider=razorpay&day=${wrong}`, admin);
    assert.equal(reply.status, 400, wrong);
  }
});

test('S4.43 trouble is said, changes nothing, and is made good by the next sync', async (t) => {
  const { demo, admin } = await started(t);
  const { ref } = await shown(demo, admin);
  await rail(demo, 'act', { ref, choice: 'pay' });
  await rail(demo, 'faults', { garbage_percent: 100 });
  const slow = sync(demo, admin);
  // It goes on for a while, because it tries again.
  await eventually('a run is going on', kPatienceMs, async () => {
    const { json } = await demo.client.get('/api/admin/sync-runs?provider=razorpay', admin);
    return json.runs[0].state === 'running' && json.runs[0].reason === 'demand';
  });
  const second = await sync(demo, admin);
  assert.equal(second.status, 409, second.text);
  assert.equal(second.json.success, false);
  await rail(demo, 'faults', { garbage_percent: 0 });
  const first = await slow;
  assert.equal(first.json.success, true, first.text);
  assert.equal(first.json.settled, 1, 'the second attempt brought it');
  const runs = await demo.client.get('/api/admin/sync-runs?provider=razorpay', admin);
  assert.equal(runs.json.runs[0].state, 'done');
  assert.equal(runs.json.runs[0].reason, 'demand');
  assert.equal((await sync(demo, admin, { provider: 'nobody' })).status, 404);
  assert.equal((await sync(demo, admin, { provider: 'bakong' })).status, 501);
});
