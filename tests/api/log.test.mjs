/** The audit log as strangers, holders and staff see it, and the commands that read it. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { leaf_hash, open_note, read_entry, root_of, roots_of } from '../support/log.mjs';
import { run } from '../support/program.mjs';
import { Shop } from '../support/shop.mjs';
import { eventually, kPatienceMs } from '../support/wait.mjs';

async function paid_order(shop, customer) {
  const order = await shop.order(customer);
  await shop.bank.pay(order.session.qr_data);
  const of = { 'x-order-secret': order.order_secret };
  await eventually('the order is paid', kPatienceMs, async () => {
    const { json } = await customer.get(`/api/orders/${order.order_id}/status`, of);
    return json.status === 'COMPLETED';
  });
  return order;
}

test('S3 audit: the log over HTTP', async (t) => {
  const shop = await Shop.start(t);
  const stranger = shop.visitor();
  const customer = shop.visitor();
  const admin = await shop.admin();
  const { json: key } = await stranger.get('/api/log/key');
  const first = await paid_order(shop, customer);

  await t.test('a head is signed at the start, and when staff ask for it', async () => {
    const first_note = (await stranger.get('/api/log/checkpoint')).text;
    assert.equal(open_note(first_note, key.verifier_key).origin, key.origin);
    const refused = await stranger.post('/api/log/checkpoint', {});
    assert.ok([401, 403].includes(refused.status), refused.text);
    const signed = await admin.post('/api/log/checkpoint', {});
    assert.equal(signed.status, 201, signed.text);
    const reply = await stranger.get('/api/log/checkpoint');
    assert.match(reply.headers['content-type'], /^text\/plain/);
    assert.equal(reply.text, signed.json.checkpoint);
  });

  await t.test('a head goes on from every older one, and from no other log', async () => {
    const sign = async () => open_note(
      (await admin.post('/api/log/checkpoint', {})).json.checkpoint, key.verifier_key);
    const growth = async ({ size }, to) =>
      (await stranger.get(`/api/log/consistency?from=${size}&to=${to.size}`)).json.hashes;
    const heads = [];
    for (let i = 0; i < 3; ++i) {
      await shop.order(customer);
      heads.push(await sign());
    }
    const newest = heads.at(-1);
    for (const older of heads.slice(0, -1)) {
      assert.ok(older.size > 0 && older.size < newest.size, `${older.size} of ${newest.size}`);
      const hashes = await growth(older, newest);
      assert.deepEqual(roots_of(older.size, newest.size, older.root, hashes),
        [older.root, newest.root]);
      const forged = hashes.with(-1, leaf_hash(Buffer.from('another log')).toString('base64'));
      assert.notDeepEqual(roots_of(older.size, newest.size, older.root, forged),
        [older.root, newest.root]);
    }
    assert.deepEqual(await growth(newest, newest), []);
  });

  await t.test('every entry is proven to a stranger, who learns nothing of it', async () => {
    const note = (await stranger.get('/api/log/checkpoint')).text;
    const { size, root } = open_note(note, key.verifier_key);
    for (let seq = 1; seq <= size; ++seq) {
      const { json } = await stranger.get(`/api/log/proof?seq=${seq}`);
      assert.deepEqual(Object.keys(json).sort(), ['checkpoint', 'hashes', 'leaf_hash', 'seq']);
      const leaf = Buffer.from(json.leaf_hash, 'base64');
      assert.deepEqual(root_of(seq - 1, size, leaf, json.hashes), root, `entry ${seq}`);
    }
    for (const [query, status] of [['seq=0', 404], [`seq=${size + 1}`, 404], ['', 400],
      ['seq=x', 400], ['seq=-1', 400]]) {
      assert.equal((await stranger.get(`/api/log/proof?${query}`)).status, status, query);
    }
    assert.equal((await stranger.get('/api/log/consistency?from=1&to=99999')).status, 404);
    assert.equal((await stranger.get('/api/log/consistency?from=1')).status, 400);
  });

  await t.test('the holder of an order has the proof of its settlement', async () => {
    const path = `/api/orders/${first.order_id}/proof`;
    assert.equal((await stranger.get(path)).status, 404);
    const { json: file } = await stranger.get(path, { 'x-order-secret': first.order_secret });
    const bytes = Buffer.from(file.entry, 'base64');
    const entry = read_entry(bytes);
    assert.equal(entry.action, 'settlement.recorded');
    assert.equal(entry.subject_id, first.order_id);
    assert.equal(entry.details.order.status, 'completed');
    const { size, root } = open_note(file.checkpoint, key.verifier_key);
    assert.deepEqual(root_of(entry.seq - 1, size, leaf_hash(bytes), file.hashes), root);
    const saved = join(shop.folder, 'proof.json');
    await writeFile(saved, JSON.stringify(file));
    const told = await run(['verify-proof', saved, '--key', key.verifier_key]);
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stdout, /settlement\.recorded/);
    const lines = JSON.stringify(file).replace(file.entry, file.entry.replace(/^A/, 'B'));
    await writeFile(saved, lines);
    const refused = await run(['verify-proof', saved, '--key', key.verifier_key]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /proves nothing/);
  });

  await t.test('the receipt shows it without script', async () => {
    const page = await stranger.get(
      `/receipt?order_id=${first.order_id}&secret=${first.order_secret}`);
    assert.equal(page.status, 200);
    assert.match(page.text, /<details class="log-proof/);
    assert.ok(page.text.includes(key.origin), 'the signed head');
    assert.ok(page.text.includes(`/api/orders/${first.order_id}/proof?secret=`));
  });

  await t.test('what staff stated is proven by hashes only, but for staff', async () => {
    const order = await shop.order(customer);
    const marked = await admin.post(`/api/orders/${order.order_id}/mark-paid`,
      { reason: 'seen on the statement' });
    assert.equal(marked.status, 200, marked.text);
    const path = `/api/orders/${order.order_id}/proof`;
    const theirs = await stranger.get(path, { 'x-order-secret': order.order_secret });
    assert.equal(theirs.json.entry, undefined);
    assert.ok(theirs.json.leaf_hash);
    assert.ok((await admin.get(path)).json.entry);
    const history = `/api/orders/${order.order_id}/history`;
    const told = (await stranger.get(history, { 'x-order-secret': order.order_secret })).json;
    assert.ok(told.history.some((line) => line.key === 'settlement.by_hand'));
    assert.ok(!JSON.stringify(told).includes('statement'));
    const full = (await admin.get(history)).json.history;
    assert.ok(full.some((line) => line.text.includes('admin stated')), JSON.stringify(full));
    assert.equal((await stranger.get(history)).status, 404);
  });

  await t.test('why and verify-log, while the server runs', async () => {
    const where = shop.books.flags(shop.folder);
    const why = await run(['why', String(first.order_id), ...where]);
    assert.equal(why.code, 0, why.stderr);
    assert.match(why.stdout, /ordered .*\n[\s\S]*counted\.\n[\s\S]*The order is completed\./);
    assert.equal((await run(['why', '9999', ...where])).code, 1);
    const fits = await run(['verify-log', ...where]);
    assert.equal(fits.code, 0, fits.stdout + fits.stderr);
    assert.match(fits.stdout, /Everything fits\./);
    await shop.change(`UPDATE orders SET paid_minor = paid_minor - 1 WHERE id = ${first.order_id}`);
    const broken = await run(['verify-log', ...where]);
    assert.equal(broken.code, 1);
    assert.match(broken.stdout, new RegExp(`orders ${first.order_id}: paid_minor is`));
    await shop.change(`UPDATE orders SET paid_minor = paid_minor + 1 WHERE id = ${first.order_id}`);
    assert.equal((await run(['verify-log', ...where])).code, 0);
  });
});
