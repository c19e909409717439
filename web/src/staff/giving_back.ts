/** What a payment still holds, what would follow if some of it went back, and whose word waits. */
import type { Evidence, OrderDetail, Refund, Settlement } from '../api';

/** Of what is held: the part beyond what was owed. It goes back first. */
export function excess_held(settlement: Settlement, refunds: readonly Refund[]): number {
  const back = refunds
    .filter((refund) => refund.settlement_id === settlement.id)
    .reduce((sum, refund) => sum + refund.from_excess_minor, 0);
  return Math.max(0, settlement.excess_minor - back);
}

export type Consequence =
  | { kind: 'excess' } // Only what was never owed goes: the order stays as it is.
  | { kind: 'part'; left: number } // Some stays with the order.
  | { kind: 'refunded' } // Nothing is left of an order that was paid.
  | { kind: 'owed' }; // Nothing is left of an order that was only partly paid.

/** What giving back `amount` of `settlement` makes of the order (src/core/settlement.txt). */
export function consequence_of(
  order: OrderDetail,
  settlement: Settlement,
  amount: number,
): Consequence {
  const of_order = amount - excess_held(settlement, order.refunds ?? []);
  if (of_order <= 0) return { kind: 'excess' };
  const held = order.paid_minor - order.refunded_minor;
  const left = held - of_order;
  if (left > 0) return { kind: 'part', left };
  const was_paid = order.status === 'COMPLETED' || held === order.amount_minor;
  return { kind: was_paid ? 'refunded' : 'owed' };
}

/** Claims that wait for a second person. One that was refused waits no more. */
export function waiting_claims(order: OrderDetail): Evidence[] {
  if (!order.attention.includes('approval')) return [];
  const refused = new Set(
    (order.approvals ?? [])
      .filter(({ decision }) => decision === 'rejected')
      .map(({ evidence_id }) => evidence_id),
  );
  return (order.evidence ?? []).filter(
    ({ id, outcome }) => outcome === 'awaiting_approval' && !refused.has(id),
  );
}
