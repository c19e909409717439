/** A customer comes back with a code (S0.42–S0.44), or gives an order up. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser } from '../support/browser.mjs';
import { Demo } from '../support/demo.mjs';

const kMouse = 3;

const button = (page, name) => page.getByRole('button', { name });
const link = (page, name) => page.getByRole('link', { name });
const heading = (page, name) => page.getByRole('heading', { name });

/** Step 1 of *Recover*: the text goes in. */
async function paste(page, text) {
  // Before that the form beneath it would answer, without script.
  await page.locator('#recover[data-live]').waitFor();
  await page.getByLabel('Text of the QR code or recovery code').fill(text);
  await button(page, 'Find my order').tap();
}

test('S0.42 recovering a payment on another phone', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const stranger = await browser.visitor();
  const page = await stranger.open(`${demo.url}/`);
  await link(page, 'Recover').tap();

  await t.test('S0.43 S0.44 by the recovery code: the order first, then the bank', async () => {
    const order = await customer.order(demo.url, { customer_name: 'Sokha Chan' });
    await paste(page, order.session.recovery_code);
    await heading(page, 'Is this your order?').waitFor();
    const facts = await page.locator('.facts').innerText();
    assert.match(facts, new RegExp(`Order\\s+${order.order_id}\\s`));
    assert.match(facts, /12\.90 USD/);
    assert.match(facts, /Pending/);
    assert.doesNotMatch(facts, /Sokha Chan/, 'a stranger does not learn the whole name');
    await button(page, 'Ask the bank now').tap();
    await heading(page, 'The bank shows no payment yet').waitFor();
    await link(page, 'Open the payment page').tap();
    await heading(page, 'Waiting for your payment').waitFor();
    await demo.bank.pay(order.session.qr_data);
    await heading(page, 'Paid. Thank you!').waitFor();
    await link(page, 'See the receipt').tap();
    await heading(page, `Receipt #${order.order_id}`).waitFor();
  });

  await t.test('S0.46 S0.50 by the text of the QR, paid while nobody looked: at once', async () => {
    const order = await customer.order(demo.url);
    await demo.bank.pay(order.session.qr_data);
    await page.goto(`${demo.url}/payment/recover-from-qr`);
    await paste(page, order.session.qr_data);
    await button(page, 'Ask the bank now').tap();
    await heading(page, 'Paid. Thank you!').waitFor();
    await link(page, 'See the receipt').tap();
    await heading(page, `Receipt #${order.order_id}`).waitFor();
  });

  assert.deepEqual(stranger.complaints, []);

  await t.test('nothing pasted, and nothing found', async () => {
    await page.goto(`${demo.url}/payment/recover-from-qr`);
    await paste(page, '  ');
    await page.getByText('Please paste the text of the QR code first.').waitFor();
    await paste(page, `KHQR:order_id=1:transaction_id=${'0'.repeat(32)}:amount=12.90`);
    await page.getByText('No order found for this text.').waitFor();
  });

  await stranger.close();
});

test('cancelling an order', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const before = await demo.stock(kMouse);
  const order = await customer.order(demo.url);
  const page = await customer.open(`${demo.url}${order.checkout_url}`);
  const dialog = page.getByRole('dialog', { name: 'Cancel this order?' });

  await t.test('keeping it changes nothing', async () => {
    await button(page, 'Cancel order').tap();
    await button(dialog, 'Keep the order').tap();
    await dialog.waitFor({ state: 'detached' });
    await heading(page, 'Waiting for your payment').waitFor();
    assert.equal((await demo.stock(kMouse)).reserved, before.reserved + 1);
  });

  await t.test('cancelling it takes the QR away and gives the goods back', async () => {
    await button(page, 'Cancel order').tap();
    await button(dialog, 'Cancel the order').tap();
    await heading(page, 'This order is cancelled').waitFor();
    assert.equal(await page.getByRole('img', { name: /KHQR code/ }).count(), 0);
    assert.deepEqual(await demo.stock(kMouse), before);
    await page.goto(`${demo.url}/orders`);
    await button(page, /^Cancelled/).tap();
    await heading(page, `Order ${order.order_id}`).waitFor();
  });

  assert.deepEqual(customer.complaints, []);

  await t.test('C19 paid in the meantime: completed instead, and said so', async () => {
    const late = await customer.order(demo.url);
    await demo.bank.pay(late.session.qr_data);
    const tab = await customer.context.newPage();
    // A page that does not hear of it before the button is pressed.
    await tab.route('**/status', (route) => route.abort());
    await tab.route('**/events', (route) => route.abort());
    await tab.goto(`${demo.url}${late.checkout_url}`);
    await button(tab, 'Cancel order').tap();
    await button(tab, 'Cancel the order').tap();
    await tab.getByRole('dialog').waitFor({ state: 'detached' });
    await tab.unroute('**/status');
    await heading(tab, 'Paid. Thank you!').waitFor();
    await tab.getByText('Your payment has just arrived, so the order was not cancelled.').waitFor();
    assert.equal((await demo.stock(kMouse)).stock, before.stock - 1);
  });
});
