/** A shop under test: bank, server, and what one does with them. */
import assert from 'node:assert/strict';
import { Bank } from './bank.mjs';
import { Books } from './books.mjs';
import { Client } from './client.mjs';
import { free_port, Process, remove_folder, temporary_folder } from './program.mjs';

export const kAdminPassword = 'correct horse battery staple';
const kAccount = 'quittance_shop@quitbank';
/** Of a port that somebody else took between the look and the start. */
const kStartAttempts = 3;

/** Settings that make a test quick; a test about time sets its own. */
const kQuick = {
  QUITTANCE_TICK_MS: '100',
  QUITTANCE_REQUESTS_PER_MINUTE: '10000000',
  QUITTANCE_GUARDED_REQUESTS_PER_MINUTE: '10000000',
  BAKONG_CALLS_PER_SECOND: '1000',
};

export class Shop {
  /**
   * Starts bank and server with `settings` over the quick ones; null takes one away, a function
   * makes them of the bank. All of it ends with the test `t`. `postgres` is the address of a server
   * of the test's own.
   */
  static async start(t, settings = {}, postgres = undefined) {
    const shop = new Shop();
    shop.clients = [];
    t.after(() => shop.close());
    shop.bank = await Bank.start();
    shop.folder = await temporary_folder();
    shop.books = await Books.open(shop.folder, postgres);
    const merged = {
      ...kQuick,
      QUITTANCE_ADMIN_PASSWORD: kAdminPassword,
      QUITTANCE_SANDBOX_URL: shop.bank.url,
      BAKONG_ENV: 'sandbox',
      BAKONG_BASE_URL: shop.bank.url,
      BAKONG_ACCOUNT_ID: kAccount,
      BAKONG_TOKEN: await shop.bank.token(),
      ...shop.books.settings(),
      ...(typeof settings === 'function' ? await settings(shop.bank) : settings),
    };
    shop.settings = Object.fromEntries(
      Object.entries(merged).filter(([, value]) => value !== null));
    await shop.start_server();
    return shop;
  }

  async close() {
    for (const client of this.clients) client.close();
    await this.server?.stop();
    await this.bank?.close();
    await this.books?.remove();
    if (this.folder) await remove_folder(this.folder);
  }

  async start_server() {
    for (let attempt = 1; ; ++attempt) {
      this.port ??= await free_port();
      try {
        this.server = await Process.start(
          ['serve', '--seed', '--port', String(this.port), '--data', this.folder], this.settings);
        break;
      } catch (error) {
        if (attempt === kStartAttempts || this.url) throw error;
        this.port = undefined;
      }
    }
    this.url = `http://127.0.0.1:${this.port}`;
  }

  /** The same data, the same port, a new process; gives what the old one ended with. */
  async restart({ signal = 'SIGTERM', settings = {} } = {}) {
    const ended = await this.server.stop(signal);
    Object.assign(this.settings, settings);
    await this.start_server();
    return ended;
  }

  /** A new visitor, forgotten with the test. */
  visitor() {
    const client = new Client(this.url);
    this.clients.push(client);
    return client;
  }

  async admin() {
    if (!this.admin_client) {
      const client = this.visitor();
      const reply = await client.log_in('admin', kAdminPassword);
      assert.equal(reply.status, 200, reply.text);
      this.admin_client = client;
    }
    return this.admin_client;
  }

  /** Places an order as `client` and gives the reply's body, with the session as `session`. */
  async order(client, { product_id = 3, quantity = 1, ...more } = {}) {
    const placed = await client.post('/api/orders', {
      items: [{ product_id, quantity }],
      payment_method: 'khqr',
      ...more,
    });
    assert.equal(placed.status, 201, placed.text);
    if (!client.csrf_token) await client.who();
    const detail = await client.get(`/api/orders/${placed.json.order_id}`,
      { 'x-order-secret': placed.json.order_secret });
    assert.equal(detail.status, 200, detail.text);
    return { ...placed.json, session: detail.json.sessions[0] };
  }

  /** All that staff see of an order. */
  async detail(order_id) {
    const reply = await (await this.admin()).get(`/api/orders/${order_id}`);
    assert.equal(reply.status, 200, reply.text);
    return reply.json;
  }

  /** What staff see of how a provider is doing. */
  async provider(name = 'bakong') {
    const reply = await (await this.admin()).get('/api/admin/providers');
    assert.equal(reply.status, 200, reply.text);
    return reply.json.providers.find((one) => one.provider === name);
  }

  async available(product_id) {
    const { json } = await this.visitor().get('/api/products');
    return json.products.find((product) => product.id === product_id).available;
  }

  /** Rows of a question to the database itself, past the program. */
  sql(question) {
    return this.books.rows(question);
  }

  /** Changes the database past the program, for what the API has no way to do. */
  change(statement) {
    return this.books.change(statement);
  }

  /** So many pieces of everything that a test does not run out of them. */
  restock(pieces) {
    return this.change(`UPDATE products SET stock = ${Number(pieces)}`);
  }

  async stock(product_id) {
    const [row] = await this.sql(
      `SELECT stock, reserved FROM products WHERE id = ${Number(product_id)}`);
    return row;
  }
}
