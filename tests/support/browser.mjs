/** Chromium and its visitors: each with a memory of its own and an ear for what goes wrong. */
import { chromium } from 'playwright-core';
import { kPatienceMs } from './wait.mjs';

const kProgram = process.env.QUITTANCE_CHROMIUM ?? '/usr/bin/chromium';
const kArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The first start reads a lot from the disk. */
const kLaunchLimitMs = 120_000;

export const kPhone = { width: 390, height: 844 };
export const kDesk = { width: 1280, height: 900 };

export class Browser {
  /** Starts it; it ends with the test `t`. */
  static async start(t) {
    const browser = new Browser();
    browser.chromium = await chromium.launch(
      { executablePath: kProgram, args: kArguments, timeout: kLaunchLimitMs });
    t.after(() => browser.chromium.close());
    return browser;
  }

  /** Somebody with no cookies yet; `options` are those of a browser context. */
  async visitor(options = {}) {
    const { viewport = kPhone } = options;
    const phone = viewport.width < 768;
    const context = await this.chromium.newContext({
      viewport,
      isMobile: phone,
      hasTouch: phone,
      deviceScaleFactor: phone ? 2 : 1,
      locale: 'en-GB',
      timezoneId: 'Asia/Phnom_Penh',
      ...options,
    });
    context.setDefaultTimeout(kPatienceMs);
    return new Visitor(context);
  }
}

/** One person's browser: pages, cookies, and the complaints heard so far. */
export class Visitor {
  constructor(context) {
    this.context = context;
    this.complaints = [];
    context.on('console', (message) => {
      if (message.type() === 'error') this.complain(`console: ${message.text()}`, message);
    });
    context.on('weberror', (error) => this.complaints.push(`script: ${error.error().stack}`));
  }

  complain(text, message) {
    const { url } = message.location();
    const page = message.page()?.url();
    // A page that answers 404 on purpose is no trouble of the page's own.
    if (url === page && /the server responded with a status of 4/.test(text)) return;
    this.complaints.push(`${text} (${url} on ${page})`);
  }

  /** A new tab at `url`. */
  async open(url) {
    const page = await this.context.newPage();
    await page.goto(url);
    return page;
  }

  /** Sends JSON as this visitor, with the cookies, as a page would. */
  async post(url, json) {
    const { origin } = new URL(url);
    const me = await (await this.context.request.get(`${origin}/api/auth/me`)).json();
    const reply = await this.context.request.post(url, {
      data: json,
      headers: me.csrf_token ? { 'X-CSRF-Token': me.csrf_token } : {},
    });
    if (!reply.ok()) throw new Error(`${url}: ${reply.status()} ${await reply.text()}`);
    return reply.json();
  }

  async get(url) {
    const reply = await this.context.request.get(url);
    if (!reply.ok()) throw new Error(`${url}: ${reply.status()} ${await reply.text()}`);
    return reply.json();
  }

  /** Places an order as this visitor; the reply's body, with its newest session as `session`. */
  async order(shop_url, { product_id = 3, quantity = 1, ...more } = {}) {
    const items = [{ product_id, quantity }];
    const placed = await this.post(`${shop_url}/api/orders`,
      { items, payment_method: 'khqr', ...more });
    const detail = await this.get(`${shop_url}/api/orders/${placed.order_id}`);
    return { ...placed, session: detail.sessions[0] };
  }

  close() {
    return this.context.close();
  }
}

/** Waits until the page is at a path (with query) that matches. */
export function arrived(page, pattern) {
  return page.waitForURL((url) => pattern.test(url.pathname + url.search));
}
