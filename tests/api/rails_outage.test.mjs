/** N15 at every rail beside Bakong, against the sandbox with its faults on. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Shop } from '../support/shop.mjs';
import { eventually } from '../support/wait.mjs';

const kPatienceMs = 30_000;
const kDayMs = 86_400_000;
const kRails = {
  stripe: { currency: 'USD', amount: 12.5, minor: 1250, choice: 'pay' },
  razorpay: { currency: 'INR', amount: 250, minor: 25000, choice: 'pay' },
  qpay: { currency: 'MNT', amount: 2500, minor: 250000, choice: 'khanbank' },
  mvola: { currency: 'MGA', amount: 10000, minor: 10000, choice: 'approve',
    payer_phone: '0343500003' },
};
const kNames = Object.keys(kRails);
/** Nobody is told of anything: whatever is found is found by asking. */
const kHonest = { error_rate_percent: 0, notice_lost_percent: 100 };

/** The accounts of this sandbox, as it tells them at its start. */
async function rails_at(bank) {
  const told = await eventually('the keys are told', kPatienceMs, () =>
    /mvola +consumer \S+ \/ \S+,.*\n/.test(bank.process.output) && bank.process.output);
  const [, stripe, whsec] = /stripe +key (\S+), notices are signed with (\S+)/.exec(told);
  const [, key_id, key_secret, signs] =
    /razorpay +key (\S+) \/ (\S+), notices are signed with (\S+)/.exec(told);
  const [, client, client_secret, invoice_code] =
    /qpay +client (\S+) \/ (\S+), invoice code (\S+)/.exec(told);
  const [, consumer, consumer_secret, number] =
    /mvola +consumer (\S+) \/ (\S+), number (\S+)/.exec(told);
  return {
    QUITTANCE_OUTAGE_INTERVAL_MS: '200',
    QUITTANCE_FIRST_CHECK_AFTER_MS: '100',
    STRIPE_BASE_URL: bank.url, STRIPE_SECRET_KEY: stripe, STRIPE_WEBHOOK_SECRET: whsec,
    STRIPE_QR_METHODS: 'USD=wechat_pay', STRIPE_CALLS_PER_SECOND: '100',
    RAZORPAY_BASE_URL: bank.url, RAZORPAY_KEY_ID: key_id, RAZORPAY_KEY_SECRET: key_secret,
    RAZORPAY_WEBHOOK_SECRET: signs, RAZORPAY_CALLS_PER_SECOND: '100',
    QPAY_BASE_URL_SANDBOX: bank.url, QPAY_CLIENT_ID: client, QPAY_CLIENT_SECRET: client_secret,
    QPAY_INVOICE_CODE: invoice_code, QPAY_CALLS_PER_SECOND: '100',
    MVOLA_BASE_URL: bank.url, MVOLA_CONSUMER_KEY: consumer,
    MVOLA_CONSUMER_SECRET: consumer_secret, MVOLA_PARTNER_NUMBER: number,
    MVOLA_CALLS_PER_SECOND: '100',
  };
}

async function street(t) {
  const shop = await Shop.start(t, rails_at);
  await Promise.all(kNames.map((name) => faults(shop, name, kHonest)));
  return shop;
}

async function control(shop, name, what, body) {
  const reply = await shop.bank.client.post(`/control/rails/${name}/${what}`, body);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

function faults(shop, name, knobs) {
  return control(shop, name, 'faults', knobs);
}

/** A session, with its row. */
async function ask(shop, name) {
  const { currency, amount, payer_phone } = kRails[name];
  const reply = await (await shop.admin()).post('/api/payment/create-session',
    { provider: name, currency, amount, payer_phone, reference_id: name });
  assert.equal(reply.status, 200, reply.text);
  return row_of(shop, reply.json.session_id);
}

async function row_of(shop, session_id) {
  const [row] = await shop.sql(`SELECT session_id, provider, status, provider_ref, unknowns
    FROM payment_sessions WHERE session_id = '${session_id}'`);
  return row;
}

/** As if all had been made so long ago. */
function age(shop, ms) {
  return shop.change(`UPDATE payment_sessions SET created_at = created_at - ${ms},
    expires_at = expires_at - ${ms}`);
}

/** As if the hours until the ladder's next look had passed. */
function hours_pass(shop) {
  return shop.change('UPDATE payment_sessions SET next_check_at = 1 WHERE completed_at IS NULL');
}

function pay(shop, row) {
  return control(shop, row.provider, 'act',
    { ref: row.provider_ref, choice: kRails[row.provider].choice });
}

function becomes(shop, row, what, holds) {
  return eventually(`${row.provider}: ${what}`, kPatienceMs,
    async () => holds(await row_of(shop, row.session_id)));
}

async function counted(shop) {
  const rows = await shop.sql(
    'SELECT provider, counted_minor, excess_minor FROM settlements ORDER BY provider');
  return rows.map(({ provider, counted_minor, excess_minor }) =>
    [provider, Number(counted_minor), Number(excess_minor)]);
}

const kEachOnce = kNames.map((name) => [name, kRails[name].minor, 0])
  .sort(([a], [b]) => (a < b ? -1 : 1));

test('N15 five days old, paid in an outage, the engine killed twice: settled once by morning',
  async (t) => {
    const shop = await street(t);
    const rows = [];
    for (const name of kNames) rows.push(await ask(shop, name));
    for (const name of kNames) await faults(shop, name, { error_rate_percent: 100 });
    await age(shop, 5 * kDayMs);
    await hours_pass(shop);
    for (const row of rows) {
      await becomes(shop, row, 'asked in vain', ({ unknowns }) => Number(unknowns) > 0);
      await pay(shop, row);
    }
    await shop.restart({ signal: 'SIGKILL' });
    await hours_pass(shop);
    await shop.restart({ signal: 'SIGKILL' });
    for (const row of rows) {
      assert.notEqual((await row_of(shop, row.session_id)).status, 'settled', row.provider);
    }
    for (const name of kNames) await faults(shop, name, kHonest);
    await hours_pass(shop);
    for (const row of rows) {
      await becomes(shop, row, 'settled by morning', ({ status }) => status === 'settled');
    }
    assert.deepEqual(await counted(shop), kEachOnce);
  });
