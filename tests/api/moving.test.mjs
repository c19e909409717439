/**
 * Into PostgreSQL, as docs/guides/backup.md says: a shop that goes on selling is copied, a backup
 * is restored, and PostgreSQL's own tools move it. Whatever the shop itself runs on.
 */
import assert from 'node:assert/strict';
import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { acts, done, paid } from '../support/acts.mjs';
import { Books, on_postgres } from '../support/books.mjs';
import { open_note, roots_of } from '../support/log.mjs';
import { remove_folder, run, temporary_folder } from '../support/program.mjs';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

const kNoServer = !process.env.TEST_POSTGRES &&
  'there is no PostgreSQL; tools/private_postgres.py run … starts one';
/** What must be written while a copy stands still. */
const kMeanwhile = ['order.placed', 'settlement.recorded', 'order.canceled'];

const where_of = (shop) => shop.settings.QUITTANCE_DB ?? shop.books.file;

async function command(...args) {
  const told = await run(args);
  assert.equal(told.code, 0, told.stdout + told.stderr);
  return told.stdout;
}

/** An empty schema for the test `t`. */
async function empty_schema(t) {
  const folder = await temporary_folder();
  const books = await Books.in_postgres(folder);
  t.after(async () => {
    await books.remove();
    await remove_folder(folder);
  });
  return books;
}

/** What `quittance copy` said, and the second reading of what it made, which must fit. */
async function copied(shop, from, to) {
  const said = /(\d+) entries of the audit log, root ([0-9a-f]{64}), the same in both/.exec(
    await command('copy', '--from', from, '--to', to.url));
  const read = await command('verify-log', '--data', shop.folder, '--db', to.url);
  assert.match(read, /Everything fits\./);
  assert.deepEqual([/^entries +(\d+)$/m.exec(read)[1], /^root +(\S+)$/m.exec(read)[1]],
    said.slice(1));
  return { size: Number(said[1]), root: Buffer.from(said[2], 'hex') };
}

/** The log as the server itself has it signed now. */
async function signed_head(shop) {
  const { json: key } = await shop.visitor().get('/api/log/key');
  const signed = await (await shop.admin()).post('/api/log/checkpoint', {});
  assert.equal(signed.status, 201, signed.text);
  return open_note(signed.json.checkpoint, key.verifier_key);
}

/** Has the server prove that its log of now goes on from an older one. */
async function expect_grown(shop, older, newer) {
  assert.ok(older.size > 0 && newer.size > older.size, `${older.size} -> ${newer.size}`);
  const { json } = await shop.visitor().get(
    `/api/log/consistency?from=${older.size}&to=${newer.size}`);
  const roots = roots_of(older.size, newer.size, older.root, json.hashes);
  assert.deepEqual(roots, [older.root, newer.root]);
}

/** Something of which there is enough, however long a copy takes. */
async function plenty(shop) {
  const added = await (await shop.admin()).post('/api/events', {
    name: 'Open day', starts_at: '2030-01-31T10:00:00Z', price: '1.50', currency: 'USD',
    capacity: 100_000 });
  assert.equal(added.status, 201, added.text);
  return added.json.product_id;
}

/** Sells without a pause until it is told to end; every second order is canceled. */
async function trade(shop) {
  const product_id = await plenty(shop);
  let over = false;
  const selling = (async () => {
    for (let turn = 0, customer = shop.visitor(); !over; ++turn) {
      const order = await shop.order(customer, { product_id });
      if (turn % 2 === 0) await paid(shop, order);
      else await customer.post(`/api/orders/${order.order_id}/cancel`);
    }
  })();
  selling.catch(() => undefined);  // whoever awaits the end is told
  return {
    async end() {
      over = true;
      await selling;
    },
  };
}

/** Orders in the states that a day leaves behind, with what staff see of each. */
async function a_day(shop) {
  const customer = shop.visitor();
  const orders = [];
  for (let i = 0; i < 6; ++i) orders.push(await shop.order(customer));
  const first = await paid(shop, orders[0]);
  const second = await paid(shop, orders[1]);
  const admin = await shop.admin();
  done(await acts(admin, orders[2], 'mark-paid'), 'completed', 'settled');
  done(await acts(admin, orders[0], 'refund',
    { settlement_id: first.settlements[0].id, amount: '1.00' }), 'completed', 'refunded_partly');
  done(await acts(admin, orders[1], 'refund', { settlement_id: second.settlements[0].id,
    amount: '12.90' }), 'refunded', 'refunded');
  await customer.post(`/api/orders/${orders[3].order_id}/cancel`);
  const day = { orders, details: await details_of(shop, orders) };
  day.codes = [first, second, day.details[2]].map(({ pass }) => pass.code);
  assert.deepEqual(day.details.map(({ status }) => status),
    ['COMPLETED', 'REFUNDED', 'COMPLETED', 'CANCELLED', 'PENDING', 'PENDING']);
  return day;
}

/** What staff see of each order, but for what the server asks and tells by itself. */
const details_of = (shop, orders) =>
  Promise.all(orders.map(async ({ order_id }) =>
    ({ ...await shop.detail(order_id), queries: null, deliveries: null })));

/** What the verification page says of each pass. */
const words_on = (shop, codes) =>
  Promise.all(codes.map(async (code) =>
    (await shop.visitor().post('/app/qr-verification/', { code })).json.result));

/** The shop's server comes up on other books, with the keys of `folder`. */
async function start_on(shop, books, folder = shop.folder) {
  shop.folder = folder;
  shop.settings.QUITTANCE_DB = books.url;
  await shop.start_server();
}

/** A day that went on elsewhere is all there, and the next order is placed and paid. */
async function expect_goes_on(shop, day, head) {
  // With the login of before.
  assert.deepEqual(await details_of(shop, day.orders), day.details);
  assert.deepEqual(await words_on(shop, day.codes), ['valid', 'refunded', 'valid']);
  const next = await shop.order(shop.visitor());
  assert.ok(next.order_id > day.orders.at(-1).order_id);
  const { status, pass } = await paid(shop, next);
  assert.equal(status, 'COMPLETED');
  assert.deepEqual(await words_on(shop, [pass.code]), ['valid']);
  // One that was open when the books were moved is paid after it.
  assert.equal((await paid(shop, day.orders[4])).status, 'COMPLETED');
  await expect_grown(shop, head, await signed_head(shop));
  const read = await command('verify-log', '--data', shop.folder, '--db',
    shop.settings.QUITTANCE_DB);
  assert.match(read, /Everything fits\./);
}

/**
 * Holds what a copy has against the books that went on: `later` are the log's entries since. What
 * they say nothing of is the same to the letter, and the goods differ by what they say.
 */
function expect_same_but_for(later, copy, now) {
  const touched = new Set(later.filter((entry) => entry.subject_type === 'order')
    .map((entry) => entry.subject_id));
  for (const [table, key] of [['orders', 'id'], ['order_items', 'order_id'],
    ['settlements', 'order_id'], ['refunds', 'order_id'], ['passes', 'order_id']]) {
    const of = (rows) => rows.filter((row) => !touched.has(row[key]));
    assert.deepEqual(of(copy[table]), of(now[table]), table);
  }
  assert.ok(copy.settlements.some((row) => !touched.has(row.order_id)), 'of more than nothing');
  const moved = later.flatMap((entry) => JSON.parse(entry.details).stock ?? []);
  for (const product of now.products) {
    for (const change of moved.filter(({ product_id }) => product_id === product.id)) {
      product.stock -= change.stock;
      product.reserved -= change.reserved;
    }
  }
  assert.deepEqual(copy.products, now.products);
}

test('S3 a live shop is copied into PostgreSQL while it sells', { skip: kNoServer }, async (t) => {
  const shop = await Shop.start(t);
  const day = await a_day(shop);
  const there = await empty_schema(t);
  const size_now = async () => (await shop.sql('SELECT COUNT(*) AS n FROM audit'))[0].n;
  const written_since = async (size) => (await shop.sql(
    `SELECT DISTINCT action FROM audit WHERE seq > ${size}`)).map(({ action }) => action);

  // The copy stands still between its look at the source and its first row in the target, so that
  // orders and payments are certain to fall into it.
  assert.equal((await run(['migrate'], { settings: { QUITTANCE_DB: there.url } })).code, 0);
  const selling = await trade(shop);
  const hold = await there.hold('products');
  const before = await size_now();
  const copying = copied(shop, where_of(shop), there);
  copying.catch(() => undefined);
  await eventually('the copy has begun', kPatienceMs, hold.somebody_waits, 5);
  const begun = await size_now();
  await eventually('orders come in meanwhile', kPatienceMs, async () => {
    const written = await written_since(begun);
    return kMeanwhile.every((action) => written.includes(action));
  }, 5);
  await hold.let_go();
  const copy = await copying;
  await selling.end();

  await t.test('it is of one moment: the log of then, as the server proves', async () => {
    assert.ok(before <= copy.size && copy.size <= begun, `${before} ${copy.size} ${begun}`);
    await expect_grown(shop, copy, await signed_head(shop));
  });

  await t.test('its rows are those of then, to the letter', async () => {
    const now = await shop.books.tables();
    const copy_rows = await there.tables();
    const later = now.audit.filter(({ seq }) => seq > copy.size);
    assert.deepEqual(copy_rows.audit, now.audit.filter(({ seq }) => seq <= copy.size));
    const placed = copy_rows.audit.filter(({ action }) => action === 'order.placed');
    assert.deepEqual(copy_rows.orders.map(({ id }) => id), placed.map((one) => one.subject_id));
    expect_same_but_for(later, copy_rows, now);
  });

  await t.test('stopped, copied again, and started on the copy, it goes on', async () => {
    const head = await signed_head(shop);
    await shop.server.stop();
    const whole = await empty_schema(t);
    const second = await copied(shop, where_of(shop), whole);
    assert.deepEqual([second.size, second.root], [head.size, head.root]);
    assert.deepEqual(await whole.tables(), await shop.books.tables());
    await start_on(shop, whole);
    await expect_goes_on(shop, day, head);
  });
});

test('S3 a backup is restored into PostgreSQL', { skip: kNoServer }, async (t) => {
  const shop = await Shop.start(t);
  const day = await a_day(shop);
  const head = await signed_head(shop);
  const backup = join(await temporary_folder(), 'backup');
  t.after(() => remove_folder(backup));
  const made = await run(['backup', '--data', shop.folder, '--to', backup],
    { settings: shop.books.settings() });
  assert.equal(made.code, 0, made.stderr);
  await shop.order(shop.visitor());  // in no backup
  await shop.server.stop();

  const whole = await empty_schema(t);
  const restored = await copied({ folder: backup }, join(backup, 'quittance.db'), whole);
  assert.deepEqual([restored.size, restored.root], [head.size, head.root]);
  const folder = await temporary_folder();
  for (const name of (await readdir(backup)).filter((one) => !one.startsWith('quittance.db'))) {
    await copyFile(join(backup, name), join(folder, name));
  }
  await start_on(shop, whole, folder);
  await expect_goes_on(shop, day, head);
});

async function postgres(name, ...args) {
  const told = await run(args, { command: name });
  assert.equal(told.code, 0, told.stderr);
}

const on_server = (statement) =>
  postgres('psql', '-X', '-q', '-d', process.env.TEST_POSTGRES, '-c', statement);

/** A database of the test's own: other tests' schemas come and go in that of all. */
async function own_database(name) {
  await on_server(`CREATE DATABASE ${name}`);
  return process.env.TEST_POSTGRES.replace(/\/quittance\?/, `/${name}?`);
}

/** Dump and restore as PostgreSQL does it; there is nothing of it to be seen on SQLite. */
async function expect_dump_restores(t) {
  const names = ['dumped', 'restored'].map((name) => `${name}_${process.pid}`);
  const [here, there] = [await own_database(names[0]), await own_database(names[1])];
  const shop = await Shop.start(t, {}, here);
  t.after(async () => {
    for (const name of names) await on_server(`DROP DATABASE ${name} WITH (FORCE)`);
  });
  const day = await a_day(shop);
  const head = await signed_head(shop);
  const file = join(shop.folder, 'dump');
  const selling = await trade(shop);
  await postgres('pg_dump', '--format=custom', `--file=${file}`, `--dbname=${here}`);
  await selling.end();
  await shop.server.stop();
  await postgres('pg_restore', '--exit-on-error', `--dbname=${there}`, file);
  await start_on(shop, shop.books.in_database(there));
  await expect_goes_on(shop, day, head);
}

if (on_postgres) {
  test('S3 pg_dump and pg_restore move the books too', expect_dump_restores);
}
