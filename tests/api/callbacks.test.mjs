/** Unsigned callbacks end to end: QPay's and MVola's simulators call the real server back. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

/** Questions by themselves would take hours: only a callback can be this quick. */
const kSlow = { QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000', QUITTANCE_TICK_MS: '1000000' };

async function staff_of(demo) {
  const reply = await demo.client.post('/api/auth/login',
    { username: 'admin', password: kAdminPassword });
  assert.equal(reply.status, 200, reply.text);
  return { Authorization: `Bearer ${reply.json.access_token}` };
}

async function ask(demo, staff, body) {
  const reply = await demo.client.post('/api/payment/create-session', body, staff);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

async function rail(demo, name, what, body) {
  const reply = await demo.bank.client.post(`/control/rails/${name}/${what}`, body);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

async function objects(demo, name, kind) {
  const { json } = await demo.bank.client.get(`/control/rails/${name}/objects?kind=${kind}`);
  return json.objects;
}

async function row_of(demo, session) {
  const [row] = await demo.sql(`SELECT id, status, provider_ref FROM payment_sessions
    WHERE session_id = '${session.session_id}'`);
  return row;
}

function becomes(demo, session, status) {
  return eventually(`${session.bill_number} is ${status}`, kPatienceMs,
    async () => (await row_of(demo, session)).status === status);
}

/** Notices of the simulator with this state. */
async function told(demo, name, state) {
  const { json } = await demo.bank.client.get(`/control/rails/${name}/notices`);
  return json.notices.filter((notice) => notice.state === state);
}

test('S2.66 S2.71 C15 a bank pays a QPay invoice, and the callback settles it', async (t) => {
  const demo = await Demo.start(t, kSlow);
  const staff = await staff_of(demo);
  const session = await ask(demo, staff,
    { provider: 'qpay', currency: 'MNT', amount: 2500, reference_id: 'S2' });
  assert.equal(session.links.length, 23);
  assert.match(session.qr_data, /^000201010212.*5303496/);
  await rail(demo, 'qpay', 'faults', { notice_twice_percent: 100, notice_forged_percent: 100 });

  // As a payer does: scan, choose a bank, pay.
  const scanned = await demo.bank.client.get(
    `/pay?payload=${encodeURIComponent(session.qr_data)}`);
  assert.equal(scanned.status, 303, scanned.text);
  const place = scanned.headers.get?.('location') ?? scanned.headers.location;
  const page = await demo.bank.client.get(place);
  assert.match(page.text, /Khan bank/);
  const paid = await demo.bank.client.send('POST', place, {
    body: 'choice=khanbank&amount=',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(paid.status, 200, paid.text);

  await becomes(demo, session, 'settled');
  const counted = await demo.sql('SELECT provider, counted_minor, currency FROM settlements');
  assert.deepEqual(counted.map((row) => ({ ...row })),
    [{ provider: 'qpay', counted_minor: 250000, currency: 'MNT' }]);
  await eventually('every callback heard SUCCESS', kPatienceMs,
    async () => (await told(demo, 'qpay', 'taken')).length === 3);
  for (const notice of await told(demo, 'qpay', 'taken')) assert.equal(notice.wrong_answers, 0);
  const kept = await demo.sql(`SELECT COUNT(*) AS n FROM notices WHERE provider = 'qpay'`);
  assert.equal(kept[0].n, 1, 'the forged one is not kept, the repeat is known');
});

test('T3 C23 a push is approved on the phone, and the callback settles it', async (t) => {
  const demo = await Demo.start(t, kSlow);
  const staff = await staff_of(demo);
  const push = () => ask(demo, staff, { provider: 'mvola', currency: 'MGA', amount: 10000,
    payer_phone: '0343500003' });
  for (const callback_style of [0, 1]) {
    await rail(demo, 'mvola', 'faults', { callback_style });
    const session = await push();
    assert.equal(session.qr_data, '');
    const { provider_ref } = await row_of(demo, session);
    await rail(demo, 'mvola', 'act', { ref: provider_ref, choice: 'approve' });
    await becomes(demo, session, 'settled');
  }
  const counted = await demo.sql('SELECT counted_minor, currency FROM settlements');
  assert.deepEqual(counted.map((row) => ({ ...row })), [
    { counted_minor: 10000, currency: 'MGA' }, { counted_minor: 10000, currency: 'MGA' }]);

  // Refused, and a forger says that it was approved.
  await rail(demo, 'mvola', 'faults', { callback_style: 0, notice_forged_percent: 100 });
  const refused = await push();
  const { provider_ref } = await row_of(demo, refused);
  await rail(demo, 'mvola', 'act', { ref: provider_ref, choice: 'refuse' });
  await eventually('both are worked off', kPatienceMs, async () => {
    const rows = await demo.sql(`SELECT notice_id, outcome FROM notices
      WHERE provider_ref = '${provider_ref}'`);
    return rows.length === 2 && rows.every(({ outcome }) => outcome === 'not_yet');
  });
  assert.notEqual((await row_of(demo, refused)).status, 'settled');
  const nobody = await demo.client.post('/api/payment/create-session',
    { provider: 'mvola', currency: 'MGA', amount: 10000 }, staff);
  assert.equal(nobody.status, 400, nobody.text);
  assert.equal((await objects(demo, 'mvola', 'push')).length, 3);
});
