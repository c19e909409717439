/** An order on somebody's screen: its stream of events is open. */
import { eventually, in_time, kPatienceMs } from './wait.mjs';

/** Opens the stream of an order's events and waits for the first. */
export async function watched(client, order) {
  let heard = 0;
  const stream = client.listen(`/api/orders/${order.order_id}/events`, () => ++heard);
  stream.ended.catch(() => undefined);
  await eventually('the first event', kPatienceMs, () => heard > 0);
  return stream;
}

/**
 * The customer's page is open while the order is paid at the bank: the events that it hears, what
 * staff see afterwards, and how long after the booking it was completed.
 */
export async function paid_on_screen(shop, customer, order) {
  const heard = [];
  const stream = customer.listen(`/api/orders/${order.order_id}/events`, (event) => {
    heard.push(event);
  });
  await eventually('the first event', kPatienceMs, () => heard.length > 0);
  const transfer = await shop.bank.pay(order.session.qr_data);
  await in_time('end of the stream', kPatienceMs, stream.ended);
  const detail = await shop.detail(order.order_id);
  const took_ms = detail.settlements[0].settled_at - transfer.created_at;
  return { heard, transfer, detail, took_ms };
}
