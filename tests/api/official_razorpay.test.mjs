/** Razorpay's own client for Node, pointed at the sandbox: it notices no difference. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import Razorpay from 'razorpay';
import { Client } from '../support/client.mjs';
import { Process, remove_folder, temporary_folder } from '../support/program.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kKeyId = 'rzp_test_official';
const kKeySecret = 'the key of the official client';
const kNoticeSecret = 'the secret of its notices';

let folder;
let sandbox;
let control;
let razorpay;
/** What came in by HTTP, to the byte. */
const notices = [];
let door;

async function rail(what, body) {
  const reply = await control.post(`/control/rails/razorpay/${what}`, body);
  assert.equal(reply.status, 200, reply.text);
  return reply.json;
}

function act(ref, choice, more = {}) {
  return rail('act', { ref, choice, ...more });
}

function client_of(secret) {
  const client = new Razorpay({ key_id: kKeyId, key_secret: secret });
  client.api.rq.defaults.baseURL = sandbox.url;
  return client;
}

function make_code(more = {}) {
  return razorpay.qrCode.create({ type: 'upi_qr', name: 'Till 1', usage: 'single_use',
    fixed_amount: true, payment_amount: 25000, description: 'Order 42',
    notes: { order_id: '42' }, ...more });
}

before(async () => {
  door = createServer((request, response) => {
    const parts = [];
    request.on('data', (bytes) => parts.push(bytes));
    request.on('end', () => {
      notices.push({ signature: request.headers['x-razorpay-signature'],
        id: request.headers['x-razorpay-event-id'], body: Buffer.concat(parts).toString() });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  door.unref();
  await new Promise((resolve) => door.once('listening', resolve));
  folder = await temporary_folder();
  sandbox = await Process.start(['sandbox', '--sandbox-port', '0', '--data', folder],
    { RAZORPAY_KEY_ID: kKeyId, RAZORPAY_KEY_SECRET: kKeySecret,
      RAZORPAY_WEBHOOK_SECRET: kNoticeSecret,
      QUITTANCE_PUBLIC_URL: `http://127.0.0.1:${door.address().port}` });
  control = new Client(sandbox.url);
  razorpay = client_of(kKeySecret);
});

after(async () => {
  control?.close();
  await sandbox?.stop();
  door?.close();
  if (folder) await remove_folder(folder);
});

test('makes, fetches, lists and closes a code', async () => {
  const code = await make_code();
  assert.match(code.id, /^qr_[0-9A-Za-z]{14}$/);
  assert.equal(code.status, 'active');
  assert.equal(code.close_by - code.created_at, 7200);
  assert.deepEqual(await razorpay.qrCode.fetch(code.id), code);
  const listed = await razorpay.qrCode.all({ count: 5 });
  assert.equal(listed.entity, 'collection');
  assert.equal(listed.items[0].id, code.id);
  const picture = await fetch(code.image_url);
  assert.equal(picture.headers.get('content-type'), 'image/png');
  const closed = await razorpay.qrCode.close(code.id);
  assert.equal(closed.close_reason, 'on_demand');
  await assert.rejects(razorpay.qrCode.close(code.id), { statusCode: 400 });
});

test('close_by is cut to two hours, and refused under two minutes or for many uses', async () => {
  const now = Math.floor(Date.now() / 1000);
  const code = await make_code({ close_by: now + 86_400 });
  assert.equal(code.close_by - code.created_at, 7200);
  await assert.rejects(make_code({ close_by: now + 60 }), { statusCode: 400 });
  await assert.rejects(make_code({ usage: 'multiple_use', close_by: now + 3600 }),
    { statusCode: 400 });
});

test('a code that is paid has one payment, which is captured', async () => {
  const code = await make_code();
  const payment = await act(code.id, 'fail_then_pay');
  const read = await razorpay.payments.fetch(payment.id);
  assert.equal(read.status, 'captured');
  assert.deepEqual(read.notes, [], 'no notes are an empty list');
  const paid = await razorpay.qrCode.fetchAllPayments(code.id);
  assert.deepEqual(paid.items.map(({ id }) => id), [payment.id]);
  const after_it = await razorpay.qrCode.fetch(code.id);
  assert.equal(after_it.close_reason, 'paid');
  assert.equal(after_it.payments_amount_received, 25000);
});

test('lists by moment, count and skip; more than a hundred is refused', async () => {
  const from = Math.floor(Date.now() / 1000) - 1;
  const made = [];
  for (let i = 0; i < 12; ++i) made.push((await act('page', 'pay', { amount: '100' })).id);
  const first = await razorpay.payments.all({ from, count: 10 });
  assert.equal(first.count, 10);
  assert.deepEqual(first.items.map(({ id }) => id), [...made].reverse().slice(0, 10));
  const rest = await razorpay.payments.all({ from, count: 10, skip: 10 });
  assert.ok(rest.items.some(({ id }) => id === made[0]));
  await assert.rejects(razorpay.payments.all({ count: 101 }), { statusCode: 400 });
});

test('an authorized payment is captured, for its sum only', async () => {
  const { id } = await act('page', 'authorize', { amount: '500' });
  assert.equal((await razorpay.payments.fetch(id)).captured, false);
  await assert.rejects(razorpay.payments.capture(id, 100, 'INR'), { statusCode: 400 });
  assert.equal((await razorpay.payments.capture(id, 50000, 'INR')).status, 'captured');
});

test('refunds in parts', async () => {
  const { id } = await act('page', 'pay', { amount: '300' });
  const part = await razorpay.payments.refund(id, { amount: 10000 });
  assert.match(part.id, /^rfnd_/);
  assert.equal(part.status, 'processed');
  assert.equal((await razorpay.payments.fetch(id)).refund_status, 'partial');
  await razorpay.payments.refund(id, {});
  const all = await razorpay.payments.fetchMultipleRefund(id);
  assert.deepEqual(all.items.map(({ amount }) => amount), [20000, 10000]);
  assert.equal((await razorpay.payments.fetch(id)).status, 'refunded');
  await assert.rejects(razorpay.payments.refund(id, { amount: 1 }), { statusCode: 400 });
  assert.equal((await razorpay.refunds.fetch(part.id)).payment_id, id);
});

test('its errors: an unknown id is 400, a wrong key 401', async () => {
  await assert.rejects(razorpay.payments.fetch('pay_00000000000000'), (error) => {
    assert.equal(error.statusCode, 400);
    assert.equal(error.error.description, 'The id provided does not exist');
    return true;
  });
  await assert.rejects(razorpay.payments.fetch('xyz'), /./);
  await assert.rejects(client_of('another').payments.all({ count: 1 }), { statusCode: 401 });
});

test('validateWebhookSignature accepts what comes, to the byte', async () => {
  notices.length = 0;
  const code = await make_code();
  const payment = await act(code.id, 'pay');
  const told = () => notices.filter(({ body }) => body.includes(code.id) ||
    body.includes(payment.id));
  await eventually('four notices', kPatienceMs, () => told().length >= 4);
  for (const { body, signature, id } of told()) {
    assert.ok(id, 'an event id');
    assert.ok(Razorpay.validateWebhookSignature(body, signature, kNoticeSecret));
    assert.ok(!Razorpay.validateWebhookSignature(body, signature, 'wrong'));
    const anew = JSON.stringify(JSON.parse(body));
    if (body.includes('\\/')) {
      assert.ok(!Razorpay.validateWebhookSignature(anew, signature, kNoticeSecret),
        'the slashes are escaped in what was signed');
    }
  }
  const events = told().map(({ body }) => JSON.parse(body).event).sort();
  assert.deepEqual(events,
    ['payment.captured', 'qr_code.closed', 'qr_code.created', 'qr_code.credited']);
  const by_name = (name) => JSON.parse(told().find(({ body }) => body.includes(name)).body);
  assert.equal(by_name('qr_code.credited').payload.qr_code.entity.payments_count_received, 0);
  assert.equal(typeof by_name('qr_code.created').payload.qr_code.entity.close_by, 'string');
});
