/**
 * People order and pay while something is killed again and again; and what the books must say
 * afterwards.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from './chance.mjs';
import { kAdminPassword } from './shop.mjs';
import { eventually } from './wait.mjs';

const kCustomers = 6;
const kPieces = 1_000_000;
/**
 * For everything up to the last restart, and for what is then still to be found: what was claimed
 * by a server that was killed is due again after 30 s.
 */
const kStormLimitMs = 240_000;
const kCalmLimitMs = 120_000;

/** What one knows who lived through it: every cart, and what was acknowledged about it. */
export class Storm {
  constructor(shop, seed) {
    this.shop = shop;
    this.seed = seed;
    this.carts = [];
    this.over = false;
    this.deadline = performance.now() + kStormLimitMs;
  }

  /** Asks until somebody answers; a server that is being killed does not. */
  async insist(what, ask) {
    while (performance.now() < this.deadline) {
      try {
        const reply = await ask();
        if (reply.status < 500) return reply;
      } catch (error) {
        if (!/ECONN|hang up|EPIPE/.test(`${error.code} ${error.message}`)) throw error;
      }
      await pause(15);
    }
    throw new Error(`no answer before the end of the storm: ${what}`);
  }

  /** `harm`, `kills` times or more; the pause before each is drawn, of `pause_ms` at most. */
  async harm_again_and_again(chance, { harm, kills, orders, pause_ms }) {
    try {
      for (this.kills = 0; this.kills < kills || this.carts.length < orders; ++this.kills) {
        assert.ok(performance.now() < this.deadline,
          `${this.kills} kills, ${this.carts.length} orders`);
        await pause(20 + chance.below(pause_ms));
        await harm(chance);
      }
    } finally {
      this.over = true;
    }
  }

  /** All of it. `harm` kills something and brings it back; see `harm_again_and_again`. */
  static async rage(shop, seed, troubles) {
    await shop.restock(kPieces);
    const storm = new Storm(shop, seed);
    const admin = shop.visitor();
    const login = await admin.post('/api/auth/login',
      { username: 'admin', password: kAdminPassword });
    admin.bearer = login.json.access_token;
    admin.cookies.clear();
    await Promise.all([
      storm.harm_again_and_again(new Chance(seed), troubles),
      ...Array.from({ length: kCustomers }, (_, i) => storm.shop_until_over(i + 1, admin)),
    ]);
    storm.paid = storm.carts.filter((cart) => cart.fate === 'completed').length;
    return storm;
  }

  /** Waits until all that was paid is completed, by itself. */
  async calm() {
    await eventually('all that was paid is completed', kCalmLimitMs, async () => {
      const [row] = await this.shop.sql(
        "SELECT COUNT(*) AS completed FROM orders WHERE status = 'completed'");
      assert.equal(row.completed, this.paid);
      return true;
    }, 250);
  }

  /** One customer: orders, pays or not, looks and asks, over and over. */
  async shop_until_over(number, admin) {
    const chance = new Chance(this.seed + number);
    const client = this.shop.visitor();
    for (let i = 0; !this.over; ++i) {
      const cart = {
        items: [{ product_id: 1 + chance.below(8), quantity: 1 + chance.below(3) }],
      };
      const key = { 'idempotency-key': `cart-${number}-${i}-${this.seed}-of-a-guest` };
      const placed = await this.insist('place an order', () =>
        client.post('/api/orders', cart, key));
      assert.equal(placed.status, 201, placed.text);
      const order = { ...placed.json, ...cart.items[0], fate: 'left' };
      this.carts.push(order);
      await this.live(order, client, admin, chance);
      await pause(5 + chance.below(25));
    }
  }

  async live(order, client, admin, chance) {
    const secret = { 'x-order-secret': order.order_secret };
    const path = `/api/orders/${order.order_id}`;
    const detail = await this.insist('read the order', () => client.get(path, secret));
    assert.equal(detail.status, 200, `acknowledged, then gone: ${detail.text}`);
    const [session] = detail.json.sessions;
    if (chance.percent(6)) {
      const canceled = await this.insist('cancel', () =>
        client.post(`${path}/cancel`, {}, secret));
      assert.equal(canceled.status, 200, canceled.text);
      order.fate = 'canceled';
    }
    if (chance.percent(6)) {
      const marked = await this.insist('mark as paid', () =>
        admin.post(`${path}/mark-paid`, { reason: 'Cash on the counter' }));
      assert.ok(marked.status === 200 || marked.status === 409, marked.text);
      order.fate = 'completed';
    }
    if (!chance.percent(75)) return;
    await this.shop.bank.pay(session.qr_data);
    order.fate = 'completed';
    // Nobody waits for these; most of them meet a server that is just dying.
    const ways = [
      () => client.post('/api/payment/recover-from-qr', { qr_data: session.qr_data }),
      () => client.post('/api/payment/recover-from-qr', { qr_data: session.recovery_code }),
      () => admin.post('/api/payment/verify-instantly', { order_id: order.order_id }),
      () => client.get(`${path}/status`, secret),
    ];
    const chosen = ways.filter(() => chance.percent(40));
    await Promise.allSettled(chosen.map((way) => way()));
  }
}

/** Checks the books against what the storm knows, row by row. */
export async function audit(shop, storm) {
  const orders = await shop.sql(`SELECT o.id, o.status, o.stock_state, o.total_minor, o.paid_minor,
    o.transaction_id,
    (SELECT COUNT(*) FROM settlements s WHERE s.order_id = o.id AND s.counted_minor > 0) AS counted,
    (SELECT COUNT(*) FROM settlements s WHERE s.order_id = o.id) AS settlements,
    (SELECT COALESCE(SUM(counted_minor), 0) FROM settlements s WHERE s.order_id = o.id) AS sum,
    (SELECT COUNT(*) FROM passes p WHERE p.order_id = o.id) AS passes,
    (SELECT COUNT(*) FROM approvals a WHERE a.order_id = o.id) AS approvals,
    (SELECT COUNT(*) FROM outbox b WHERE b.dedupe_key > 'order.completed:' || o.id || ':'
      AND b.dedupe_key < 'order.completed:' || o.id || ';') AS outbox,
    (SELECT COUNT(*) FROM payment_sessions p WHERE p.order_id = o.id) AS sessions
    FROM orders o ORDER BY o.id`);
  const by_id = new Map(orders.map((row) => [row.id, row]));
  const wrong = [];
  const expect = (holds, what, row) => holds || wrong.push({ what, ...row });

  expect(orders.length === storm.carts.length, 'one order for each cart',
    { orders: orders.length, carts: storm.carts.length });
  for (const cart of storm.carts) {
    const row = by_id.get(cart.order_id);
    expect(row?.transaction_id === cart.transaction_id, 'acknowledged and there', cart);
    expect(row?.total_minor === cart.amount_minor, 'the amount that was told', row);
    const status = { left: 'pending', canceled: 'canceled', completed: 'completed' }[cart.fate];
    expect(row?.status === status, `${cart.fate} orders are ${status}`, row);
  }
  for (const row of orders) {
    const done = row.status === 'completed' ? 1 : 0;
    const state = { pending: 'reserved', canceled: 'released', completed: 'committed' };
    expect(row.counted === done, 'settled once when completed, else never', row);
    expect(row.sum === (done ? row.total_minor : 0), 'the money that was asked for', row);
    expect(row.paid_minor === row.sum, 'paid is what was counted', row);
    expect(row.passes === done && row.approvals === done && row.outbox === done,
      'one pass, one approval, one announcement', row);
    expect(row.stock_state === state[row.status], 'goods follow the order', row);
    expect(row.sessions === 1, 'one session', row);
  }
  assert.deepEqual(wrong.slice(0, 5), [], `${wrong.length} breaches, seed ${storm.seed}`);
}

export async function audit_stock(shop) {
  const products = await shop.sql(`SELECT p.id, p.stock, p.reserved,
    (SELECT COALESCE(SUM(i.quantity), 0) FROM order_items i JOIN orders o ON o.id = i.order_id
     WHERE i.product_id = p.id AND o.status = 'completed') AS sold,
    (SELECT COALESCE(SUM(i.quantity), 0) FROM order_items i JOIN orders o ON o.id = i.order_id
     WHERE i.product_id = p.id AND o.stock_state = 'reserved') AS held
    FROM products p`);
  assert.equal(products.length, 8);
  for (const row of products) {
    assert.equal(row.stock, kPieces - row.sold, `product ${row.id}: stock`);
    assert.equal(row.reserved, row.held, `product ${row.id}: reserved`);
  }
  assert.deepEqual(await shop.books.damage(), []);
}
