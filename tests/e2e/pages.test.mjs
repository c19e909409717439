/** Every page in every state, on a phone and on a desk: a picture, its width, axe, the console. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, kDesk, kPhone } from '../support/browser.mjs';
import { Demo, kAdminPassword } from '../support/demo.mjs';
import { look_at } from '../support/look.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const press = (page, name) => page.getByRole('button', { name }).click();
const said = (page, name) => page.getByRole('heading', { name }).waitFor();

/** Orders in every state, of one customer. */
async function fill_world(demo, browser) {
  const customer = await browser.visitor();
  const order = (product_id, quantity) => customer.order(demo.url,
    { product_id, quantity, customer_name: 'Sokha Chan', customer_email: 'sokha@example.com' });
  const world = { demo, pending: await order(7, 1), paid: await order(1, 2) };
  world.cancelled = await order(4, 1);
  await customer.post(`${demo.url}/api/orders/${world.cancelled.order_id}/cancel`, {});
  await demo.bank.pay(world.paid.session.qr_data);
  world.transfer = (await demo.bank.client.get('/control/transactions')).json.transactions[0].hash;
  await customer.post(`${demo.url}/api/payment/recover-from-qr`,
    { qr_data: world.paid.session.qr_data });
  const { pass } = await eventually('the order is paid', kPatienceMs, async () => {
    const detail = await customer.get(`${demo.url}/api/orders/${world.paid.order_id}`);
    return detail.pass && detail;
  });
  world.code = pass.code;
  world.state = await customer.context.storageState();
  const staff = await browser.visitor();
  await staff.post(`${demo.url}/api/auth/login`, { username: 'admin', password: kAdminPassword });
  world.staff_state = await staff.context.storageState();
  await customer.close();
  await staff.close();
  return world;
}

/** Puts a cart into the browser before the page is there. */
const with_cart = (page) => page.addInitScript(() => localStorage.setItem('quittance.cart',
  JSON.stringify([{ product_id: 1, quantity: 2 }, { product_id: 3, quantity: 1 }])));

const in_khmer = (page) =>
  page.addInitScript(() => localStorage.setItem('quittance.language', 'km'));

/** No answer to a call: what the page says when the network is away. */
const deaf = (pattern) => (page) => page.route(pattern, (route) => route.abort());

const checkout = (order) => `/checkout?order_id=${order.order_id}`;
const verification = (code) => `/app/qr-verification/?code=${code}`;

const recover_with = (text) => async (page, world) => {
  await page.locator('#recover[data-live]').waitFor();
  await page.getByLabel('Text of the QR code or recovery code').fill(text(world));
  await press(page, 'Find my order');
};

async function recover_to_end(page, world, order) {
  await recover_with(() => order.session.qr_data)(page, world);
  await said(page, 'Is this your order?');
  await press(page, 'Ask the bank now');
}

/**
 * The states. `path` of the world; `before` the page is opened; `then` what is done there, until
 * it shows what is to be looked at. `noise`: complaints of the browser that belong to the state.
 */
const kCustomerStates = [
  { name: 'shop', path: () => '/', then: (page) => page.getByText('Webcam').waitFor() },
  { name: 'shop-added', path: () => '/', then: (page) => press(page, /Add to cart: Laptop/) },
  { name: 'shop-no-network', path: () => '/', before: deaf('**/api/products'),
    then: (page) => page.getByText('No connection just now.').waitFor(), noise: /ERR_FAILED/ },
  { name: 'cart-empty', path: () => '/cart', then: (page) => said(page, 'Your cart is empty') },
  { name: 'cart', path: () => '/cart', before: with_cart,
    then: (page) => page.getByRole('button', { name: /^Order and pay/ }).waitFor() },
  { name: 'checkout-pending', path: ({ pending }) => checkout(pending),
    then: (page) => page.getByRole('timer').waitFor() },
  { name: 'checkout-dialog', path: ({ pending }) => checkout(pending),
    then: async (page) => {
      await press(page, 'Cancel order');
      await page.getByRole('dialog').waitFor();
    } },
  { name: 'checkout-no-network', path: ({ pending }) => checkout(pending),
    before: deaf('**/api/orders/**'), noise: /ERR_FAILED/,
    then: (page) => page.getByText('No connection to the shop just now.').waitFor() },
  { name: 'checkout-completed', path: ({ paid }) => checkout(paid),
    then: (page) => said(page, 'Paid. Thank you!') },
  { name: 'checkout-cancelled', path: ({ cancelled }) => checkout(cancelled),
    then: (page) => said(page, 'This order is cancelled') },
  { name: 'orders-all', path: () => '/orders', then: (page) => said(page, 'Order 3') },
  ...['Pending', 'Completed', 'Cancelled'].map((tab, index) => ({
    name: `orders-${tab.toLowerCase()}`, path: () => '/orders',
    then: async (page) => {
      await press(page, new RegExp(`^${tab}`));
      await said(page, `Order ${index + 1}`);
    } })),
  { name: 'orders-no-network', path: () => '/orders', before: deaf('**/api/orders?*'),
    then: (page) => page.getByText('No connection just now.').waitFor(), noise: /ERR_FAILED/ },
  { name: 'save-qr', path: ({ pending }) => `/payment/save-qr?order_id=${pending.order_id}` },
  { name: 'save-qr-paid', path: ({ paid }) => `/payment/save-qr?order_id=${paid.order_id}` },
  { name: 'receipt', path: ({ paid }) => `/receipt?order_id=${paid.order_id}` },
];

const kStrangerStates = [
  { name: 'orders-empty', path: () => '/orders', then: (page) => said(page, 'No orders here') },
  { name: 'recover', path: () => '/payment/recover-from-qr' },
  { name: 'recover-found', path: () => '/payment/recover-from-qr',
    then: async (page, world) => {
      await recover_with(({ pending }) => pending.session.recovery_code)(page, world);
      await said(page, 'Is this your order?');
    } },
  { name: 'recover-waiting', path: () => '/payment/recover-from-qr',
    then: async (page, world) => {
      await recover_to_end(page, world, world.pending);
      await said(page, 'The bank shows no payment yet');
    } },
  { name: 'recover-paid', path: () => '/payment/recover-from-qr',
    then: async (page, world) => {
      await recover_to_end(page, world, world.paid);
      await said(page, 'Paid. Thank you!');
    } },
  { name: 'recover-not-found', path: () => '/payment/recover-from-qr', noise: /404/,
    then: async (page, world) => {
      await recover_with(({ pending }) =>
        pending.session.recovery_code.replace(/.{4}:amount/, '0000:amount'))(page, world);
      await page.getByText('No order found for this text.').waitFor();
    } },
  { name: 'verification', path: () => '/app/qr-verification/' },
  { name: 'verification-valid', path: ({ code }) => verification(code),
    then: (page) => said(page, 'Valid') },
  { name: 'verification-unknown', path: () => verification('Q1.not-ours'),
    then: (page) => said(page, 'Not found') },
  { name: 'error', path: () => '/receipt?order_id=1',
    then: (page) => page.getByText('404').waitFor() },
];

const kStaffStates = [
  { name: 'staff-orders', path: () => '/staff/orders',
    then: (page) => page.getByRole('link', { name: '1', exact: true }).waitFor() },
  { name: 'staff-orders-all', path: () => '/staff/orders',
    then: async (page) => {
      await press(page, /^All/);
      await page.getByRole('link', { name: '3', exact: true }).waitFor();
    } },
  { name: 'staff-payments', path: () => '/staff/payments',
    then: (page) => page.getByText('Every payment that was listed has its session.').waitFor() },
  { name: 'staff-order', path: ({ paid }) => `/staff/order?order_id=${paid.order_id}`,
    then: (page) => said(page, /^What happened/) },
  { name: 'staff-order-pending', path: ({ pending }) => `/staff/order?order_id=${pending.order_id}`,
    then: async (page) => {
      await press(page, 'Check Payment Status');
      await page.getByText(/^Order pending/).waitFor();
    } },
  { name: 'staff-order-dialog', path: ({ pending }) => `/staff/order?order_id=${pending.order_id}`,
    then: async (page) => {
      await press(page, 'Mark as Paid');
      await page.getByRole('dialog').getByRole('button', { name: 'Mark as Paid' }).click();
      await page.getByText('Please give a reason of at least 5 characters.').waitFor();
    } },
];

const kLoginStates = [
  { name: 'staff-login', path: () => '/staff/login',
    then: (page) => page.getByLabel('Password').waitFor() },
  { name: 'staff-login-refused', path: () => '/staff/login', noise: /401/,
    then: async (page) => {
      await page.getByLabel('User name').fill('admin');
      await page.getByLabel('Password').fill('wrong');
      await press(page, 'Log in');
      await page.getByText('User name or password is not right.').waitFor();
    } },
];

const kBankStates = [
  { name: 'bank-home', path: () => '/' },
  { name: 'bank-pay', path: ({ pending }) =>
    `/pay?payload=${encodeURIComponent(pending.session.qr_data)}` },
  { name: 'bank-pay-again', path: ({ paid }) =>
    `/pay?payload=${encodeURIComponent(paid.session.qr_data)}` },
  { name: 'bank-paid', path: ({ transfer }) => `/transfers/${transfer}` },
  { name: 'bank-transfers', path: () => '/transfers' },
  { name: 'bank-faults', path: () => '/faults' },
  { name: 'bank-error', path: () => '/pay?payload=nonsense',
    then: (page) => said(page, 'That did not work') },
];

/** States that are looked at again in the dark, on a phone. */
const kInTheDark = new Set(['shop', 'cart', 'checkout-pending', 'orders-all', 'receipt',
  'recover-found', 'verification-valid', 'verification-unknown', 'staff-order-pending']);

const khmer = (page) => page.locator('html[lang=km]').waitFor();
/** Pages in Khmer, whose words are longer and letters taller. */
const kKhmerStates = [
  { name: 'shop', path: () => '/', before: in_khmer },
  { name: 'cart', path: () => '/cart',
    before: async (page) => Promise.all([in_khmer(page), with_cart(page)]) },
  { name: 'checkout-pending', path: ({ pending }) => checkout(pending), before: in_khmer },
  { name: 'save-qr', path: ({ pending }) => `/payment/save-qr?order_id=${pending.order_id}`,
    before: in_khmer },
  { name: 'orders', path: () => '/orders', before: in_khmer },
  { name: 'receipt', path: ({ paid }) => `/receipt?order_id=${paid.order_id}`, before: in_khmer },
  { name: 'recover', path: () => '/payment/recover-from-qr', before: in_khmer },
  { name: 'verification-valid', path: ({ code }) => verification(code), before: in_khmer },
].map((state) => ({ ...state, then: khmer }));

/** Opens a state as a visitor of its own and gives what is wrong with it. */
async function wrongs_of(browser, world, state, options) {
  const visitor = await browser.visitor(
    { reducedMotion: 'reduce', deviceScaleFactor: 1, ...options });
  const page = await visitor.context.newPage();
  await state.before?.(page);
  await page.goto(`${options.origin}${state.path(world)}`);
  await state.then?.(page, world);
  const wrongs = await look_at(page, `${state.name}${options.suffix ?? ''}`);
  await visitor.close();
  const noise = state.noise ?? /^$/;
  return [...wrongs, ...visitor.complaints.filter((complaint) => !noise.test(complaint))];
}

/** One test per state; `options` say who looks, and at what width. */
async function look_through(t, browser, world, states, options) {
  for (const state of states) {
    const name = `${state.name}${options.suffix ?? ''} at ${options.viewport.width} px`;
    await t.test(name, async () => {
      assert.deepEqual(await wrongs_of(browser, world, state, options), []);
    });
  }
}

/** Everything at one width. */
async function look_at_all(t, browser, world, viewport) {
  const as_stranger = { viewport, origin: world.demo.url };
  const as_customer = { ...as_stranger, storageState: world.state };
  const as_staff = { ...as_stranger, storageState: world.staff_state };
  const as_payer = { viewport, origin: world.demo.bank_url };
  await look_through(t, browser, world, kCustomerStates, as_customer);
  await look_through(t, browser, world, kStrangerStates, as_stranger);
  await look_through(t, browser, world, kLoginStates, as_stranger);
  await look_through(t, browser, world, kStaffStates, as_staff);
  await look_through(t, browser, world, kBankStates, as_payer);
  if (viewport !== kPhone) return;
  for (const [states, who] of [[kCustomerStates, as_customer], [kStrangerStates, as_stranger],
    [kStaffStates, as_staff]]) {
    const again = states.filter(({ name }) => kInTheDark.has(name));
    await look_through(t, browser, world, again,
      { ...who, colorScheme: 'dark', suffix: '-dark' });
  }
  await look_through(t, browser, world, kKhmerStates, { ...as_customer, suffix: '-khmer' });
}

test('every page, on a phone and on a desk', { concurrency: 2 }, async (t) => {
  const demo = await Demo.start(t);
  const browser = await Browser.start(t);
  const world = await fill_world(demo, browser);
  await Promise.all([kPhone, kDesk].map((viewport) =>
    look_at_all(t, browser, world, viewport)));
  // A proof whose time is over, and one that was withdrawn.
  await demo.change(`UPDATE passes SET valid_until = 1 WHERE token = '${world.code}'`);
  const states = (name) => [{ name: `verification-${name.toLowerCase()}`,
    path: ({ code }) => verification(code), then: (page) => said(page, name) }];
  const who = { viewport: kPhone, origin: demo.url };
  await look_through(t, browser, world, states('Expired'), who);
  await demo.change(`UPDATE passes SET state = 'revoked' WHERE token = '${world.code}'`);
  await look_through(t, browser, world, states('Revoked'), who);
});
