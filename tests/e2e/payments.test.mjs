/** Staff at the page of payments that fit no session: pulling the lists, and what that brings. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrived, Browser, kDesk, kPhone } from '../support/browser.mjs';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { look_at } from '../support/look.mjs';

async function looks(page, name) {
  for (const viewport of [kPhone, kDesk]) {
    await page.setViewportSize(viewport);
    assert.deepEqual(await look_at(page, name), [], name);
  }
}

test('S4.8 S4.37 an administrator syncs, and sees money that fits no session', async (t) => {
  const demo = await Demo.start(t,
    { RAZORPAY_KEY_ID: 'rzp_test_page', RAZORPAY_KEY_SECRET: 'its key' });
  const browser = await Browser.start(t);
  const admin = await browser.visitor({ viewport: kDesk });
  const page = await admin.open(`${demo.url}/staff/login?next=/staff/payments`);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password').fill(kAdminPassword);
  await page.getByRole('button', { name: 'Log in' }).click();
  await arrived(page, /^\/staff\/payments$/);
  await page.getByText('Every payment that was listed has its session.').waitFor();
  const paid = await demo.bank.client.post('/control/rails/razorpay/act',
    { ref: 'page', choice: 'pay', amount: '100' });
  assert.equal(paid.status, 200, paid.text);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await page.getByText('Payments were synced.').waitFor();
  const row = page.getByRole('row').filter({ hasText: paid.json.id });
  await row.waitFor();
  assert.match(await row.innerText(), /100\.00 INR/);
  await page.getByRole('heading', { name: 'Newest runs' }).waitFor();
  await looks(page, 'staff-payments-unmatched');
});
