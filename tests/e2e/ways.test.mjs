/** Choosing how to pay: each rail from cart to receipt, changing one's mind, without script. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrived, Browser, kDesk, kPhone } from '../support/browser.mjs';
import { Demo } from '../support/demo.mjs';
import { look_at } from '../support/look.mjs';
import { read_off } from '../support/picture.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

/** Products of the demo that are priced in the rails' own currencies. */
const kOf = {
  USD: { name: 'Wireless mouse', id: 3 },
  KHR: { name: 'Charger 25 W', id: 9 },
  MNT: { name: 'Speaker', id: 10 },
  MGA: { name: 'Cable 2 m', id: 11 },
  INR: { name: 'Phone', id: 12 },
};

const button = (page, name) => page.getByRole('button', { name });
const link = (page, name) => page.getByRole('link', { name });
const heading = (page, name) => page.getByRole('heading', { name });
const order_of = (page) => Number(new URL(page.url()).searchParams.get('order_id'));

/** A cart with one thing, priced in this currency. */
async function cart_of(visitor, demo, currency) {
  const page = await visitor.open(`${demo.url}/`);
  await button(page, `Add to cart: ${kOf[currency].name}`).click();
  await link(page, /^Cart/).click();
  await arrived(page, /^\/cart$/);
  await page.getByRole('radio').first().waitFor();
  return page;
}

async function order(page) {
  await button(page, /^Order and pay/).click();
  await arrived(page, /^\/checkout\?order_id=\d+$/);
  return order_of(page);
}

/** The text of the code on the page, read off the screen as a camera would. */
function scan(page) {
  return read_off(page.getByRole('img', { name: 'QR code of this payment', exact: true }));
}

/** Pays a scanned text in the bank app. */
async function pay(visitor, demo, text, choice) {
  const bank = await visitor.open(`${demo.bank_url}/`);
  await bank.getByLabel('Text of a QR').fill(text);
  await button(bank, 'Continue').click();
  await button(bank, choice).click();
  await heading(bank, 'Done').waitFor();
  await bank.close();
}

/** The order is paid, the page says so by itself, and there is a receipt with its proof. */
async function completed(page, demo, order_id) {
  await heading(page, 'Paid. Thank you!').waitFor();
  await link(page, 'See the receipt').click();
  await heading(page, `Receipt #${order_id}`).waitFor();
  const rows = await demo.sql(`SELECT s.provider, s.counted_minor, s.excess_minor FROM settlements s
    WHERE s.order_id = ${order_id}`);
  assert.equal(rows.length, 1);
  assert.equal(Number(rows[0].excess_minor), 0);
  return rows[0].provider;
}

const ways_in = async (page) => (await page.getByRole('radio').evaluateAll(
  (radios) => radios.map((radio) => radio.value))).sort();

test('only ways that take the currency of the order are offered', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const expected = {
    USD: ['cash', 'khqr', 'stripe'],
    KHR: ['cash', 'khqr'],
    MNT: ['cash', 'qpay'],
    MGA: ['cash', 'mvola'],
    INR: ['cash', 'razorpay', 'stripe'],
  };
  for (const [currency, ways] of Object.entries(expected)) {
    const customer = await browser.visitor();
    const page = await cart_of(customer, demo, currency);
    assert.deepEqual(await ways_in(page), ways, currency);
    await page.getByRole('radio', { name: /Cash desk/ }).check();
    await order(page);
    await link(page, 'Pay another way').click();
    await arrived(page, /^\/payment\/ways/);
    assert.deepEqual(await ways_in(page), ways, currency);
    await customer.close();
  }
});

test('S2 QPay from cart to receipt', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const page = await cart_of(customer, demo, 'MNT');
  assert.deepEqual(await look_at(page, 'cart-qpay'), []);
  const order_id = await order(page);
  const text = await scan(page);
  assert.deepEqual(await look_at(page, 'checkout-qpay'), []);
  const bank_link = await link(page, 'Khan bank').getAttribute('href');
  assert.match(bank_link, /^khanbank:\/\/q\?qPay_QRcode=/);
  assert.equal(decodeURIComponent(bank_link.split('qPay_QRcode=')[1]), text);
  await pay(customer, demo, text, 'Khan bank');
  assert.equal(await completed(page, demo, order_id), 'qpay');
  assert.deepEqual(customer.complaints, []);
});

test('MVola rings the phone, is refused once, and then approved', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const page = await cart_of(customer, demo, 'MGA');
  await page.getByRole('radio', { name: /MVola/ }).check();
  await button(page, /^Order and pay/).click();
  const number = page.getByLabel('Your MVola number');
  assert.equal(await number.evaluate((input) => input.validity.valueMissing), true);
  await number.fill('034 12 345 67');
  assert.deepEqual(await look_at(page, 'cart-mvola'), []);
  const order_id = await order(page);
  await page.getByText('Your phone asks you now.').waitFor();
  await page.getByText('…4567').waitFor();
  assert.match(await link(page, 'Ask another number').getAttribute('href'), /^\/payment\/ways\?/);
  assert.equal(await link(page, 'Save QR').count(), 0, 'there is no QR to keep');
  assert.deepEqual(await look_at(page, 'checkout-mvola'), []);
  await pay(customer, demo, '0341234567', 'Refuse');
  await eventually('the refusal is known', kPatienceMs, async () => {
    const [row] = await demo.sql(
      `SELECT last_answer FROM payment_sessions WHERE order_id = ${order_id}`);
    return row.last_answer === 'final_no';
  });
  await page.reload();
  await page.getByText('this request was refused or is over.').waitFor();
  await link(page, 'Pay another way').click();
  await page.getByLabel('Your MVola number').fill('call me');
  await page.getByRole('radio', { name: /MVola/ }).check();
  await button(page, 'Continue').click();
  await page.getByRole('alert').getByText('Give the number of the phone').waitFor();
  assert.equal(await page.getByRole('radio', { name: /MVola/ }).isChecked(), true);
  assert.deepEqual(await look_at(page, 'ways-problem'), []);
  await page.getByLabel('Your MVola number').fill('+261 34 12 345 67');
  await button(page, 'Continue').click();
  await arrived(page, /^\/checkout\?order_id=\d+&session=/);
  await pay(customer, demo, '0341234567', 'Approve with the PIN');
  assert.equal(await completed(page, demo, order_id), 'mvola');
  assert.deepEqual(customer.complaints.filter((text) => !/status of 400/.test(text)), []);
});

test('Razorpay shows the picture of its code, Stripe its code for rupees', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor({ viewport: kDesk });
  await t.test('a UPI payment by Razorpay', async () => {
    const page = await cart_of(customer, demo, 'INR');
    await page.getByRole('radio', { name: /Razorpay/ }).check();
    assert.deepEqual(await look_at(page, 'cart-inr'), []);
    const order_id = await order(page);
    const text = await scan(page);
    assert.match(text, new RegExp(`^${demo.bank_url}/razorpay/qr/`));
    assert.deepEqual(await look_at(page, 'checkout-razorpay'), []);
    await pay(customer, demo, text, 'Pay by UPI');
    assert.equal(await completed(page, demo, order_id), 'razorpay');
  });
  await t.test('declined once, then paid by Stripe', async () => {
    const page = await cart_of(customer, demo, 'INR');
    await page.getByRole('radio', { name: /Stripe/ }).check();
    const order_id = await order(page);
    const text = await scan(page);
    await pay(customer, demo, text, 'Be declined');
    await pay(customer, demo, text, 'Pay by the code');
    assert.equal(await completed(page, demo, order_id), 'stripe');
  });
  assert.deepEqual(customer.complaints, []);
});

test('law 5: another way on the same order, and the first stays honoured', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const page = await cart_of(customer, demo, 'USD');
  await page.getByRole('radio', { name: /KHQR/ }).check();
  const order_id = await order(page);
  const { sessions: [first] } = await customer.get(`${demo.url}/api/orders/${order_id}`);
  const khqr = page.getByRole('img', { name: 'KHQR code of this payment' });

  await t.test('KHQR, then Stripe', async () => {
    await link(page, 'Pay another way').click();
    assert.deepEqual(await look_at(page, 'ways'), []);
    await page.getByRole('radio', { name: /Stripe/ }).check();
    await button(page, 'Continue').click();
    await arrived(page, /^\/checkout\?order_id=\d+&session=/);
    assert.match(await scan(page), /^STRIPE-SANDBOX:pi_/);
    assert.deepEqual(await look_at(page, 'checkout-stripe'), []);
    const { sessions } = await customer.get(`${demo.url}/api/orders/${order_id}`);
    assert.equal(sessions.length, 2);
    await page.goto(`${demo.url}/checkout?order_id=${order_id}`);
    assert.match(await scan(page), /^STRIPE-SANDBOX:pi_/, 'the last choice is what is shown');
  });

  await t.test('and back to the very same KHQR', async () => {
    await link(page, 'Pay another way').click();
    await page.getByRole('radio', { name: /KHQR/ }).check();
    await button(page, 'Continue').click();
    await arrived(page, /^\/checkout\?order_id=\d+&session=/);
    assert.equal(await read_off(khqr), first.qr_data);
    const { sessions } = await customer.get(`${demo.url}/api/orders/${order_id}`);
    assert.equal(sessions.length, 2, 'no third one');
    await link(page, 'Save QR').click();
    const kept = page.getByRole('img', { name: /KHQR code with amount/ });
    assert.equal(await read_off(kept), first.qr_data);
    await page.goBack();
  });

  await t.test('whichever is paid first completes the order', async () => {
    await page.goto(`${demo.url}/checkout?order_id=${order_id}`);
    assert.match(await scan(page), /^STRIPE-SANDBOX:pi_/);
    await demo.bank.pay(first.qr_data);
    assert.equal(await completed(page, demo, order_id), 'bakong');
  });

  await t.test('and a way cannot be chosen for what is paid', async () => {
    await page.goto(`${demo.url}/payment/ways?order_id=${order_id}`);
    assert.equal(await page.getByRole('radio').count(), 0);
    await link(page, 'Open the payment page').click();
    await heading(page, 'Paid. Thank you!').waitFor();
  });
  assert.deepEqual(customer.complaints, []);
});

test('choosing and paying by keyboard, without script, and on another phone', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);

  await t.test('by keyboard: arrows between the ways', async () => {
    const customer = await browser.visitor({ viewport: kDesk });
    const page = await cart_of(customer, demo, 'USD');
    await page.getByRole('radio', { name: /KHQR/ }).focus();
    assert.equal(await page.getByRole('radio', { name: /KHQR/ }).isChecked(), true);
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.getByRole('radio', { name: /Stripe/ }).isChecked(), true);
    await button(page, /^Order and pay/).focus();
    await page.keyboard.press('Enter');
    await arrived(page, /^\/checkout/);
    assert.match(await scan(page), /^STRIPE-SANDBOX:/);
    await link(page, 'Pay another way').focus();
    await page.keyboard.press('Enter');
    await arrived(page, /^\/payment\/ways/);
    assert.deepEqual(await look_at(page, 'ways-desk'), []);
    await page.getByRole('radio', { name: /Stripe/ }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await arrived(page, /^\/checkout\?order_id=\d+&session=/);
    await page.getByRole('img', { name: 'KHQR code of this payment' }).waitFor();
    assert.deepEqual(customer.complaints, []);
  });

  await t.test('without script, by the link of the order alone', async () => {
    const customer = await browser.visitor();
    const placed = await customer.order(demo.url, { product_id: kOf.MGA.id,
      payment_method: 'cash' });
    const stranger = await browser.visitor({ javaScriptEnabled: false });
    const page = await stranger.open(
      `${demo.url}/checkout?order_id=${placed.order_id}&secret=${placed.order_secret}`);
    await page.getByText('Pay at the cash desk, and say the bill number.').waitFor();
    await link(page, 'Pay another way').tap();
    await page.getByRole('radio', { name: /MVola/ }).check();
    await page.getByLabel('Your MVola number').fill('0341112223');
    await button(page, 'Continue').tap();
    await arrived(page, /^\/checkout\?order_id=\d+&secret=\w+&session=/);
    await page.getByText('Your phone asks you now.').waitFor();
    await link(page, 'Pay it at the test bank').tap();
    await button(page, 'Approve with the PIN').tap();
    await heading(page, 'Done').waitFor();
    await page.goto(
      `${demo.url}/checkout?order_id=${placed.order_id}&secret=${placed.order_secret}`);
    await heading(page, 'Paid. Thank you!').waitFor();
    await stranger.close();
  });

  await t.test('in Khmer, on a phone', async () => {
    const customer = await browser.visitor({ viewport: kPhone, locale: 'km-KH' });
    const placed = await customer.order(demo.url, { product_id: kOf.MNT.id,
      payment_method: 'qpay' });
    const page = await customer.open(`${demo.url}${placed.checkout_url}`);
    await page.getByText('ស្កេនដោយកម្មវិធីធនាគារណាក៏បានក្នុងប្រទេសម៉ុងហ្គោលី។').waitFor();
    assert.deepEqual(await look_at(page, 'checkout-qpay-km'), []);
    await page.goto(`${demo.url}/payment/ways?order_id=${placed.order_id}`);
    await page.getByText('បង់នៅតុបេឡារបស់យើង។').waitFor();
    assert.deepEqual(customer.complaints, []);
  });
});
