/** N4 What the payer's bank takes back is gone in the books too, once, and staff see it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Street } from '../support/street.mjs';

/** Only a notice can tell: the clock tells nothing for an hour. */
const kSlow = { QUITTANCE_FIRST_CHECK_AFTER_MS: '3600000' };

test('N4 a dispute takes money back, staff see it, told again it is one', async (t) => {
  const street = await Street.start(t, kSlow);
  const admin = await street.shop.admin();
  await street.control('stripe', 'settings',
    { notice_url: `${street.shop.url}/payments/stripe/webhook/` });
  const order = await street.order('stripe');
  await street.pay(order);
  await admin.post('/api/payment/verify-instantly', { order_id: order.order_id });
  await street.found(order);
  await street.faults('stripe', { notice_lost_percent: 0, notice_twice_percent: 100 });
  const act = (choice) => street.control('stripe', 'act', { ref: order.provider_ref, choice });
  await act('inquire');
  await act('dispute');
  await street.becomes(order, 'staff see that it was taken back',
    ({ attention }) => attention.includes('reversed'));
  const pull = () => admin.post('/api/payments/sync', { provider: 'stripe' });
  assert.equal((await pull()).status, 200);
  await act('win');
  assert.equal((await pull()).status, 200);
  const detail = await street.shop.detail(order.order_id);
  assert.equal(detail.status, 'REFUNDED');
  assert.deepEqual(detail.refunds.map(({ kind, amount_minor, actor, reason }) =>
    [kind, amount_minor, actor, reason]),
  [['reversal', 1250, 'system', 'taken back in a dispute, says stripe']]);
  assert.deepEqual(detail.attention, ['reversed'], 'what was won is for a person to see to');
});
