/** S4.5–S4.10, T4: who paid for a place on Razorpay's own page gets a pass by mail, once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { MailServer } from '../support/mail_server.mjs';
import { read_qr_png } from '../support/picture.mjs';
import { free_port, run } from '../support/program.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kAsha = { name: 'Asha', roll_number: '21CS045', college_name: 'City College',
  department: 'CSE', phone: '+919000000001', emergency_contact_number: '+919000000002' };
const kDay = new Date(Date.now() + 864_000_000).toISOString().slice(0, 10);
const kHackathon = { name: 'Hackathon', venue: 'Hall 2', price: '250', currency: 'INR',
  capacity: 3, starts_at: `${kDay}T10:00:00+05:30`, instructions: 'Bring your college card.',
  takes_unnamed: true };

class Club {
  /** A demo with a mail server and Razorpay, whose notices get lost unless `notices`. */
  static async start(t, { notices = false, settings = {} } = {}) {
    const club = new Club();
    club.mail = await MailServer.start(t, { port: await free_port() });
    club.demo = await Demo.start(t, {
      QUITTANCE_TICK_MS: '1000000',
      RAZORPAY_KEY_ID: 'rzp_test_club',
      RAZORPAY_KEY_SECRET: 'its key',
      QUITTANCE_SMTP_URL: `smtp://127.0.0.1:${club.mail.port}`,
      QUITTANCE_MAIL_FROM: 'club@college.example',
      ...settings,
    });
    await club.control('faults', { notice_lost_percent: notices ? 0 : 100 });
    const { json } = await club.demo.client.post('/api/auth/login',
      { username: 'admin', password: kAdminPassword });
    club.admin = { Authorization: `Bearer ${json.access_token}` };
    await eventually('the sync of the start is over', kPatienceMs, async () =>
      (await club.get('/api/admin/sync-runs?provider=razorpay')).runs[0]?.state === 'done');
    return club;
  }
  async control(what, body) {
    const reply = await this.demo.bank.client.post(`/control/rails/razorpay/${what}`, body);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  }
  async post(path, body, status = 200) {
    const reply = await this.demo.client.post(path, body, this.admin);
    assert.equal(reply.status, status, reply.text);
    return reply.json;
  }
  async get(path) {
    const reply = await this.demo.client.get(path, this.admin);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  }
  /** Pays on the page; gives Razorpay's id of the payment. */
  async pay(notes, { choice = 'pay', amount = '250', email = 'asha@mail.example' } = {}) {
    const details = { notes, email };
    return (await this.control('act', { ref: 'page', choice, amount, details })).id;
  }
  sync() {
    return this.post('/api/payments/sync', { provider: 'razorpay' });
  }
  attendees(event) {
    return this.get(`/api/events/${event.event_id}/attendees`).then((json) => json.attendees);
  }
  async payment(ref) {
    return this.get(`/api/payments/${ref}?provider=razorpay`);
  }
  async fits() {
    const told = await run(['verify-log', ...this.demo.books.flags(this.demo.folder)]);
    assert.equal(told.code, 0, told.output);
  }
}

test('T4 S4.5 S4.6 S4.7 S4.9 captured with details: attendee, token, mail, once over many syncs',
  async (t) => {
    const club = await Club.start(t);
    const event = await club.post('/api/events', kHackathon, 201);
    assert.deepEqual([event.capacity, event.places_left, event.price, event.starts_at],
      [3, 3, 250, kHackathon.starts_at]);
    const ref = await club.pay(kAsha);
    const first = await club.sync();
    assert.deepEqual([first.fetched, first.attendees, first.settled, first.unmatched, first.failed],
      [1, 1, 1, 0, 0], JSON.stringify(first));
    const sent = await eventually('the mail', kPatienceMs, async () => {
      const [one] = await club.attendees(event);
      return one.email_sent && one;
    });
    for (let i = 0; i < 3; ++i) assert.equal((await club.sync()).attendees, 0);
    assert.equal((await club.attendees(event)).length, 1);
    assert.equal(club.mail.mails.length, 1);
    const [mail] = club.mail.mails;
    assert.equal(mail.subject, 'Your place at Hackathon');
    assert.equal(mail.to.text, 'asha@mail.example');
    for (const text of ['Hackathon', `${kDay} at 10:00 (UTC+05:30)`, 'Hall 2',
      'It is for one person.', 'Bring your college card.']) {
      assert.ok(mail.text.includes(text), `${text} in ${mail.text}`);
      assert.ok(mail.html.includes(text), `${text} in ${mail.html}`);
    }
    assert.equal(read_qr_png(mail.attachments[0].content), sent.pass.url);
    assert.equal(sent.pass_valid, true);
    const { order_id, attendee_id, ...asked } = sent;
    for (const [name, value] of Object.entries(kAsha)) assert.equal(asked[name], value, name);
    const page = await club.demo.client.get(new URL(sent.pass.url).pathname
      + new URL(sent.pass.url).search);
    assert.match(page.text, new RegExp(`Order \\d+: Hackathon, ${kDay} 10:00, places: 1`));
    const receipt = /http\S+\/receipt\S+/.exec(mail.text)[0].slice(club.demo.url.length);
    assert.match((await club.demo.client.get(receipt)).text, /Hackathon/);
    const full = await club.payment(ref);
    assert.deepEqual([full.order_id, full.attendee.attendee_id, full.event.name, full.matched],
      [order_id, attendee_id, 'Hackathon', true]);
    const { payments } = await club.get(`/api/events/${event.event_id}/payments`);
    assert.deepEqual(payments.map((one) => [one.payment_ref, one.attendee.name]), [[ref, 'Asha']]);
    assert.equal((await club.get('/api/events')).events[0].places_left, 2);
    const other = await club.post('/api/events', { ...kHackathon, name: 'Talk' }, 201);
    const theirs = await club.get(`/api/events/${other.event_id}/payments`);
    assert.deepEqual(theirs.payments, [], 'S4.9 those of this event, and no other');
    const day = new Date(full.paid_at).toISOString().slice(0, 10);
    const reconciled = await club.get(`/api/admin/reconciliation?provider=razorpay&day=${day}`);
    assert.deepEqual([reconciled.matched.count, reconciled.over.count], [1, 0]);
    const { logs } = await club.get('/api/admin/logs');
    const actions = logs.map(({ action }) => action);
    for (const action of ['event.added', 'attendee.registered', 'settlement.recorded']) {
      assert.ok(actions.includes(action), `S4.34 S4.35: ${action} in ${actions}`);
    }
    await club.fits();
  });

test('T4 S4.38 why somebody got no QR is said of each payment', async (t) => {
  const club = await Club.start(t);
  const event = await club.post('/api/events', { ...kHackathon, capacity: 1 }, 201);
  const refs = {
    authorized: await club.pay({ ...kAsha, roll_number: 'A1' }, { choice: 'authorize' }),
    below_price: await club.pay({ ...kAsha, roll_number: 'A2' }, { amount: '249.99' }),
    details_missing: await club.pay({ name: 'Asha' }),
    no_event: await club.pay({ ...kAsha, event_id: '4711' }),
    stranger: await club.pay([]),
  };
  const run = await club.sync();
  assert.deepEqual([run.attendees, run.unmatched], [0, 5], JSON.stringify(run));
  const outcome = async (ref) => (await club.payment(ref)).outcome;
  assert.equal(await outcome(refs.authorized), 'not_captured');
  for (const word of ['below_price', 'details_missing', 'no_event']) {
    assert.equal(await outcome(refs[word]), word);
  }
  assert.equal(await outcome(refs.stranger), null);
  await club.control('act', { ref: refs.authorized, choice: 'capture' });
  assert.equal((await club.sync()).attendees, 1, 'T4 authorized, then captured');
  const late = await club.pay(kAsha);
  assert.equal((await club.sync()).attendees, 0);
  assert.equal(await outcome(late), 'event_full');
  const { payments } = await club.get('/api/payments?matched=false');
  assert.equal(payments.find((one) => one.payment_ref === late).outcome, 'event_full');
  assert.equal((await club.attendees(event)).length, 1);
  await club.fits();
});

test('S4.38 a member of staff admits whose payment does not say enough', async (t) => {
  const club = await Club.start(t);
  const event = await club.post('/api/events', { ...kHackathon, takes_unnamed: false }, 201);
  const ref = await club.pay({ name: 'Asha' });
  await club.sync();
  const { payment_id } = await club.payment(ref);
  const admit = (body, status) => club.post(`/api/payments/${payment_id}/attendee`, body, status);
  await admit({}, 409);
  await admit({ roll_number: '21CS045' }, 409);
  assert.equal((await club.payment(ref)).outcome, 'no_event');
  await admit({ roll_number: 'two\nlines', event_id: event.event_id }, 400);
  const done = await admit({ roll_number: '21CS045', event_id: event.event_id }, 201);
  assert.deepEqual([done.attendee.name, done.attendee.roll_number, done.matched],
    ['Asha', '21CS045', true]);
  await admit({ roll_number: '21CS045', event_id: event.event_id }, 409);
  assert.equal((await club.attendees(event)).length, 1);
  await club.fits();
});

test('a notice admits at once; a refund ends the pass, and the place may be taken again',
  async (t) => {
    const club = await Club.start(t, { notices: true });
    const event = await club.post('/api/events', kHackathon, 201);
    const ref = await club.pay(kAsha);
    const held = await eventually('admitted by the notice', kPatienceMs, async () => {
      const [one] = await club.attendees(event);
      return one?.order_status === 'COMPLETED' && one;
    });
    const basic = Buffer.from('rzp_test_club:its key').toString('base64');
    const refund = await club.demo.bank.client.post(`/v1/payments/${ref}/refund`, {},
      { Authorization: `Basic ${basic}` });
    assert.equal(refund.status, 200, refund.text);
    const gone = await eventually('given back', kPatienceMs, async () => {
      const [one] = await club.attendees(event);
      return one.order_status === 'REFUNDED' && one;
    });
    assert.equal(gone.pass_valid, false);
    assert.notEqual(await club.pay(kAsha), ref);
    await eventually('admitted again', kPatienceMs, async () => {
      const [one, ...others] = await club.attendees(event);
      assert.deepEqual(others, []);
      return one.order_status === 'COMPLETED' && one.order_id !== held.order_id;
    });
    await club.fits();
  });

test('T4 a placeholder address or a shared one keeps nobody out; mail down, then up', async (t) => {
  const club = await Club.start(t);
  const event = await club.post('/api/events', kHackathon, 201);
  await club.mail.close();
  await club.pay({ ...kAsha, roll_number: 'A1' }, { email: 'void@razorpay.com' });
  await club.pay({ ...kAsha, roll_number: 'A2' });
  await club.pay({ ...kAsha, roll_number: 'A3' });
  assert.equal((await club.sync()).attendees, 3);
  const seen = await eventually('S4.39 why no mail came is kept', kPatienceMs, async () => {
    const all = await club.attendees(event);
    return all.filter(({ email_error }) => email_error).length === 2 && all;
  });
  assert.deepEqual(seen.map(({ email, email_sent }) => [email, email_sent]).sort(),
    [['', false], ['asha@mail.example', false], ['asha@mail.example', false]]);
  await club.demo.process.stop();
  const up = await MailServer.start(t, { port: club.mail.port });
  await club.demo.change(  // while nobody holds a lease: else two would be at one mail
    "UPDATE deliveries SET next_attempt_at = 1 WHERE state = 'pending' AND kind = 'mail'");
  await club.demo.start_process();
  await eventually('both mails are on record', kPatienceMs, async () =>
    (await club.attendees(event)).filter(({ email_sent }) => email_sent).length === 2);
  await club.demo.process.stop();
  assert.deepEqual(up.mails.map(({ to }) => to.text), ['asha@mail.example', 'asha@mail.example']);
  assert.equal(up.distinct(), 2, 'one each');
});
