/**
 * Things are killed at random moments while people order and pay. What was acknowledged is there,
 * what was paid is completed, and nothing twice (S0.2, S0.78, C36).
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { on_postgres } from '../support/books.mjs';
import { drawn_seed } from '../support/chance.mjs';
import { Postgres } from '../support/postgres.mjs';
import { run } from '../support/program.mjs';
import { Shop } from '../support/shop.mjs';
import { audit, audit_stock, Storm } from '../support/storm.mjs';

const kSettings = { QUITTANCE_FIRST_CHECK_AFTER_MS: '200' };

async function weather(t, shop, troubles) {
  const seed = drawn_seed();
  t.diagnostic(`seed ${seed} (QUITTANCE_TEST_SEED repeats the draws)`);
  const storm = await Storm.rage(shop, seed, troubles);
  t.diagnostic(`${storm.kills} kills, ${storm.carts.length} orders, ${storm.paid} paid`);
  await t.test('every paid order is completed by itself', () => storm.calm());
  await t.test('S0.66 S0.73 nothing acknowledged is lost, nothing happened twice', () =>
    audit(shop, storm));
  await t.test('S1.55 the stock is exact, and the books are sound', () => audit_stock(shop));
  await t.test('the log tells the same story', async () => {
    const told = await run(['verify-log', ...shop.books.flags(shop.folder)]);
    // The goods were put on the shelf past the program, and it does say so.
    const others = told.stdout.split('\n').filter((line) =>
      /^ +(no )?entry/.test(line) && !/products \d+(: stock is .*)?$/.test(line));
    assert.match(told.stdout, /less than nothing is left of products/);
    assert.deepEqual(others, []);
  });
}

test('S0.2 S0.8 S0.67 S0.78 C36 kill -9 at random moments under load', async (t) => {
  const shop = await Shop.start(t, kSettings);
  const harm = () => shop.restart({ signal: 'SIGKILL' });
  await weather(t, shop, { harm, kills: 30, orders: 200, pause_ms: 400 });
});

if (on_postgres) {
  test('S0.2 S0.66 C36 kill -9 of PostgreSQL at random moments under load', async (t) => {
    const postgres = await Postgres.start(t);
    const shop = await Shop.start(t, kSettings, postgres.url);
    const before = shop.server;
    let sessions = 0;
    const harm = async (chance) => {
      if (chance.percent(50)) {
        await postgres.kill();
      } else if (await postgres.kill_session((count) => chance.below(count))) {
        ++sessions;
      }
    };
    await weather(t, shop, { harm, kills: 12, orders: 100, pause_ms: 1_500 });
    t.diagnostic(`${sessions} of them by a client's process`);
    assert.ok(sessions > 0);
    assert.equal(shop.server, before, 'our own server lived through all of it');
  });
}
