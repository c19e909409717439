/** Money that is sent back by the provider that it came by, once for each wish (N4, C16). */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { acts, done, refused } from '../support/acts.mjs';
import { kRails, Street } from '../support/street.mjs';

/** Nothing but a notice, a question of ours or the list can tell: here the clock tells nothing. */
const kSlow = { QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000' };

test('money goes back by the rail that it came by', async (t) => {
  const street = await Street.start(t, kSlow);
  const admin = await street.shop.admin();
  const { shop } = street;

  /** An order that is paid, and its counted money. */
  const paid = async (name, choice = kRails[name].choice) => {
    const order = await street.order(name);
    await street.control(name, 'act', { ref: order.provider_ref, choice });
    await admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
    await street.found(order);
    const { settlements: [money] } = await shop.detail(order.order_id);
    return { order, money };
  };
  const send_back = ({ order, money }, amount, key = randomUUID()) =>
    acts(admin, order, 'refund', { settlement_id: money.id, amount, at_provider: true }, key);
  /** What the provider made, newest first. */
  const objects = async (name, kind) => (await shop.bank.client.get(
    `/control/rails/${name}/objects?kind=${kind}`)).json.objects;
  const answers = (detail) => detail.audit.filter(({ action }) => action === 'refund.answered')
    .map(({ details }) => details.answer);

  for (const [name, part, rest] of [['stripe', '5.00', '7.50'], ['razorpay', '100.00', '150.00']]) {
    await t.test(`C16 ${name} sends back a part and then the rest, each once`, async () => {
      const one = await paid(name);
      const key = randomUUID();
      const first = await send_back(one, part, key);
      done(first, 'completed', 'refunded_partly');
      assert.equal((await send_back(one, part, key)).text, first.text, 'the same request again');
      refused(await send_back(one, kRails[name].minor / 100), 409, 'conflict');
      const between = await shop.detail(one.order.order_id);
      assert.equal(between.refunds.length, 1);
      assert.deepEqual(answers(between), ['accepted']);
      assert.equal(between.audit.find(({ action }) => action === 'refund.asked').actor, 'admin');
      done(await send_back(one, rest), 'refunded', 'refunded');
      const after = await shop.detail(one.order.order_id);
      assert.deepEqual([after.status, after.refunded_minor, after.attention],
        ['REFUNDED', kRails[name].minor, []]);
      const made = await objects(name, 'refund');
      assert.deepEqual(made.map(({ amount }) => amount).sort((a, b) => a - b),
        [part, rest].map((sum) => Number(sum) * 100));
    });

    await t.test(`C16 ${name}: no answer, then the same wish again: sent once`, async () => {
      const one = await paid(name);
      const before = (await objects(name, 'refund')).length;
      await street.faults(name, { server_error_percent: 100 });
      refused(await send_back(one, part), 502, 'provider_unavailable');
      await street.honest(name);
      const again = await send_back(one, part);
      assert.equal(again.status, 200, again.text);
      await street.becomes(one.order, 'the part is back',
        ({ refunded_minor }) => refunded_minor === Number(part) * 100);
      assert.equal((await objects(name, 'refund')).length, before + 1);
    });
  }

  await t.test('C16 ten clicks at once are one refund', async () => {
    const one = await paid('stripe');
    const before = (await objects('stripe', 'refund')).length;
    const replies = await Promise.all(Array.from({ length: 10 }, () => send_back(one, '12.50')));
    const sent = replies.filter(({ status }) => status === 200);
    assert.ok(sent.length >= 1, replies.map(({ text }) => text).join('\n'));
    for (const { status, text } of replies) assert.ok([200, 409].includes(status), text);
    assert.equal((await objects('stripe', 'refund')).length, before + 1);
    const detail = await shop.detail(one.order.order_id);
    assert.deepEqual([detail.status, detail.refunded_minor], ['REFUNDED', 1250]);
  });

  await t.test('QPay sends back a card payment whole, and a transfer not at all', async () => {
    const by_card = await paid('qpay', 'card');
    refused(await send_back(by_card, '1'), 502, 'provider_refused');
    done(await send_back(by_card, '2500'), 'refunded', 'refunded');
    const by_bank = await paid('qpay');
    const no = await send_back(by_bank, '2500');
    refused(no, 502, 'provider_refused');
    assert.match(no.json.error.message, /bank transfer/);
    const detail = await shop.detail(by_bank.order.order_id);
    assert.deepEqual([detail.status, detail.refunded_minor], ['COMPLETED', 0]);
    assert.deepEqual(answers(detail), ['refused']);
  });

  await t.test('MVola sends nothing back, and says so', async () => {
    const one = await paid('mvola');
    refused(await send_back(one, '10000'), 501, 'unsupported');
    refused(await acts(admin, one.order, 'refund',
      { settlement_id: one.money.id, amount: '10000', at_provider: 'yes' }), 400,
    'invalid_request');
    assert.equal((await shop.detail(one.order.order_id)).refunds.length, 0);
  });
});
