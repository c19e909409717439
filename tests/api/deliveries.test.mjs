/**
 * What happened is told: to the merchant's programs by signed webhooks, to customers by mail; once,
 * whatever dies in between, and whoever of them does not listen.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import test from 'node:test';
import { Consumer, read_event } from '../support/consumer.mjs';
import { MailServer } from '../support/mail_server.mjs';
import { read_qr_png } from '../support/picture.mjs';
import { free_port, run, temporary_folder } from '../support/program.mjs';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kSecret = 'a secret of the first endpoint';
const kOther = 'a secret of the other endpoint';
const one_word = (text) => text.replaceAll(' ', '_');
/** Shorter than a dead endpoint would take to let thirty others pass, each for ten seconds. */
const kUnhinderedMs = 20_000;

const mail_settings = (mail, host = '127.0.0.1', scheme = 'smtp') => ({
  QUITTANCE_SMTP_URL: `${scheme}://${host}:${mail.port}`,
  QUITTANCE_MAIL_FROM: 'shop@shop.example',
  QUITTANCE_MERCHANT_NAME: 'Silk ក្រមា',
});

/** An order of somebody with this address, paid by now. */
async function sell(shop, customer_email = 'sok@mail.example') {
  const order = await shop.order(shop.visitor(), { customer_email, customer_name: 'Sok' });
  const reply = await (await shop.admin()).post(`/api/orders/${order.order_id}/mark-paid`,
    { reason: 'Counted the cash myself' });
  assert.equal(reply.status, 200, reply.text);
  return order;
}

/** The order's delivery of this kind once it is in this state. */
function delivery_of(shop, order, kind, state) {
  return eventually(`${kind} ${state}`, kPatienceMs, async () => {
    const { deliveries } = await shop.detail(order.order_id);
    const found = deliveries.filter((one) => one.kind === kind);
    if (found.length === 0) throw new Error(JSON.stringify(deliveries));
    if (found.at(-1).state !== state) throw new Error(JSON.stringify(found));
    return found.at(-1);
  });
}

/** What a killed server had taken is due at once, instead of when its lease ends. */
const end_leases = (shop) =>
  shop.change("UPDATE deliveries SET next_attempt_at = 1 WHERE state = 'pending'");

test('a completion is pushed to the merchant, signed', async (t) => {
  const consumer = await Consumer.start(t);
  const shop = await Shop.start(t, {
    QUITTANCE_WEBHOOK_URL: consumer.url,
    QUITTANCE_WEBHOOK_SECRET: one_word(kSecret),
  });
  const order = await sell(shop);
  const told = await delivery_of(shop, order, 'merchant_webhook', 'delivered');
  assert.deepEqual([told.attempts, told.last_error, told.event], [1, '', 'order.completed']);
  assert.equal(told.destination, '127.0.0.1', 'of the address no more than the host');
  assert.equal(consumer.heard.length, 1);
  const { headers, body, method } = consumer.heard[0];
  const event = read_event(headers, body, one_word(kSecret));
  assert.equal(method, 'POST');
  assert.equal(event.type, 'order.completed');
  assert.equal(event.id, headers['quittance-event-id']);
  assert.equal(event.data.order_id, order.order_id);
  assert.equal(event.data.amount_minor, order.amount_minor);
  assert.throws(() => read_event(headers, body, one_word(kOther)), /not signed/);
  assert.throws(() => read_event(headers, `${body} `, one_word(kSecret)), /not signed/);
  assert.throws(() => read_event(headers, body, one_word(kSecret), Date.now() / 1000 + 301),
    /too old/);
  await shop.server.stop();
  assert.ok(!shop.server.output.includes(one_word(kSecret)));
});

test('N7 a dead consumer beside a living one, and mail', async (t) => {
  const [dead, living] = [await Consumer.start(t, { status: 0 }), await Consumer.start(t)];
  const mail = await MailServer.start(t);
  const shop = await Shop.start(t, {
    QUITTANCE_WEBHOOK_URL: `${dead.url} ${living.url}`,
    QUITTANCE_WEBHOOK_SECRET: `${one_word(kSecret)} ${one_word(kOther)}`,
    ...mail_settings(mail),
  });
  await shop.restock(1_000);
  const orders = [];
  for (let i = 0; i < 30; ++i) orders.push(await sell(shop));
  await eventually('all told', kUnhinderedMs, () =>
    living.heard.length >= 30 && mail.mails.length >= 30);
  assert.equal(living.heard.length, 30);
  assert.equal(mail.mails.length, 30);
  assert.ok(dead.most_open <= 8, `${dead.most_open} requests at once`);
  for (const { headers, body } of living.heard) read_event(headers, body, one_word(kOther));
  const first = await delivery_of(shop, orders[0], 'merchant_webhook', 'delivered');
  assert.equal(first.attempts, 1);
  const started = performance.now();
  assert.equal((await shop.server.stop()).code, 0);
  assert.ok(performance.now() - started < 9_000, 'stops without waiting for the dead one');
});

test('410 ends an endpoint, a redirect is not followed', async (t) => {
  const gone = await Consumer.start(t, { status: 410 });
  const elsewhere = await Consumer.start(t);
  const moved = await Consumer.start(t, { status: 307, headers: { location: elsewhere.url } });
  const shop = await Shop.start(t, {
    QUITTANCE_WEBHOOK_URL: `${gone.url} ${moved.url}`,
    QUITTANCE_WEBHOOK_SECRET: `${one_word(kSecret)} ${one_word(kSecret)}`,
  });
  const order = await sell(shop);
  await eventually('both told', kPatienceMs, async () => {
    const { deliveries } = await shop.detail(order.order_id);
    const words = deliveries.map((one) => `${one.state} ${one.last_error}`).sort();
    return words.join() === 'dead endpoint_gone,pending http_307';
  });
  const later = await sell(shop);
  // Its deliveries are made together: there will be no other.
  const made = await eventually('told', kPatienceMs, async () => {
    const { deliveries } = await shop.detail(later.order_id);
    return deliveries.some((one) => one.last_error === 'http_307') && deliveries;
  });
  assert.equal(made.length, 1);
  assert.equal(gone.heard.length, 1);
  assert.equal(elsewhere.heard.length, 0);
});

test('C31 the customer gets the receipt and the QR by mail', async (t) => {
  const login = { username: 'shop', password: 'a word of the shop' };
  const mail = await MailServer.start(t, { login });
  const shop = await Shop.start(t, {
    ...mail_settings(mail),
    QUITTANCE_SMTP_USERNAME: login.username,
    QUITTANCE_SMTP_PASSWORD: login.password,
  });
  const order = await sell(shop);
  await delivery_of(shop, order, 'mail', 'delivered');
  const [got] = mail.mails;
  const { pass } = await shop.detail(order.order_id);
  assert.equal(mail.mails.length, 1);
  assert.equal(mail.logins, 1);
  assert.equal(got.envelope.mailFrom.address, 'shop@shop.example');
  assert.deepEqual(got.envelope.rcptTo.map((to) => to.address), ['sok@mail.example']);
  assert.deepEqual(got.from.value, [{ address: 'shop@shop.example', name: 'Silk ក្រមា' }]);
  assert.equal(got.to.text, 'sok@mail.example');
  assert.equal(got.subject, `Receipt for order ${order.order_id}, Silk ក្រមា`);
  assert.match(got.messageId, /^<evt_[0-9a-f]{32}@shop\.example>$/);
  assert.ok(Math.abs(got.date - Date.now()) < 60_000);
  assert.equal(got.headers.get('auto-submitted'), 'auto-generated');
  const link = `${shop.url}/receipt?order_id=${order.order_id}&secret=${order.order_secret}`;
  assert.ok(got.text.includes(link), got.text);
  assert.ok(got.text.includes(pass.url));
  assert.ok(got.html.includes(link.replace('&', '&amp;')));
  const [shown, attached] = got.attachments;
  assert.equal(got.attachments.length, 2);
  assert.deepEqual([shown.contentDisposition, shown.related], ['inline', true]);
  assert.ok(shown.contentId);
  assert.equal(attached.contentDisposition, 'attachment');
  assert.equal(attached.filename, `proof-of-payment-${order.order_id}.png`);
  for (const { content, contentType } of [shown, attached]) {
    assert.equal(contentType, 'image/png');
    assert.equal(read_qr_png(content), pass.url);
  }
  const page = await shop.visitor().get(link.slice(shop.url.length));
  assert.equal(page.status, 200, 'the link opens on any device');
  await shop.server.stop();
  assert.ok(!shop.server.output.includes(login.password));
});

test('N8 killed between commit and mail: it goes out once', async (t) => {
  const port = await free_port();
  const down = await MailServer.start(t, { port });
  const shop = await Shop.start(t, mail_settings(down));
  await down.close();
  const order = await sell(shop);
  await shop.server.stop('SIGKILL');
  const mail = await MailServer.start(t, { port });
  await end_leases(shop);  // while nobody holds one: else two would be at it
  await shop.start_server();
  await delivery_of(shop, order, 'mail', 'delivered');
  await shop.restart();
  assert.equal(mail.mails.length, 1);
});

test('N8 killed in the moment of doubt: the same mail again, by its id', async (t) => {
  const mail = await MailServer.start(t);
  mail.silent_after_data = true;
  const shop = await Shop.start(t, mail_settings(mail));
  const order = await sell(shop);
  await eventually('taken', kPatienceMs, () => mail.mails.length === 1);
  await shop.server.stop('SIGKILL');
  mail.silent_after_data = false;
  await shop.start_server();
  assert.equal((await shop.detail(order.order_id)).deliveries[0].state, 'pending');
  assert.equal(mail.mails.length, 1, 'not before the lease ends');
  await end_leases(shop);
  const told = await delivery_of(shop, order, 'mail', 'delivered');
  assert.equal(told.attempts, 2);
  assert.equal(mail.mails.length, 2);
  assert.equal(mail.distinct(), 1);
});

test('T4 mail that is refused is seen by staff, who send it again', async (t) => {
  const mail = await MailServer.start(t);
  mail.refused = 550;
  const shop = await Shop.start(t, mail_settings(mail));
  const order = await sell(shop);
  const dead = await delivery_of(shop, order, 'mail', 'dead');
  assert.deepEqual([dead.last_error, dead.attempts], ['smtp_550', 1]);
  mail.refused = 0;
  const path = `/api/orders/${order.order_id}/resend`;
  const reply = await (await shop.admin()).post(path);
  assert.deepEqual([reply.status, reply.json],
    [200, { success: true, order_id: order.order_id }], reply.text);
  const sent = await delivery_of(shop, order, 'mail', 'delivered');
  assert.notEqual(sent.id, dead.id);
  assert.equal(sent.event, 'receipt.requested');
  assert.equal(mail.mails.length, 1);
  const seen = await shop.visitor().get(`/api/orders/${order.order_id}`,
    { 'x-order-secret': order.order_secret });
  assert.equal(seen.json.deliveries, undefined, 'deliveries are for staff');
  const nobody = await sell(shop, '');
  const refused = await (await shop.admin()).post(`/api/orders/${nobody.order_id}/resend`);
  assert.equal(refused.status, 409, refused.text);
  const told = await run(['verify-log', ...shop.books.flags(shop.folder)]);
  assert.equal(told.code, 0, told.stdout + told.stderr);
});

test('an address that would be more than one is written to by nobody', async (t) => {
  const mail = await MailServer.start(t);
  const shop = await Shop.start(t, mail_settings(mail));
  for (const address of ['a@b.example>\r\nRCPT TO:<c@d.example', 'a@b.example, c@d.example',
    'a@b.example\nBcc: c@d.example']) {
    const order = await sell(shop, address);
    const { last_error } = await delivery_of(shop, order, 'mail', 'dead');
    assert.equal(last_error, 'invalid_address');
  }
  assert.equal(mail.mails.length, 0);
});

test('S4.49 no mail without TLS that can be trusted', async (t) => {
  await t.test('a certificate that nobody vouches for', async (t) => {
    const mail = await MailServer.start(t, { options: { secure: true } });
    const shop = await Shop.start(t, mail_settings(mail, '127.0.0.1', 'smtps'));
    const order = await sell(shop);
    const told = await eventually('refused', kPatienceMs, async () => {
      const [one] = (await shop.detail(order.order_id)).deliveries;
      return one?.last_error ? one : null;
    });
    assert.deepEqual([told.last_error, told.state], ['tls_failed', 'pending']);
    assert.equal(mail.mails.length, 0);
  });
  const outside = Object.values(networkInterfaces()).flat()
    .find((one) => one.family === 'IPv4' && !one.internal);
  await t.test('a server beyond this machine without STARTTLS',
    { skip: outside ? false : 'this machine has no other address' }, async (t) => {
      const mail = await MailServer.start(t);
      const shop = await Shop.start(t, mail_settings(mail, outside.address));
      const order = await sell(shop);
      const told = await eventually('refused', kPatienceMs, async () => {
        const [one] = (await shop.detail(order.order_id)).deliveries;
        return one?.last_error ? one : null;
      });
      assert.deepEqual([told.last_error, told.state], ['tls_failed', 'pending']);
      assert.equal(mail.mails.length, 0);
    });
});

test('settings that cannot work are refused at the start, without showing a secret', async () => {
  const good = {
    QUITTANCE_WEBHOOK_URL: 'https://shop.example/hook',
    QUITTANCE_WEBHOOK_SECRET: 'sixteen_letters!',
    QUITTANCE_SMTP_URL: 'smtp://mail.example:587',
    QUITTANCE_MAIL_FROM: 'shop@shop.example',
    QUITTANCE_SMTP_USERNAME: 'shop',
    QUITTANCE_SMTP_PASSWORD: 'unspeakable',
  };
  const folder = await temporary_folder();
  for (const [name, value] of [
    ['QUITTANCE_WEBHOOK_URL', 'http://shop.example/hook'],
    ['QUITTANCE_WEBHOOK_SECRET', ''],
    ['QUITTANCE_WEBHOOK_SECRET', 'unspeakable'],
    ['QUITTANCE_SMTP_URL', 'mail.example'],
    ['QUITTANCE_SMTP_URL', ''],
    ['QUITTANCE_MAIL_FROM', ''],
    ['QUITTANCE_MAIL_FROM', 'Shop <shop@shop.example>'],
    ['QUITTANCE_SMTP_USERNAME', ''],
    ['QUITTANCE_SMTP_PASSWORD', ''],
  ]) {
    const told = await run(['migrate', '--data', folder], { settings: { ...good, [name]: value } });
    assert.notEqual(told.code, 0, `${name}=${value}`);
    assert.ok(told.stderr.includes(name), `${name}=${value}: ${told.stderr}`);
    assert.ok(!told.stderr.includes('unspeakable'), told.stderr);
  }
  const told = await run(['migrate', '--data', folder], { settings: good });
  assert.equal(told.code, 0, told.stderr);
});
