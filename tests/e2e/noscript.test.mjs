/** Without JavaScript: all that a payer needs works by pages and forms (S0.6, S0.7, S0.42, C26). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrived, Browser } from '../support/browser.mjs';
import { Demo } from '../support/demo.mjs';
import { read_off } from '../support/picture.mjs';

const button = (page, name) => page.getByRole('button', { name });
const link = (page, name) => page.getByRole('link', { name });
const heading = (page, name) => page.getByRole('heading', { name });

/** Asks for what the recovery form says about a text. */
async function recover(page, demo, text) {
  await page.goto(`${demo.url}/payment/recover-from-qr`);
  await page.getByLabel('Text of the QR code or recovery code').fill(text);
  await button(page, 'Find my order').tap();
}

test('without JavaScript: pay, receipt, verification, recovery', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor({ javaScriptEnabled: false });
  let order = await customer.order(demo.url, { quantity: 2 });
  const page = await customer.open(`${demo.url}${order.checkout_url}`);
  let proof_url;

  await t.test('S0.6 checkout shows the QR, and what stands in it', async () => {
    const picture = page.getByRole('img', { name: 'KHQR code of this payment' });
    assert.equal(await read_off(picture), order.session.qr_data);
    const slip = await page.locator('.slip').innerText();
    for (const part of ['25.80 USD', order.session.bill_number, order.session.recovery_code]) {
      assert.ok(slip.includes(part), `${part} in ${slip}`);
    }
  });

  await t.test('S0.1 S0.7 the kept picture holds the same QR', async () => {
    const tab = await customer.open(`${demo.url}/payment/save-qr?order_id=${order.order_id}`);
    const picture = tab.getByRole('img', { name: 'KHQR code with amount and recovery code' });
    assert.equal(await read_off(picture), order.session.qr_data);
    await link(tab, 'Open the payment page').tap();
    await arrived(tab, /^\/checkout/);
    await tab.close();
  });

  await t.test('S1.40 it says Paid by itself, by looking again', async () => {
    const seen = page.waitForEvent('framenavigated');
    await demo.bank.pay(order.session.qr_data);
    await seen;
    await heading(page, 'Paid. Thank you!').waitFor();
  });

  await t.test('the receipt, and the proof that it carries', async () => {
    await link(page, 'See the receipt').tap();
    await heading(page, /^Receipt #\d+$/).waitFor();
    const picture = page.getByRole('img', { name: 'QR code that proves this receipt' });
    proof_url = await read_off(picture);
    await page.goto(proof_url);
    await heading(page, 'Valid').waitFor();
    await page.getByText(`Order ${order.order_id}`).waitFor();
  });

  await t.test('C26 verification by hand: a valid code, and one that is not ours', async () => {
    const code = new URL(proof_url).searchParams.get('code');
    await page.goto(`${demo.url}/app/qr-verification/`);
    await page.getByLabel('Code or address from the receipt').fill(code);
    await button(page, 'Check it').tap();
    await heading(page, 'Valid').waitFor();
    await link(page, 'Check another').tap();
    const other = code.replace(/.$/, code.endsWith('A') ? 'B' : 'A');
    await page.getByLabel('Code or address from the receipt').fill(other);
    await button(page, 'Check it').tap();
    await heading(page, 'Not found').waitFor();
  });

  await t.test('S0.42 the recovery form finds a paid order', async () => {
    const stranger = await browser.visitor({ javaScriptEnabled: false });
    const tab = await stranger.open(demo.url);
    await recover(tab, demo, order.session.qr_data);
    await heading(tab, 'Paid. Thank you!').waitFor();
    await link(tab, 'See the receipt').tap();
    await heading(tab, /^Receipt #\d+$/).waitFor();
    await stranger.close();
  });

  await t.test('S0.42 it finds a waiting one by its recovery code, on another phone', async () => {
    order = await customer.order(demo.url);
    const stranger = await browser.visitor({ javaScriptEnabled: false });
    const tab = await stranger.open(demo.url);
    await recover(tab, demo, order.session.recovery_code);
    await tab.getByText('The bank shows no payment for it yet.').waitFor();
    await link(tab, 'Open the payment page').tap();
    const picture = tab.getByRole('img', { name: 'KHQR code of this payment' });
    assert.equal(await read_off(picture), order.session.qr_data);
    await link(tab, 'Save the QR').tap();
    await link(tab, 'Open the payment page').tap();
    await arrived(tab, /^\/checkout/);
    await demo.bank.pay(order.session.qr_data);
    await heading(tab, 'Paid. Thank you!').waitFor();
    await link(tab, 'See the receipt').tap();
    await heading(tab, /^Receipt #\d+$/).waitFor();
    await stranger.close();
  });

  await t.test('S0.42 it finds nothing for what is no order of ours', async () => {
    await recover(page, demo, order.session.recovery_code.replace(/.{4}:amount/, '0000:amount'));
    await heading(page, 'No order found for this text').waitFor();
    await link(page, 'Try again').tap();
    await heading(page, 'Recover a payment').waitFor();
  });

  await t.test('pages that need script say so', async () => {
    for (const [path, words] of [
      ['/', 'The shop needs JavaScript.'],
      ['/cart', 'The cart needs JavaScript.'],
      ['/orders', 'The list of orders needs JavaScript.'],
      ['/staff/login', 'The staff pages need JavaScript.'],
    ]) {
      await page.goto(`${demo.url}${path}`);
      assert.match(await page.locator('main').innerText(), new RegExp(words));
    }
  });

  assert.deepEqual(customer.complaints, []);
});
