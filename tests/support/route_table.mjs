/**
 * Every route, and what it answers each role: guest, owner, another customer, a guest with the
 * order's secret, staff, admin. What is not in this table does not exist.
 */
const same = (status) => [status, status, status, status, status, status];
/** guest, owner, another customer, a guest with the order's secret, staff, admin. */
const kOfOrder = [404, 200, 404, 200, 200, 200];
const kStaff = [401, 403, 403, 401, 200, 200];

const form = (fields) => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});
const json = (value) => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/**
 * `at` gives the address, `send` what goes with it, for an order (`o`) and what there is to know
 * about the shop (`s`). `paid` has the order paid first. In the order in which they are called:
 * logging out comes last.
 */
export const kTable = {
  'GET /api/products': { expect: same(200) },
  'POST /api/orders': {
    send: () => json({ items: [{ product_id: 3, quantity: 1 }] }),
    expect: same(201),
  },
  'GET /api/orders': { expect: [401, 200, 200, 401, 200, 200] },
  'GET /api/orders/{id}': { at: (o) => `/api/orders/${o.order_id}`, expect: kOfOrder },
  'GET /api/orders/{id}/history': {
    at: (o) => `/api/orders/${o.order_id}/history`,
    expect: kOfOrder,
  },
  'GET /api/orders/{id}/proof': {
    at: (o) => `/api/orders/${o.order_id}/proof`,
    paid: true,
    expect: kOfOrder,
  },
  'GET /api/orders/{id}/status': {
    at: (o) => `/api/orders/${o.order_id}/status`,
    expect: kOfOrder,
  },
  'GET /api/orders/{id}/events': {
    at: (o) => `/api/orders/${o.order_id}/events`,
    paid: true,
    expect: kOfOrder,
  },
  'POST /api/orders/{id}/cancel': {
    at: (o) => `/api/orders/${o.order_id}/cancel`,
    expect: kOfOrder,
    unsafe: true,
  },
  'POST /api/orders/{id}/mark-paid': {
    at: (o) => `/api/orders/${o.order_id}/mark-paid`,
    send: () => json({ reason: 'Counted the cash myself' }),
    expect: kStaff,
    unsafe: true,
  },
  'POST /api/orders/{id}/confirm-payment': {
    at: (o) => `/api/orders/${o.order_id}/confirm-payment`,
    send: () => json({ evidence_id: 999999, reason: 'Looked at it twice' }),
    expect: [401, 403, 403, 401, 409, 409],
    unsafe: true,
  },
  'POST /api/orders/{id}/reject-payment': {
    at: (o) => `/api/orders/${o.order_id}/reject-payment`,
    send: () => json({ evidence_id: 999999, reason: 'Looked at it twice' }),
    expect: [401, 403, 403, 401, 409, 409],
    unsafe: true,
  },
  'POST /api/orders/{id}/refund': {
    at: (o) => `/api/orders/${o.order_id}/refund`,
    send: () => json({ settlement_id: 999999, amount: '1.00', reason: 'Looked at it twice' }),
    expect: [401, 403, 403, 401, 404, 404],
    unsafe: true,
  },
  'POST /api/orders/{id}/void': {
    at: (o) => `/api/orders/${o.order_id}/void`,
    send: () => json({ settlement_id: 999999, reason: 'Looked at it twice' }),
    expect: [401, 403, 403, 401, 404, 404],
    unsafe: true,
  },
  // No mail is set up here; tests/api/deliveries.test.mjs has it.
  'POST /api/orders/{id}/resend': {
    at: (o) => `/api/orders/${o.order_id}/resend`,
    paid: true,
    expect: [401, 403, 403, 401, 409, 409],
  },
  'GET /api/payment/methods': { expect: same(200) },
  'POST /api/payment/create-session': {
    send: (o) => json({ amount: o.amount, order_id: o.order_id }),
    expect: kOfOrder,
    unsafe: true,
  },
  'GET /api/payment/sessions': { expect: [401, 200, 200, 401, 403, 403] },
  'GET /api/payment/sessions/{session_id}/qr.svg': {
    at: (o) => o.session.qr_svg_url,
    expect: same(200),
  },
  'GET /api/payment/sessions/{session_id}/qr.png': {
    at: (o) => o.session.qr_png_url,
    expect: same(200),
  },
  'GET /api/payment/sessions/{session_id}/save.png': {
    at: (o) => `/api/payment/sessions/${o.session.session_id}/save.png`,
    expect: same(200),
  },
  'POST /api/payment/sessions/{session_id}/deep-link': {
    at: (o) => `/api/payment/sessions/${o.session.session_id}/deep-link`,
    expect: same(200),
  },
  'POST /api/payment/verify-qr': {
    send: (o) => json({ qr_data: o.session.qr_data }),
    expect: same(200),
  },
  'POST /api/payment/recover-from-qr': {
    send: (o) => json({ qr_data: o.session.qr_data }),
    expect: same(200),
  },
  'POST /api/payment/verify-instantly': {
    send: (o) => json({ order_id: o.order_id }),
    expect: kStaff,
    unsafe: true,
  },
  'POST /api/payment/cleanup': { expect: [401, 403, 403, 401, 403, 200], unsafe: true },
  // No rail of these is set up here; tests/api/notices.test.mjs has them.
  'POST /payments/stripe/webhook': { send: () => json({}), expect: same(404) },
  'POST /payments/razorpay/webhook': { send: () => json({}), expect: same(404) },
  'POST /payments/{provider}/webhook': {
    at: () => '/payments/bakong/webhook',
    send: () => json({}),
    expect: same(404),
  },
  'GET /api/qpay/callback': { expect: same(404) },
  'POST /api/qpay/callback': { send: () => json({}), expect: same(404) },
  'POST /api/invoices/{id}/settlement': {
    at: (o) => `/api/invoices/${o.order_id}/settlement`,
    send: () => json({ amount: '1.00', method: 'POS' }),
    expect: [404, 403, 404, 403, 200, 200],
    unsafe: true,
  },
  'GET /api/payment-settings': { expect: [401, 200, 200, 401, 200, 200] },
  // Nor is QPay; who may ask for an invoice of whose order is in qpay_billing_test.cpp.
  'POST /api/qpay/invoice': {
    send: (o) => json({ invoiceId: o.order_id, amount: 1 }),
    expect: same(400),
  },
  'POST /api/qpay/check': { send: () => json({ qpayInvoiceId: 'none' }), expect: same(404) },
  'POST /api/qpay/cancel': { send: () => json({ qpayInvoiceId: 'none' }), expect: same(404) },
  'POST /api/qpay/dev/create-test-invoice': {
    send: (o) => json({ invoiceId: o.order_id }),
    expect: [401, 403, 403, 401, 404, 404],
    unsafe: true,
  },
  'PUT /payments/mvola/callback': { send: () => json({}), expect: same(404) },
  // No provider that lists is set up here; tests/api/sync.test.mjs has one.
  'POST /api/payments/sync': { expect: [401, 403, 403, 401, 403, 501], unsafe: true },
  'GET /api/payments': { expect: kStaff },
  'GET /api/payments/razorpay-status': {
    at: () => '/api/payments/razorpay-status?payment_id=pay_1',
    expect: [401, 403, 403, 401, 403, 404],
  },
  'POST /api/payments/{payment_id}/attendee': {
    at: () => '/api/payments/999/attendee',
    send: () => json({}),
    expect: [401, 403, 403, 401, 404, 404],
    unsafe: true,
  },
  'GET /api/events': { expect: kStaff },
  'POST /api/events': {
    send: () => json({ name: 'Hackathon', price: '250', currency: 'INR', capacity: 3,
      starts_at: '2036-12-05T10:00:00+05:30' }),
    expect: [401, 403, 403, 401, 403, 201],
    unsafe: true,
  },
  'POST /api/events/{event_id}': {
    at: () => '/api/events/1',
    send: () => json({ venue: 'Hall 2' }),
    expect: [401, 403, 403, 401, 403, 200],
    unsafe: true,
  },
  'GET /api/events/{event_id}/payments': { at: () => '/api/events/1/payments', expect: kStaff },
  'GET /api/events/{event_id}/attendees': { at: () => '/api/events/1/attendees', expect: kStaff },
  'GET /api/payments/{payment_id}': {
    at: () => '/api/payments/999999',
    expect: [401, 403, 403, 401, 404, 404],
  },
  'GET /api/admin/sync-runs': { expect: kStaff },
  'GET /api/admin/logs': { expect: [401, 403, 403, 401, 403, 200] },
  'GET /api/admin/reconciliation': {
    at: () => '/api/admin/reconciliation?provider=razorpay&day=2026-01-01',
    expect: [401, 403, 403, 401, 400, 400],
  },
  'GET /app/qr-verification': {
    at: (o, s) => `/app/qr-verification/?code=${s.pass}`,
    expect: same(200),
  },
  'POST /app/qr-verification': { send: (o, s) => json({ code: s.pass }), expect: same(200) },
  'GET /api/passes/{code}/qr.svg': {
    at: (o, s) => `/api/passes/${s.pass}/qr.svg`,
    expect: same(200),
  },
  'GET /api/log/checkpoint': { expect: same(200) },
  'POST /api/log/checkpoint': { expect: [401, 403, 403, 401, 201, 201], unsafe: true },
  'GET /api/log/key': { expect: same(200) },
  'GET /api/log/proof': { at: () => '/api/log/proof?seq=1', expect: same(200) },
  'GET /api/log/consistency': {
    at: () => '/api/log/consistency?from=1&to=2',
    expect: same(200),
  },
  'POST /api/auth/login': {
    send: () => json({ username: 'admin', password: 'wrong' }),
    expect: same(401),
  },
  'GET /api/auth/me': { expect: same(200) },
  'GET /health': { expect: same(200) },
  'GET /ready': { expect: same(200) },
  'GET /api/admin/providers': { expect: kStaff },
  'POST /api/admin/users': {
    send: () => json({ username: 'new', password: 'long enough', role: 'staff' }),
    expect: [401, 403, 403, 401, 403, 201],
    unsafe: true,
  },
  'POST /api/admin/api-keys': {
    send: () => json({ name: `till-${Math.random().toString(36).slice(2)}` }),
    expect: [401, 403, 403, 401, 403, 201],
    unsafe: true,
  },
  'POST /api/admin/api-keys/{name}/revoke': {
    at: () => '/api/admin/api-keys/no-such-key/revoke',
    expect: [401, 403, 403, 401, 403, 404],
  },
  'GET /': { expect: same(200) },
  'GET /cart': { expect: same(200) },
  'GET /orders': { expect: same(200) },
  'GET /staff/login': { expect: same(200) },
  'GET /staff/orders': { expect: same(200) },
  'GET /staff/order': { expect: same(200) },
  'GET /staff/payments': { expect: same(200) },
  'GET /assets/{file}': { at: (o, s) => s.asset, expect: same(200) },
  'GET /checkout': { at: (o) => `/checkout?order_id=${o.order_id}`, expect: kOfOrder },
  'GET /receipt': { at: (o) => `/receipt?order_id=${o.order_id}`, paid: true, expect: kOfOrder },
  'GET /payment/save-qr': {
    at: (o) => `/payment/save-qr?order_id=${o.order_id}`,
    expect: kOfOrder,
  },
  'GET /payment/ways': { at: (o) => `/payment/ways?order_id=${o.order_id}`, expect: kOfOrder },
  'POST /payment/ways': {
    at: (o) => `/payment/ways?order_id=${o.order_id}`,
    send: () => form({ payment_method: 'khqr' }),
    expect: [404, 303, 404, 303, 303, 303],
  },
  'GET /payment/recover-from-qr': { expect: same(200) },
  'POST /payment/recover-from-qr': {
    send: (o) => form({ qr_data: o.session.qr_data }),
    expect: same(200),
  },
  'POST /api/auth/logout': { expect: same(200) },
};
