/** Staff and money that goes back, clicked through: refund, void, second person (N4, C13, C33). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrived, Browser, kDesk, kPhone } from '../support/browser.mjs';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { look_at } from '../support/look.mjs';

const kLaptop = 1;
const kMouse = 3;
const kColleague = { username: 'dara', password: 'a sentence to log in with' };

const button = (page, name) => page.getByRole('button', { name });
const heading = (page, name) => page.getByRole('heading', { name });
const title = (page) => page.locator('.order-title');
const rows = (page) => page.getByRole('region', { name: 'Settlements' }).locator('tbody tr');
const held = (page) => page.getByRole('region', { name: 'Settlements' }).locator('tfoot tr');

/** Pictures of what is there, wide and narrow, and nothing that somebody would stumble over. */
async function looks(page, name) {
  for (const viewport of [kPhone, kDesk]) {
    await page.setViewportSize(viewport);
    assert.deepEqual(await look_at(page, name), [], name);
  }
}

async function logged_in(browser, demo, username, password) {
  const visitor = await browser.visitor({ viewport: kDesk });
  await visitor.post(`${demo.url}/api/auth/login`, { username, password });
  return visitor;
}

/** An order, paid as `terms` say and seen by us. */
async function paid(demo, customer, staff, terms = {}) {
  const order = await customer.order(demo.url, { product_id: kMouse });
  await demo.bank.pay(order.session.qr_data, terms);
  await staff.post(`${demo.url}/api/payment/verify-instantly`, { order_id: order.order_id });
  return order;
}

const open = (page, demo, { order_id }) =>
  page.goto(`${demo.url}/staff/order?order_id=${order_id}`);

test('N4 C33 staff give money back', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const staff = await logged_in(browser, demo, 'admin', kAdminPassword);
  const order = await paid(demo, customer, staff);
  const page = await staff.open(`${demo.url}/staff/order?order_id=${order.order_id}`);
  const dialog = page.getByRole('dialog', { name: 'Give money back' });

  await t.test('the form knows what is held, and wants a reason', async () => {
    await button(page, 'Give money back').click();
    assert.equal(await dialog.getByLabel('Sum in USD').inputValue(), '12.90');
    await dialog.getByText('twelve US dollars and ninety cents').waitFor();
    await button(dialog, 'Continue').click();
    await dialog.getByText('Please give a reason of at least 5 characters.').waitFor();
    await dialog.getByLabel('Sum in USD').fill('129.00');
    await dialog.getByText('one hundred and twenty-nine US dollars').waitFor();
    await dialog.getByLabel('Reason').fill('One of two came back broken');
    await button(dialog, 'Continue').click();
    await dialog.getByText('No more than 12.90 USD is held of this payment.').waitFor();
    await dialog.getByLabel('Sum in USD').fill('4.5.0');
    await button(dialog, 'Continue').click();
    await dialog.getByText('Please write a sum such as 12.90.').waitFor();
    await looks(page, 'give-back-form');
  });

  await t.test('a part: the sum is asked in words, silence loses nothing typed', async () => {
    await dialog.getByLabel('Sum in USD').fill('4.90');
    await dialog.getByLabel(/^Bank reference/).fill('FT-100');
    await button(dialog, 'Continue').click();
    await dialog.getByText('four US dollars and ninety cents').waitFor();
    await dialog.getByText('The order stays completed, and keeps 8.00 USD.').waitFor();
    await page.waitForFunction(() => /4\.90 USD/.test(document.activeElement.innerText));
    await looks(page, 'give-back-sure');
    const keys = [];
    await page.route('**/refund', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      // The server hears the first press; its answer is lost.
      if (keys.length > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await button(dialog, 'Yes, 4.90 USD went back').click();
    await dialog.getByText('No connection just now.').waitFor();
    await looks(page, 'give-back-silence');
    await button(dialog, 'Change').click();
    assert.equal(await dialog.getByLabel('Sum in USD').inputValue(), '4.90');
    assert.equal(await dialog.getByLabel('Reason').inputValue(), 'One of two came back broken');
    await button(dialog, 'Continue').click();
    await button(dialog, 'Yes, 4.90 USD went back').click();
    await page.getByText('4.90 USD is on record as given back. The order is completed.').waitFor();
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1], 'the same wish keeps its key');
    await rows(page).nth(1).waitFor();
    assert.equal(await rows(page).count(), 2, 'recorded once');
    assert.match(await rows(page).nth(1).innerText(), /Given back[\s\S]*4\.90 USD[\s\S]*FT-100/);
    assert.match(await held(page).innerText(), /Still held\s+8\.00 USD/);
    await page.waitForFunction(() => /on record/.test(document.activeElement.innerText));
    await looks(page, 'give-back-part');
  });

  await t.test('the rest, by keyboard: the order is refunded', async () => {
    await page.setViewportSize(kDesk);
    await button(page, 'Give money back').focus();
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Reason').focus();
    await page.keyboard.type('The other came back too');
    await button(dialog, 'Continue').focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('Nothing of the order’s money is left').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('8.00 USD is on record as given back. The order is refunded.').waitFor();
    await title(page).getByText('Refunded').waitFor();
    assert.equal(await button(page, 'Give money back').count(), 0);
    assert.equal(await button(page, 'Mark as Paid').count(), 0);
    await looks(page, 'staff-order-refunded');
  });

  await t.test('the customer sees it everywhere, also in Khmer', async () => {
    const tab = await customer.open(`${demo.url}/orders`);
    await button(tab, /^Refunded/).click();
    await heading(tab, `Order ${order.order_id}`).waitFor();
    await looks(tab, 'orders-refunded');
    for (const [name, path, words] of [
      ['checkout-refunded', order.checkout_url, 'This order was refunded'],
      ['save-qr-refunded', `/payment/save-qr?order_id=${order.order_id}`, /was refunded$/],
      ['receipt-refunded', `/receipt?order_id=${order.order_id}`, /^Receipt #/],
    ]) {
      await tab.goto(`${demo.url}${path}`);
      await heading(tab, words).waitFor();
      await looks(tab, name);
    }
    const { pass } = await staff.get(`${demo.url}/api/orders/${order.order_id}`);
    await tab.goto(pass.url);
    await heading(tab, 'Refunded').waitFor();
    await looks(tab, 'verification-refunded');
    await tab.evaluate(() => localStorage.setItem('quittance.language', 'km'));
    for (const [name, path] of [
      ['receipt-refunded-km', `/receipt?order_id=${order.order_id}`],
      ['checkout-refunded-km', order.checkout_url],
      ['verification-refunded-km', new URL(pass.url).pathname + new URL(pass.url).search],
    ]) {
      await tab.goto(`${demo.url}${path}`);
      await tab.getByText(/សងប្រាក់វិញ|បានសងវិញ/).first().waitFor();
      await looks(tab, name);
    }
    await tab.close();
  });

  await t.test('C33 what was paid too much: found in the list, one press fills it in', async () => {
    const over = await paid(demo, customer, staff, { amount: '20.00' });
    await page.goto(`${demo.url}/staff/orders`);
    await button(page, /^Needs attention/).click();
    const row = page.getByRole('row').filter({ hasText: 'Paid too much' });
    await row.waitFor();
    await looks(page, 'staff-orders-attention');
    await row.getByRole('link').click();
    await heading(page, `Order ${over.order_id}`).waitFor();
    await button(page, 'Give money back').click();
    await button(dialog, 'Only what was paid too much: 7.10 USD').click();
    assert.equal(await dialog.getByLabel('Sum in USD').inputValue(), '7.10');
    await dialog.getByLabel('Reason').fill('Typed the sum wrong');
    await button(dialog, 'Continue').click();
    await dialog.getByText('Only what was paid too much goes back').waitFor();
    await button(dialog, 'Yes, 7.10 USD went back').click();
    await page.getByText('7.10 USD is on record as given back. The order is completed.').waitFor();
    assert.doesNotMatch(await title(page).innerText(), /too much/);
    await page.goBack();
    await page.getByText('Nothing needs a person.').waitFor();
    await button(page, /^Refunded/).click();
    await page.getByRole('link', { name: String(order.order_id), exact: true }).waitFor();
    await looks(page, 'staff-orders-refunded');
  });

  assert.deepEqual(staff.complaints.filter((text) => !/ERR_FAILED/.test(text)), []);
  assert.deepEqual(customer.complaints, []);
});

test('C13 staff take a claim back, and confirm each other’s', async (t) => {
  const demo = await Demo.start(t, { QUITTANCE_SECOND_APPROVER_FROM: '1000.00 USD' });
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const admin = await logged_in(browser, demo, 'admin', kAdminPassword);
  await admin.post(`${demo.url}/api/admin/users`, { ...kColleague, role: 'staff' });
  const colleague = await logged_in(browser, demo, kColleague.username, kColleague.password);
  const page = await admin.open(`${demo.url}/staff/orders`);
  const other = await colleague.open(`${demo.url}/staff/orders`);

  /** Marks an order as paid in the page. */
  async function mark(order, reason, reference = '') {
    await open(page, demo, order);
    await button(page, 'Mark as Paid').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByLabel(/^Bank reference/).fill(reference);
    await dialog.getByText('not counted as a second payment').waitFor();
    if (reference) await looks(page, 'mark-paid-form');
    await button(dialog, 'Mark as Paid').click();
    await dialog.waitFor({ state: 'detached' });
  }

  await t.test('Take back: as if it had never been said', async () => {
    const order = await customer.order(demo.url, { product_id: kMouse });
    await mark(order, 'Cash on the counter');
    await page.getByText('Marked as paid. The order is completed.').waitFor();
    await button(page, /^Take back/).click();
    const dialog = page.getByRole('dialog', { name: 'Take back that 12.90 USD came?' });
    await dialog.getByLabel('Reason').fill('It was for another order');
    await looks(page, 'take-back-form');
    await button(dialog, 'Take back').click();
    await page.getByText('Taken back. The order keeps waiting for its money.').waitFor();
    await title(page).getByText('Pending').waitFor();
    await looks(page, 'staff-order-taken-back');
    // It is followed live again: the bank's money turns it.
    await demo.bank.pay(order.session.qr_data);
    await title(page).getByText('Completed').waitFor();
    assert.equal(await button(page, /^Take back/).count(), 0, 'the bank’s word stays');
  });

  await t.test('a large sum waits for somebody else, who confirms it', async () => {
    const order = await customer.order(demo.url, { product_id: kLaptop, quantity: 2 });
    await mark(order, 'Seen on the account statement', 'FT-7710');
    await page.getByText('a second person has to confirm it before it counts').waitFor();
    await page.getByText('You said so yourself.').waitFor();
    assert.equal(await button(page, 'Confirm').count(), 0, 'not by who said it');
    await looks(page, 'staff-order-own-claim');
    await open(other, demo, order);
    await heading(other, 'admin says that 1,298.00 USD came.').waitFor();
    await looks(other, 'staff-order-claim');
    await button(other, 'Confirm').click();
    const dialog = other.getByRole('dialog', { name: 'Confirm that 1,298.00 USD came?' });
    await dialog.getByLabel('Reason').fill('Counted on the statement too');
    await looks(other, 'confirm-form');
    await button(dialog, 'Confirm').click();
    await other.getByText('Confirmed. The order is completed.').waitFor();
    await title(page).getByText('Completed').waitFor(); // The first person's page turns as well.
  });

  await t.test('or refuses it', async () => {
    const order = await customer.order(demo.url, { product_id: kLaptop, quantity: 2 });
    await mark(order, 'The customer showed a picture');
    await open(other, demo, order);
    await button(other, 'Refuse').click();
    const dialog = other.getByRole('dialog', { name: 'Refuse that 1,298.00 USD came?' });
    await dialog.getByLabel('Reason').fill('Not on the statement');
    await button(dialog, 'Refuse').click();
    await other.getByText('Refused. The order keeps waiting for its money.').waitFor();
    assert.equal(await other.locator('.claim').count(), 0);
    assert.match(await other.getByRole('region', { name: 'Approvals' }).innerText(),
      /dara[\s\S]*rejected[\s\S]*Not on the statement/);
  });

  await t.test('whose login ended in between finds the way back', async () => {
    await colleague.context.clearCookies({ name: 'quittance_session' });
    await other.reload();
    await arrived(other, /^\/staff\/login\?next=/);
  });

  assert.deepEqual(admin.complaints, []);
});
