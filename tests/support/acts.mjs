/** What staff do to an order's money, and what is expected of the replies. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

export const kReason = 'The customer brought it back';

/** Staff act on an order's money: `act` is the last part of the route. */
export function acts(client, order, act, body = {}, key = randomUUID()) {
  return client.post(`/api/orders/${order.order_id}/${act}`, { reason: kReason, ...body },
    { 'idempotency-key': key });
}

/** Pays, has the bank asked, and gives what staff see then. */
export async function paid(shop, order, terms = {}) {
  await shop.bank.pay(order.session.qr_data, terms);
  const reply = await (await shop.admin()).post('/api/payment/verify-instantly',
    { order_id: order.order_id });
  assert.equal(reply.status, 200, reply.text);
  return shop.detail(order.order_id);
}

/** Expects that it was done, and what came of it. */
export function done(reply, status, outcome) {
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual([reply.json.success, reply.json.status, reply.json.outcome],
    [true, status, outcome]);
}

/** Expects an error. */
export function refused(reply, status, code) {
  assert.deepEqual([reply.status, reply.json.error.code], [status, code], reply.text);
}

/** A second member of the staff, logged in. */
export async function colleague(shop, username = 'dara') {
  const password = 'a sentence to log in with';
  const made = await (await shop.admin()).post('/api/admin/users',
    { username, password, role: 'staff' });
  assert.equal(made.status, 201, made.text);
  const client = shop.visitor();
  assert.equal((await client.log_in(username, password)).status, 200);
  return client;
}
