/** A day's backup and its restore, and the move to another database, under a server that works. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { Books, on_postgres } from '../support/books.mjs';
import { run, temporary_folder } from '../support/program.mjs';
import { Shop } from '../support/shop.mjs';

/** Orders in every state that a day leaves behind. */
async function a_day(shop) {
  const admin = await shop.admin();
  const customer = shop.visitor();
  const orders = [];
  for (let i = 0; i < 6; ++i) orders.push(await shop.order(customer));
  const by_hand = (order, reason) =>
    admin.post(`/api/orders/${order.order_id}/mark-paid`, { reason });
  await shop.bank.pay(orders[0].session.qr_data);
  await admin.post('/api/payment/verify-instantly', { order_id: orders[0].order_id });
  await by_hand(orders[1], 'counted in the drawer');
  const detail = (await admin.get(`/api/orders/${orders[1].order_id}`)).json;
  await admin.post(`/api/orders/${orders[1].order_id}/refund`,
    { settlement_id: detail.settlements[0].id, amount: '1.00', reason: 'a scratch' });
  await customer.post(`/api/orders/${orders[2].order_id}/cancel`);
  return { admin, customer, orders };
}

const statuses = async (admin, orders) =>
  Promise.all(orders.map(async ({ order_id }) =>
    (await admin.get(`/api/orders/${order_id}`)).json.status));

test('S0.78 a backup is a folder that a server starts on', async (t) => {
  const shop = await Shop.start(t);
  const { admin, orders } = await a_day(shop);
  const folder = join(await temporary_folder(), 'backup');
  // Orders go on being placed while it is made; canceled ones, as nobody knows how long that takes.
  let over = false;
  const trade = (async () => {
    for (const customer = shop.visitor(); !over;) {
      const { order_id } = await shop.order(customer);
      await customer.post(`/api/orders/${order_id}/cancel`);
    }
  })();
  const made = await run(['backup', '--data', shop.folder, '--to', folder],
    { settings: shop.books.settings() });
  over = true;
  await trade;
  assert.equal(made.code, 0, made.stderr);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  const files = await readdir(folder);
  for (const name of ['quittance.db', 'pass_key', 'log_key', 'jwt_key']) {
    assert.ok(files.includes(name), `${name} in ${files}`);
    assert.equal((await stat(join(folder, name))).mode & 0o077, 0, name);
  }
  assert.equal((await run(['backup', '--data', shop.folder, '--to', folder],
    { settings: shop.books.settings() })).code, 1, 'never over another one');

  const read = await run(['verify-log', '--data', folder]);
  assert.equal(read.code, 0, read.stdout + read.stderr);
  const before = await statuses(admin, orders);
  await shop.server.stop();
  shop.folder = folder;
  delete shop.settings.QUITTANCE_DB;
  await shop.start_server();
  assert.deepEqual(await statuses(admin, orders), before, 'and the login is still good');
  const next = await shop.order(shop.visitor());
  assert.ok(next.order_id > orders.at(-1).order_id);
});

test('a live installation moves into another database and back', async (t) => {
  const shop = await Shop.start(t);
  await a_day(shop);
  const here = on_postgres ? shop.books.url : shop.books.file;
  const other = await Books.open(await temporary_folder());
  t.after(() => other.remove());
  const there = on_postgres ? other.url : other.file;
  const moved = await run(['copy', '--from', here, '--to', there]);
  assert.equal(moved.code, 0, moved.stderr);
  assert.match(moved.stdout, /^\d+ rows of \d+ tables; \d+ entries .* root [0-9a-f]{64}/);
  const same = await run(['verify-log', '--data', shop.folder, '--db', there]);
  assert.equal(same.code, 0, same.stdout + same.stderr);
  const counts = 'SELECT (SELECT COUNT(*) FROM orders) AS orders, ' +
    '(SELECT COUNT(*) FROM audit) AS entries';
  assert.deepEqual(await other.rows(counts), await shop.books.rows(counts));
  const again = await run(['copy', '--from', here, '--to', there]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /not empty/);
  const back = join(await temporary_folder(), 'back.db');
  assert.equal((await run(['copy', '--from', there, '--to', back])).code, 0);
  assert.ok(existsSync(back));
  const nowhere = await run(['copy', '--from', `${back}.not`, '--to', `${back}.new`]);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /no database/);
  assert.ok(!existsSync(`${back}.not`));
});
