/** A shop at every networked rail beside Bakong, and what its customers and the providers do. */
import assert from 'node:assert/strict';
import { kHonestWire } from './bank.mjs';
import { Shop } from './shop.mjs';
import { eventually } from './wait.mjs';

export const kPatienceMs = 120_000;
/** A busy machine has other things to do than being looked at. */
const kLookEveryMs = 100;
/** Orders at MVola so far. */
let phones = 0;
/**
 * How goods are priced and paid on each, the name of the id by which the payment counts,
 * and the setting that a refused login is about.
 */
export const kRails = {
  stripe: { product_id: 3, currency: 'USD', minor: 1250, choice: 'pay', ref: 'id',
    secret: 'STRIPE_SECRET_KEY' },
  razorpay: { product_id: 4, currency: 'INR', minor: 25000, choice: 'pay', ref: 'id',
    secret: 'RAZORPAY_KEY_SECRET' },
  qpay: { product_id: 5, currency: 'MNT', minor: 250000, choice: 'khanbank', ref: 'payment_id',
    secret: 'QPAY_CLIENT_SECRET' },
  mvola: { product_id: 6, currency: 'MGA', minor: 10000, choice: 'approve', ref: 'reference',
    secret: 'MVOLA_CONSUMER_SECRET', rings: true },
};
export const kRailNames = Object.keys(kRails);
/** Nobody is told of anything: whatever is found is found by asking. */
const kHonest = { ...kHonestWire, notice_lost_percent: 100 };

/** The accounts of this sandbox, as it tells them at its start. */
async function rails_at(bank) {
  const told = await eventually('the keys are told', kPatienceMs, () =>
    /mvola +consumer \S+ \/ \S+,.*\n/.test(bank.process.output) && bank.process.output);
  const [, stripe, whsec] = /stripe +key (\S+), notices are signed with (\S+)/.exec(told);
  const [, key_id, key_secret, signs] =
    /razorpay +key (\S+) \/ (\S+), notices are signed with (\S+)/.exec(told);
  const [, client, client_secret, invoice_code] =
    /qpay +client (\S+) \/ (\S+), invoice code (\S+)/.exec(told);
  const [, consumer, consumer_secret, number] =
    /mvola +consumer (\S+) \/ (\S+), number (\S+)/.exec(told);
  return {
    STRIPE_BASE_URL: bank.url, STRIPE_SECRET_KEY: stripe, STRIPE_WEBHOOK_SECRET: whsec,
    STRIPE_QR_METHODS: 'USD=wechat_pay', STRIPE_CALLS_PER_SECOND: '100',
    RAZORPAY_BASE_URL: bank.url, RAZORPAY_KEY_ID: key_id, RAZORPAY_KEY_SECRET: key_secret,
    RAZORPAY_WEBHOOK_SECRET: signs, RAZORPAY_CALLS_PER_SECOND: '100',
    QPAY_BASE_URL_SANDBOX: bank.url, QPAY_CLIENT_ID: client, QPAY_CLIENT_SECRET: client_secret,
    QPAY_INVOICE_CODE: invoice_code, QPAY_CALLS_PER_SECOND: '100',
    MVOLA_BASE_URL: bank.url, MVOLA_CONSUMER_KEY: consumer,
    MVOLA_CONSUMER_SECRET: consumer_secret, MVOLA_PARTNER_NUMBER: number,
    MVOLA_CALLS_PER_SECOND: '100',
  };
}

export class Street {
  /** Starts it with `settings` over those of the rails; it ends with the test `t`. */
  static async start(t, settings = {}) {
    const street = new Street();
    street.shop = await Shop.start(t, async (bank) => ({
      QUITTANCE_OUTAGE_INTERVAL_MS: '200', ...await rails_at(bank), ...settings }));
    for (const { product_id, currency, minor } of Object.values(kRails)) {
      await street.shop.change(`UPDATE products SET currency = '${currency}',
        price_minor = ${minor} WHERE id = ${product_id}`);
    }
    await Promise.all(kRailNames.map((name) => street.honest(name)));
    return street;
  }

  /**
   * Does `live` at all rails at a time, and gives what came of each. When one fails, the others
   * have ended too.
   */
  async at_each(live) {
    const ended = await Promise.allSettled(kRailNames.map((name) => live(name)));
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
    return ended.map(({ value }) => value);
  }

  async control(name, what, body) {
    const reply = await this.shop.bank.client.post(`/control/rails/${name}/${what}`, body);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  }

  faults(name, knobs) {
    return this.control(name, 'faults', knobs);
  }

  honest(name) {
    return this.faults(name, { ...kHonest, ...(kRails[name].rings ? { any_number: 1 } : {}) });
  }

  /** How often the provider was called, by method and path. */
  async calls(name) {
    return (await this.shop.bank.client.get(`/control/rails/${name}/calls`)).json.calls;
  }

  /** A new customer's order, which waits for money on the rail. */
  async order(name) {
    const { product_id, rings } = kRails[name];
    // One phone is not rung often: each order has its own.
    const payer_phone = rings ? `0341${100000 + ++phones}` : undefined;
    const customer = this.shop.visitor();
    const placed = await this.shop.order(customer,
      { product_id, payment_method: name, ...(payer_phone ? { payer_phone } : {}) });
    const order = { name, customer, order_id: placed.order_id };
    order.provider_ref = (await this.row_of(order)).provider_ref;
    return order;
  }

  /** The customer pays what the provider shows; gives the id by which the payment counts. */
  async pay({ name, provider_ref }) {
    const { choice, ref } = kRails[name];
    const paid = await this.control(name, 'act', { ref: provider_ref, choice });
    assert.equal(typeof paid[ref], 'string', JSON.stringify(paid));
    return paid[ref];
  }

  /** The customer looks at the order's page, which makes the engine ask often for a while. */
  async look(order) {
    const reply = await order.customer.get(`/api/orders/${order.order_id}/status`);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  }

  async row_of(order) {
    const [row] = await this.shop.sql(`SELECT s.session_id, s.status, s.provider_ref,
      o.status AS order_status, o.stock_state FROM payment_sessions s JOIN orders o
      ON o.id = s.order_id WHERE o.id = ${order.order_id}`);
    return row;
  }

  /** Status of session and order, and whether goods are set aside. */
  async standing(order) {
    const { status, order_status, stock_state } = await this.row_of(order);
    return [status, order_status, stock_state];
  }

  /** What the books say of a rail: its goods, and where each of its orders stands, by its id. */
  async books_of(name) {
    const rows = await this.shop.sql(`SELECT o.id, s.status, o.status AS order_status,
      o.stock_state, o.paid_minor, p.stock, p.reserved FROM payment_sessions s
      JOIN orders o ON o.id = s.order_id JOIN products p ON p.id = ${kRails[name].product_id}
      WHERE s.provider = '${name}'`);
    const [{ stock, reserved }] = rows;
    return { stock, reserved, orders: Object.fromEntries(rows.map((row) =>
      [row.id, [row.status, row.order_status, row.stock_state, Number(row.paid_minor)]])) };
  }

  /** Waits for what staff see of the order. */
  becomes(order, what, holds) {
    return eventually(`${order.name}: ${what}`, kPatienceMs,
      async () => holds(await this.shop.detail(order.order_id)), kLookEveryMs);
  }

  found(order) {
    return this.becomes(order, 'the payment is found', ({ status }) => status === 'COMPLETED');
  }

  /** Waits until the engine by itself has met `reason` twice for this order; all its attempts. */
  met_twice(order, reason) {
    return eventually(`${order.name}: two attempts ended with ${reason}`, kPatienceMs, async () => {
      const { queries } = await this.shop.detail(order.order_id);
      const met = queries.filter((query) => query.reason === reason && query.source === 'poll');
      return met.length >= 2 && queries;
    }, kLookEveryMs);
  }

  /** Waits for what staff see of the provider. */
  provider_becomes(name, what, holds) {
    return eventually(`${name}: ${what}`, kPatienceMs, async () => {
      const told = await this.shop.provider(name);
      return holds(told) && told;
    }, kLookEveryMs);
  }

  /** As if these had been placed so long ago. */
  async age(orders, ms) {
    const ids = orders.map(({ order_id }) => Number(order_id)).join(', ');
    await this.shop.change(`UPDATE payment_sessions SET created_at = created_at - ${ms},
      expires_at = expires_at - ${ms} WHERE order_id IN (${ids});
      UPDATE orders SET created_at = created_at - ${ms},
      reserved_until = reserved_until - ${ms} WHERE id IN (${ids})`);
  }

  /** As if the hours until the ladder's next look had passed. */
  hours_pass() {
    return this.shop.change(
      'UPDATE payment_sessions SET next_check_at = 1 WHERE completed_at IS NULL');
  }

  /** What `counted` gives when one order of each rail is paid, and counted once. */
  each_once() {
    return kRailNames.map((name) => [name, kRails[name].minor, 0])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** What was counted, as `[provider, counted, excess]`. */
  async counted() {
    const rows = await this.shop.sql(
      'SELECT provider, counted_minor, excess_minor FROM settlements ORDER BY provider');
    return rows.map(({ provider, counted_minor, excess_minor }) =>
      [provider, Number(counted_minor), Number(excess_minor)]);
  }
}
