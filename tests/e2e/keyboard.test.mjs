/** By keyboard alone: from the shelf to the QR, and through the dialogs. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { arrived, Browser, kDesk } from '../support/browser.mjs';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

/** More presses than any page has places to go. */
const kPressesAtMost = 80;

/** The name and look of what has the focus. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const label = element.labels?.[0]?.textContent;
    return {
      tag: element.tagName.toLowerCase(),
      name: (element.getAttribute('aria-label') ?? label ?? element.textContent).trim(),
      outline: style.outlineStyle === 'none' ? 0 : Number.parseFloat(style.outlineWidth),
      in_dialog: element.closest('dialog') !== null,
      body: element === document.body,
    };
  });
}

/** Waits until the focus is on `name`, where the page puts it by itself. */
function focus_is_on(page, name) {
  return eventually(`the focus is on ${name}`, kPatienceMs, async () => {
    assert.equal((await focused(page)).name, name);
    return true;
  });
}

/** Presses Tab until what has the focus is called `name`; every stop on the way shows it. */
async function tab_to(page, name) {
  const passed = [];
  for (let press = 0; press < kPressesAtMost; ++press) {
    await page.keyboard.press('Tab');
    const here = await focused(page);
    if (here.body) continue; // Past the last place: the browser's own bar.
    assert.ok(here.outline >= 2, `focus is visible on ${JSON.stringify(here)}`);
    if (name.test(here.name)) return here;
    passed.push(here.name);
  }
  throw new Error(`no way to ${name}; passed ${passed.join(' | ')}`);
}

/** Tabs once around inside an open dialog and gives the names of its stops. */
async function around_dialog(page, presses) {
  const stops = [];
  for (let press = 0; press < presses; ++press) {
    await page.keyboard.press('Tab');
    const here = await focused(page);
    assert.ok(here.in_dialog || here.body, `focus left the dialog for ${here.name}`);
    if (here.in_dialog) stops.push(here.name);
  }
  return new Set(stops);
}

test('from the shelf to the QR without a mouse', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor({ viewport: kDesk });
  const page = await customer.open(`${demo.url}/`);
  await page.getByRole('button', { name: 'Add to cart: Laptop' }).waitFor();

  await t.test('the first stop leads past the header', async () => {
    const first = await tab_to(page, /./);
    assert.equal(first.name, 'Skip to the content');
    await page.keyboard.press('Enter');
    const next = await tab_to(page, /./);
    assert.match(next.name, /^Add to cart: /);
  });

  await t.test('adding keeps the place', async () => {
    await tab_to(page, /^Add to cart: Wireless mouse/);
    await page.keyboard.press('Enter');
    await focus_is_on(page, 'One more Wireless mouse');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+Tab');
    await focus_is_on(page, 'One fewer Wireless mouse');
    await page.keyboard.press('Space');
    await page.keyboard.press('Space');
    await focus_is_on(page, 'Add to cart: Wireless mouse');
    await page.keyboard.press('Enter');
  });

  await t.test('cart and order', async () => {
    await page.keyboard.press('Home');
    await tab_to(page, /^Cart/);
    await page.keyboard.press('Enter');
    await arrived(page, /^\/cart$/);
    await page.getByLabel('Quantity: Wireless mouse').waitFor();
    await tab_to(page, /^Quantity: Wireless mouse/);
    await page.keyboard.press('ArrowUp');
    await tab_to(page, /^Name/);
    await page.keyboard.type('Sokha Chan');
    await tab_to(page, /^Order and pay 25\.80 USD/);
    await page.keyboard.press('Enter');
    await arrived(page, /^\/checkout/);
    await page.getByText('25.80 USD').waitFor();
  });

  await t.test('the dialog keeps the focus and gives it back', async () => {
    for (const way_out of ['Escape', 'Keep the order']) {
      await tab_to(page, /^Cancel order/);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Cancel this order?' }).waitFor();
      await eventually('the dialog has the focus', kPatienceMs,
        async () => (await focused(page)).in_dialog);
      assert.deepEqual(await around_dialog(page, 5),
        new Set(['Keep the order', 'Cancel the order']));
      if (way_out !== 'Escape') await tab_to(page, /^Keep the order/);
      await page.keyboard.press(way_out === 'Escape' ? 'Escape' : 'Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await focus_is_on(page, 'Cancel order');
    }
  });

  await t.test('a cancelled order takes the focus to its outcome', async () => {
    await page.keyboard.press('Enter');
    await tab_to(page, /^Cancel the order/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'This order is cancelled' }).waitFor();
    await page.waitForFunction(() => document.activeElement !== document.body);
    const next = await tab_to(page, /./);
    assert.equal(next.name, 'Back to the shop');
  });

  assert.deepEqual(customer.complaints, []);
});

test('S1.15 Mark as Paid without a mouse', async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const customer = await browser.visitor();
  const { order_id } = await customer.order(demo.url);
  const staff = await browser.visitor({ viewport: kDesk });
  const page = await staff.open(`${demo.url}/staff/order?order_id=${order_id}`);
  await arrived(page, /^\/staff\/login/);
  await page.getByLabel('User name').waitFor();
  await tab_to(page, /^User name/);
  await page.keyboard.type('admin');
  await page.keyboard.press('Tab');
  await page.keyboard.type(kAdminPassword);
  await page.keyboard.press('Enter');
  await arrived(page, /^\/staff\/order\?order_id=/);
  await page.getByRole('button', { name: 'Mark as Paid' }).waitFor();

  await t.test('leaving the dialog gives the focus back', async () => {
    await tab_to(page, /^Mark as Paid/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Mark order ${order_id} as paid?` });
    await dialog.waitFor();
    assert.deepEqual(await around_dialog(page, 8),
      new Set(['Reason', 'Bank reference (if you have it)', 'Mark as Paid', 'Back']));
    await tab_to(page, /^Back/);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await focus_is_on(page, 'Mark as Paid');
  });

  await t.test('a reason is typed and the order completed', async () => {
    await page.keyboard.press('Enter');
    await tab_to(page, /^Reason/);
    await page.keyboard.type('Paid in cash at the counter');
    await tab_to(page, /^Mark as Paid/);
    await page.keyboard.press('Enter');
    await page.getByText('Marked as paid. The order is completed.').waitFor();
  });

  // Before the login the order was none that this visitor may see, and the browser says so.
  const unexpected = staff.complaints.filter((text) => !/ 404 .*\/api\/orders\/\d+ /.test(text));
  assert.deepEqual(unexpected, []);
});
