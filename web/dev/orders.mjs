/** Made-up orders for looking at the pages; nothing of it is ever shipped. */
const kHour = 3_600_000;
const now = Date.now();

export const products = [
  ['Laptop 14"', 'Light, quiet, a day of battery.', 'laptop', 64900, 4],
  ['Mechanical keyboard', 'Soft switches, Khmer and Latin caps.', 'keyboard', 4550, 12],
  ['Wireless mouse', 'Fits small and large hands.', 'mouse', 1250, 30],
  ['Headphones', 'Closed, comfortable for hours.', 'headphones', 3900, 2],
  ['Monitor 27"', 'Sharp picture, stands upright too.', 'monitor', 18900, 6],
  ['SSD 1 TB', 'Five times faster than a disk.', 'ssd', 7425, 15],
  ['Webcam', 'A clear face also in the evening.', 'webcam', 2999, 0],
  ['Router', 'Reaches every room of the house.', 'router', 5600, 9],
].map(([name, description, picture, price_minor, available], index) => ({
  id: index + 1,
  name,
  description,
  picture,
  price_minor,
  available,
  price: price_minor / 100,
  currency: 'USD',
}));

export function new_order(order_id, status, amount_minor, age_h, extra = {}) {
  const created_at = now - age_h * kHour;
  return {
    order_id,
    status,
    amount_minor,
    paid_minor: status === 'COMPLETED' ? amount_minor : 0,
    currency: 'USD',
    item_count: 2,
    customer_name: null,
    payment_method: 'khqr',
    created_at,
    completed_at: status === 'COMPLETED' ? created_at + 42_000 : null,
    attention: 'none',
    receipt_url: status === 'COMPLETED' ? `/receipt?order_id=${order_id}` : null,
    ...extra,
  };
}

export const orders = [
  new_order(131, 'PENDING', 5800, 0.05),
  new_order(130, 'PENDING', 4550, 30, {
    customer_name: 'Sophea Chan',
    attention: 'underpaid',
    paid_minor: 4000,
  }),
  new_order(129, 'COMPLETED', 64900, 31, { customer_name: 'Dara Kim' }),
  new_order(128, 'CANCELLED', 1250, 55),
  new_order(127, 'CANCELLED', 18900, 70, { attention: 'paid_late', paid_minor: 18900 }),
  ...Array.from({ length: 30 }, (_, i) =>
    new_order(126 - i, 'COMPLETED', 2500 + i * 199, 80 + i * 9),
  ),
];

export function detail(order) {
  const at = order.created_at;
  const code = `KHQR:order_id=${order.order_id}:transaction_id=9f86d081884c7d659a2feaa0c55ad015:amount=45.50`;
  const paid = order.paid_minor > 0;
  return {
    ...order,
    transaction_id: '9f86d081884c7d659a2feaa0c55ad015',
    items: [
      {
        product_id: 2,
        name: 'Mechanical keyboard',
        quantity: 1,
        price_minor: order.amount_minor - 1250,
      },
      { product_id: 3, name: 'Wireless mouse', quantity: 1, price_minor: 1250 },
    ],
    sessions: [
      {
        session_id: 's-1',
        bill_number: 'BILL_7F3A90C2',
        md5_hash: 'd41d8cd98f00b204e9800998ecf8427e',
        recovery_code: code,
        status: 'pending',
        payment_verification_status: paid ? 'verified' : 'pending',
        created_at: at,
        expires_at: at + 900_000,
        amount_minor: order.amount_minor,
        currency: 'USD',
      },
    ],
    pass: order.status === 'COMPLETED' ? { url: '/app/qr-verification/?code=valid' } : null,
    customer_email: order.customer_name ? 'buyer@example.com' : null,
    settlements: paid
      ? [
          {
            id: 1,
            provider: 'bakong',
            provider_ref: 'b10c7d3a',
            outcome: 'settled',
            amount_minor: order.paid_minor,
            currency: 'USD',
            method: 'automatic',
            reason: null,
            paid_at: at + 40_000,
            settled_at: at + 42_000,
          },
        ]
      : [],
    evidence: paid
      ? [
          {
            id: 1,
            source: 'poll',
            provider: 'bakong',
            provider_ref: 'b10c7d3a',
            amount_minor: order.paid_minor,
            currency: 'USD',
            paid_at: at + 40_000,
            seen_at: at + 42_000,
            outcome: 'settled',
          },
        ]
      : [],
    approvals: paid
      ? [{ approver: 'system', decision: 'Approved', reason: null, at: at + 42_000 }]
      : [],
    queries: [
      { asked_at: at + 42_000, answer: paid ? 'paid' : 'not_yet', reason: null, duration_ms: 182 },
      { asked_at: at + 40_000, answer: 'unknown', reason: 'timeout', duration_ms: 4000 },
      { asked_at: at + 38_000, answer: 'not_yet', reason: null, duration_ms: 171 },
    ],
    audit: [
      {
        at: at + 42_000,
        actor: 'system',
        action: 'session.asked',
        details: { answer: paid ? 'paid' : 'not_yet' },
      },
      { at, actor: 'customer', action: 'order.placed', details: { items: 2, amount: '45.50 USD' } },
    ],
  };
}
