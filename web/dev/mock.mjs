/**
 * `npm run dev`: serves dist/ the way the server does (slots, sections, content security policy)
 * with made-up data, for looking at the pages without the server. Order 131 completes by itself
 * 60 s after the start; ?outage=1 on the checkout shows a silent bank.
 */
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { detail, new_order, orders, products } from './orders.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const port = Number(process.env.PORT ?? 5173);
const started = Date.now();
const kTypes = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
const kPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'";
const seen_keys = new Map();

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function render(name, sections, slots, items = []) {
  return readFileSync(`${dist}${name}.html`, 'utf8')
    .replace(/<!--each:items-->([^]*?)<!--end:items-->/g, (_, row) =>
      items.map((item) => row.replace(/{{(\w+)}}/g, (_, key) => escape(item[key]))).join(''),
    )
    .replace(/<!--if:(\w+)-->([^]*?)<!--end:\1-->/g, (_, section, inside) =>
      sections.includes(section) ? inside : '',
    )
    .replace(/{{{?(\w+)}?}}/g, (_, key) => escape(slots[key] ?? ''));
}

function page(name, order_id, url, sections = []) {
  const order = orders.find((each) => each.order_id === order_id) ?? orders[0];
  const session = detail(order).sessions[0];
  const state = { PENDING: 'pending', COMPLETED: 'completed', CANCELLED: 'canceled' }[order.status];
  const amount_text = `${(order.amount_minor / 100).toFixed(2)} USD`;
  return render(
    name,
    [...sections, state, 'sandbox'],
    {
      csrf_token: 'dev',
      merchant: 'Mekong Tools',
      order_id: order.order_id,
      amount_text,
      status_text: order.status === 'COMPLETED' ? 'Paid' : 'Waiting for the payment',
      qr_svg_url: '/dev/qr.svg',
      save_url: `/payment/save-qr?order_id=${order.order_id}`,
      recovery_code: session.recovery_code,
      bill_number: session.bill_number,
      expires_at: Math.max(session.expires_at, started + 900_000),
      session_id: session.session_id,
      receipt_url: `/receipt?order_id=${order.order_id}`,
      paid_at_text: '21 Nov 2026, 14:05 UTC',
      provider_ref_short: '7d3a',
      reference: '7d3a',
      pass_url: '/app/qr-verification/?code=valid',
      pass_qr_svg_url: '/dev/qr.svg',
      subject: `Order ${order.order_id}`,
      checkout_url: '/checkout',
      valid_until_text: '21 Nov 2027',
      status: 404,
      message: 'There is no such page.',
      request_id: 'req_5f2c9a',
    },
    detail(order).items.map((item) => ({ ...item, price_text: `${item.price_minor / 100} USD` })),
  );
}

function live(order) {
  if (order.order_id === 131 && order.status === 'PENDING' && Date.now() - started > 60_000) {
    Object.assign(order, new_order(131, 'COMPLETED', order.amount_minor, 0.05));
  }
  return {
    order_id: order.order_id,
    status: order.status,
    session_status: 'pending',
    expires_at: started + 900_000,
    checked_at: Date.now() - 1200,
    attention: order.attention,
    provider_state: order.order_id === 130 ? 'unavailable' : 'ok',
    receipt_url: order.receipt_url,
  };
}

function list(url) {
  const wanted = url.searchParams.get('status') ?? 'all';
  const of = (status) =>
    orders.filter((o) => status === 'all' || o.status === status.toUpperCase());
  const from = Number(url.searchParams.get('cursor') ?? 0);
  const to = from + Number(url.searchParams.get('limit') ?? 20);
  const counts = Object.fromEntries(
    ['all', 'pending', 'completed', 'cancelled'].map((status) => [status, of(status).length]),
  );
  const next_cursor = to < of(wanted).length ? String(to) : null;
  return { orders: of(wanted).slice(from, to), next_cursor, counts };
}

const fail = (status, code, message) => ({
  status,
  body: { error: { code, message, request_id: 'req_5f2c9a' } },
});
const ok = (body) => ({ status: 200, body });

function place(body, key) {
  if (seen_keys.has(key)) return seen_keys.get(key);
  const minor = body.items.reduce(
    (sum, { product_id, quantity }) => sum + products[product_id - 1].price_minor * quantity,
    0,
  );
  const order = new_order(Math.max(...orders.map((o) => o.order_id)) + 1, 'PENDING', minor, 0);
  orders.unshift(order);
  const checkout_url = `/checkout?order_id=${order.order_id}`;
  seen_keys.set(key, {
    status: 201,
    body: { order_id: order.order_id, order_secret: 'x', checkout_url },
  });
  return seen_keys.get(key);
}

async function api(path, url, body, request) {
  const id = Number(/\/orders\/(\d+)/.exec(path)?.[1] ?? body?.order_id ?? 0);
  const order = orders.find((each) => each.order_id === id);
  if (path === '/api/products') return ok({ products });
  if (path === '/api/auth/me')
    return ok({ role: 'staff', csrf_token: 'dev', sandbox_url: '/dev/bank' });
  if (path === '/api/auth/login') {
    return body.password === 'demo'
      ? ok({ role: 'staff', csrf_token: 'dev' })
      : fail(401, 'unauthenticated', 'Wrong password.');
  }
  if (path === '/api/auth/logout') return ok({ success: true });
  if (path === '/api/orders') {
    return body ? place(body, request.headers['idempotency-key']) : ok(list(url));
  }
  if (path.endsWith('/deep-link')) return ok({ success: true, url: null });
  if (path === '/api/payment/verify-qr') {
    const found = orders.find((each) => body.qr_data.includes(`order_id=${each.order_id}:`));
    return found ? ok({ order_data: found }) : fail(404, 'not_found', 'No order was found.');
  }
  if (path === '/api/payment/recover-from-qr') {
    const paid = body.qr_data.includes('order_id=129:');
    return ok({
      order_id: paid ? 129 : 130,
      status: paid ? 'completed' : 'pending_verification',
      checkout_url: '/checkout?order_id=130',
      receipt_url: paid ? '/receipt?order_id=129' : null,
    });
  }
  if (!order) return fail(404, 'not_found', 'There is no such order.');
  if (path === '/api/payment/verify-instantly') return ok({ status: 'pending' });
  if (path.endsWith('/status')) return ok(live(order));
  if (path.endsWith('/mark-paid') || path.endsWith('/cancel')) {
    const status = path.endsWith('/cancel') ? 'CANCELLED' : 'COMPLETED';
    Object.assign(order, new_order(id, status, order.amount_minor, 1));
    return ok({ success: true, status: 'completed', order_id: id });
  }
  return ok(detail(order));
}

function qr() {
  let cells = '';
  for (let i = 0; i < 29 * 29; i++) {
    const [x, y] = [i % 29, Math.floor(i / 29)];
    const near = [
      [0, 0],
      [22, 0],
      [0, 22],
    ].find(([a, b]) => x >= a && x < a + 7 && y >= b && y < b + 7);
    const ring = near && Math.max(Math.abs(x - near[0] - 3), Math.abs(y - near[1] - 3));
    if (near ? ring !== 2 : (x * 7 + y * 13 + x * y * 3) % 5 < 2) cells += `M${x} ${y}h1v1h-1z`;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 33 33"><path fill="#fff" d="M-2-2h33v33h-33z"/><path d="${cells}"/></svg>`;
}

const kPages = {
  '/': 'shop',
  '/cart': 'cart',
  '/orders': 'orders',
  '/checkout': 'checkout',
  '/receipt': 'receipt',
  '/payment/save-qr': 'save-qr',
  '/payment/recover-from-qr': 'recover',
  '/app/qr-verification/': 'verification',
  '/staff/login': 'staff-login',
  '/staff/orders': 'staff-orders',
  '/staff/order': 'staff-order',
};

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const path = url.pathname;
  const reply = (status, type, body) => {
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Security-Policy': kPolicy,
      'Request-Id': 'req_5f2c9a',
    });
    response.end(body);
  };
  let text = '';
  for await (const part of request) text += part;
  if (path.startsWith('/assets/')) {
    return reply(200, kTypes[path.split('.').at(-1)], readFileSync(dist + path.slice(1)));
  }
  if (path === '/dev/qr.svg' || path.endsWith('save.png')) return reply(200, kTypes.svg, qr());
  if (path.endsWith('/events')) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    const id = Number(/(\d+)\/events/.exec(path)[1]);
    const timer = setInterval(
      () =>
        response.write(
          `event: status\ndata: ${JSON.stringify(live(orders.find((o) => o.order_id === id)))}\n\n`,
        ),
      2000,
    );
    return request.on('close', () => clearInterval(timer));
  }
  if (path.startsWith('/api/')) {
    const { status, body } = await api(path, url, text ? JSON.parse(text) : null, request);
    return reply(status, 'application/json', JSON.stringify(body));
  }
  const code = url.searchParams.get('code');
  const sections = path.startsWith('/app')
    ? [code ?? 'ask']
    : path.includes('recover')
      ? ['ask']
      : [];
  const id = Number(url.searchParams.get('order_id') ?? 129);
  reply(kPages[path] ? 200 : 404, kTypes.html, page(kPages[path] ?? 'error', id, url, sections));
}).listen(port, () => console.log(`http://localhost:${port}/`));
