/** Staff at their screens: asking, marking as paid, and being asked who they are (S1.12–S1.16). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrived, Browser, kDesk } from '../support/browser.mjs';
import { Demo, kAdminPassword } from '../support/demo.mjs';

const kMouse = 3;

const button = (page, name) => page.getByRole('button', { name });
const heading = (page, name) => page.getByRole('heading', { name });

async function log_in(page, password) {
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill(password);
  await button(page, 'Log in').click();
}

const records = (page, name) => page.getByRole('region', { name }).locator('tbody tr');

test('S1.12–S1.16 S1.36–S1.43 staff and an order', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const staff = await browser.visitor({ viewport: kDesk });
  const first = await customer.order(demo.url, { customer_name: 'Sokha Chan' });
  const page = await staff.open(`${demo.url}/staff/orders`);

  await t.test('who is not logged in is sent to the login', async () => {
    await arrived(page, /^\/staff\/login\?next=/);
  });

  await t.test('a wrong password is refused in words', async () => {
    await log_in(page, 'not the password');
    await page.getByText('User name or password is not right.').waitFor();
    assert.match(page.url(), /\/staff\/login/);
  });

  await t.test('the right one leads to the orders that wait', async () => {
    await log_in(page, kAdminPassword);
    await arrived(page, /^\/staff\/orders$/);
    const row = page.getByRole('row').filter({ hasText: 'Sokha Chan' });
    await row.getByText('Pending').waitFor();
    await page.getByRole('link', { name: String(first.order_id), exact: true }).click();
    await heading(page, `Order ${first.order_id}`).waitFor();
  });
  staff.complaints.length = 0; // The refusals above were on purpose.

  await t.test('S1.12 S1.36 Verify Instantly, unpaid: the bank shows nothing yet', async () => {
    const attempts = await records(page, 'Attempts log').count();
    await button(page, 'Verify Instantly').click();
    await page.getByText('The bank shows no payment yet. The order keeps waiting.').waitFor();
    await page.waitForFunction((before) => {
      const log = document.querySelector('[role=region][aria-label="Attempts log"]');
      return (log?.querySelectorAll('tbody tr').length ?? 0) > before;
    }, attempts);
    assert.match(await page.locator('.order-title').innerText(), /Pending/);
  });

  await t.test('S1.13 S1.37 Check Payment Status reads and changes nothing', async () => {
    await button(page, 'Check Payment Status').click();
    await page.getByText(/^Order pending, payment session pending, bank answering\./).waitFor();
    await page.getByText(/Last asked: \d+ s ago\.$/).waitFor();
  });

  await t.test('S1.15 S1.16 Mark as Paid wants a reason and puts it on record', async () => {
    const before = await demo.stock(kMouse);
    await button(page, 'Mark as Paid').click();
    const dialog = page.getByRole('dialog', { name: `Mark order ${first.order_id} as paid?` });
    await button(dialog, 'Mark as Paid').click();
    await dialog.getByText('Please give a reason of at least 5 characters.').waitFor();
    await dialog.getByLabel('Reason').fill('Seen on the account statement');
    await button(dialog, 'Mark as Paid').click();
    await page.getByText('Marked as paid. The order is completed.').waitFor();
    await page.locator('.order-title').getByText('Completed').waitFor();
    await records(page, 'Settlements').getByText('manual: Seen on the account statement').waitFor();
    assert.match(await records(page, 'Approvals').innerText(), /admin[\s\S]*Seen on the account/);
    await page.getByText('admin stated that', { exact: false }).waitFor();
    await page.getByText('Show the entries of the log as they are').click();
    assert.match((await records(page, 'Audit trail').allInnerTexts()).join(), /admin/);
    assert.equal((await demo.stock(kMouse)).stock, before.stock - 1);
    assert.equal(await button(page, 'Mark as Paid').count(), 0);
  });

  await t.test('S1.14 S1.40 an open order turns by itself when it is paid', async () => {
    const second = await customer.order(demo.url);
    await page.goto(`${demo.url}/staff/order?order_id=${second.order_id}`);
    await page.locator('.order-title').getByText('Pending').waitFor();
    await demo.bank.pay(second.session.qr_data);
    await page.getByText('The order has just become completed.').waitFor();
    await records(page, 'Evidence').getByText('12.90 USD').waitFor();
    await records(page, 'Settlements').getByText('automatic').waitFor();
  });

  await t.test('S1.12 Verify Instantly, paid while nobody looked: completed at once', async () => {
    const third = await customer.order(demo.url);
    await demo.bank.pay(third.session.qr_data);
    const reply = await staff.post(`${demo.url}/api/payment/verify-instantly`,
      { order_id: third.order_id });
    assert.equal(reply.status, 'completed');
    await page.goto(`${demo.url}/staff/orders`);
    await button(page, /^Completed/).click();
    await page.getByRole('link', { name: String(third.order_id), exact: true }).waitFor();
  });

  await t.test('an order is found by its number', async () => {
    await page.getByLabel('Order number').fill('#999');
    await button(page, 'Open').click();
    await page.getByText('There is no order 999.').waitFor();
    await page.getByLabel('Order number').fill(String(first.order_id));
    await button(page, 'Open').click();
    await heading(page, `Order ${first.order_id}`).waitFor();
  });

  const unexpected = staff.complaints.filter((text) => !text.includes('/api/orders/999 '));
  assert.deepEqual(unexpected, []);
});

test('staff whose login is over', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const order = await customer.order(demo.url);
  const staff = await browser.visitor({ viewport: kDesk });
  const page = await staff.open(`${demo.url}/staff/login`);
  await log_in(page, kAdminPassword);
  await arrived(page, /^\/staff\/orders$/);
  const forget = () => staff.context.clearCookies({ name: 'quittance_session' });

  await t.test('the list sends them to the login, by itself', async () => {
    await page.getByRole('link', { name: String(order.order_id), exact: true }).waitFor();
    await forget();
    await arrived(page, /^\/staff\/login\?next=/);
    await log_in(page, kAdminPassword);
    await arrived(page, /^\/staff\/orders$/);
  });

  await t.test('an action sends them there too, and back to the order afterwards', async () => {
    await page.getByRole('link', { name: String(order.order_id), exact: true }).click();
    await button(page, 'Verify Instantly').waitFor();
    await forget();
    await button(page, 'Verify Instantly').click();
    await arrived(page, /^\/staff\/login\?next=/);
    await log_in(page, kAdminPassword);
    await arrived(page, new RegExp(`^/staff/order\\?order_id=${order.order_id}$`));
    await heading(page, `Order ${order.order_id}`).waitFor();
  });

  await t.test('logging out ends it at the server', async () => {
    await button(page, 'Log out').click();
    await arrived(page, /^\/staff\/login$/);
    await page.goto(`${demo.url}/staff/order?order_id=${order.order_id}`);
    await arrived(page, /^\/staff\/login\?next=/);
  });

  await t.test('the login leads nowhere else', async () => {
    await page.goto(`${demo.url}/staff/login?next=https://example.com/`);
    await log_in(page, kAdminPassword);
    await arrived(page, /^\/staff\/orders$/);
    assert.equal(new URL(page.url()).origin, demo.url);
  });
});
