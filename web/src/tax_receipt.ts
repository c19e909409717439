/** What a provider registers with the state for one payment; its codes are for the receipt only. */
export interface TaxReceipt {
  provider: string;
  payment_ref: string;
  state: 'waiting' | 'asked' | 'issued' | 'voided' | 'refused';
  receipt_id: string;
  issued_at: number | null;
  voided_at: number | null;
  /** A stable word; empty when nothing went wrong last time. */
  last_error: string;
}
