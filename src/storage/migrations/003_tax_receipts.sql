-- Tax receipts that a provider registers with the state (e-Barimt).

-- Somebody wants a receipt for this order. `due_at`: it is paid, and receipts are to be made for
-- what was paid since the last time.
CREATE TABLE receipt_wishes (
  order_id {int} PRIMARY KEY REFERENCES orders(id),
  receiver_type TEXT NOT NULL CHECK (receiver_type IN ('citizen', 'company')),
  receiver TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at {int} NOT NULL,
  due_at {int}
) {strict};
CREATE INDEX idx_receipt_wishes_due_at ON receipt_wishes(due_at) WHERE due_at IS NOT NULL;

-- One for each payment that has, had or gets one. `wanted`: whether it is to stand; `state`: what
-- we know. `asked`: the provider was asked, and its answer is not written yet, or was lost.
CREATE TABLE tax_receipts (
  settlement_id {int} PRIMARY KEY REFERENCES settlements(id),
  order_id {int} NOT NULL REFERENCES orders(id),
  provider TEXT NOT NULL,
  payment_ref TEXT NOT NULL,
  receiver_type TEXT NOT NULL CHECK (receiver_type IN ('citizen', 'company')),
  receiver TEXT NOT NULL,
  wanted {int} NOT NULL DEFAULT 1 CHECK (wanted IN (0, 1)),
  state TEXT NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'asked', 'issued', 'voided', 'refused')),
  attempts {int} NOT NULL DEFAULT 0,
  next_attempt_at {int},
  last_error TEXT NOT NULL DEFAULT '',
  receipt_ref TEXT NOT NULL DEFAULT '',
  receipt_id TEXT NOT NULL DEFAULT '',
  details TEXT NOT NULL DEFAULT '',
  qr_data TEXT NOT NULL DEFAULT '',
  lottery TEXT NOT NULL DEFAULT '',
  created_at {int} NOT NULL,
  issued_at {int},
  voided_at {int},
  UNIQUE (provider, payment_ref)
) {strict};
CREATE INDEX idx_tax_receipts_order_id ON tax_receipts(order_id);
CREATE INDEX idx_tax_receipts_next_attempt_at ON tax_receipts(next_attempt_at)
  WHERE next_attempt_at IS NOT NULL;
