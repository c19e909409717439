-- Pulled lists (src/detect/sync.cpp): what providers say of their payments, and how far we read.

CREATE TABLE sync_runs (
  id {id},
  provider TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('schedule', 'demand')),
  actor TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'partial', 'failed', 'abandoned')),
  error TEXT NOT NULL DEFAULT '',
  since_at {int} NOT NULL,
  until_at {int} NOT NULL,
  started_at {int} NOT NULL,
  finished_at {int},
  fetched {int} NOT NULL DEFAULT 0,
  created {int} NOT NULL DEFAULT 0,
  updated {int} NOT NULL DEFAULT 0,
  settled {int} NOT NULL DEFAULT 0,
  returned {int} NOT NULL DEFAULT 0,
  attendees {int} NOT NULL DEFAULT 0,
  unmatched {int} NOT NULL DEFAULT 0,
  unreadable {int} NOT NULL DEFAULT 0,
  failed {int} NOT NULL DEFAULT 0,
  CHECK ((state = 'running') = (finished_at IS NULL))
) {strict};
CREATE INDEX idx_sync_runs_provider ON sync_runs(provider, id);

-- One row for each provider: up to where its list was read without a gap, and whose turn it is. The
-- lease is taken by compare-and-set, so that one run goes on at a time, whatever the number of
-- processes.
CREATE TABLE sync_heads (
  provider TEXT PRIMARY KEY,
  watermark_at {int},
  run_id {int} REFERENCES sync_runs(id),
  lease_until {int},
  started_at {int},
  CHECK ((run_id IS NULL) = (lease_until IS NULL))
) {strict};

-- What a provider says of a payment, as it said it last. Not money in our books: that is a
-- settlement.
CREATE TABLE provider_payments (
  id {id},
  provider TEXT NOT NULL,
  payment_ref TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  merchant_reference TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('pending', 'authorized', 'paid', 'failed', 'canceled', 'refunded')),
  amount_minor {int} NOT NULL CHECK (amount_minor >= 0),
  refunded_minor {int} NOT NULL CHECK (refunded_minor >= 0),
  currency TEXT NOT NULL,
  payer TEXT NOT NULL,
  created_at {int} NOT NULL,
  paid_at {int},
  raw TEXT NOT NULL,
  session_row {int} REFERENCES payment_sessions(id) ON DELETE SET NULL,
  outcome TEXT NOT NULL DEFAULT '',
  looked_up_at {int},
  first_seen_at {int} NOT NULL,
  changed_at {int} NOT NULL,
  UNIQUE (provider, payment_ref)
) {strict};
CREATE INDEX idx_provider_payments_session_row ON provider_payments(session_row);
CREATE INDEX idx_provider_payments_paid_at ON provider_payments(provider, paid_at);
-- Money that fits no session, for staff.
CREATE INDEX idx_provider_payments_unmatched ON provider_payments(id)
  WHERE session_row IS NULL AND state IN ('authorized', 'paid', 'refunded');
-- What may still become money, for the questions after the window.
CREATE INDEX idx_provider_payments_unfinished ON provider_payments(provider, created_at)
  WHERE state IN ('pending', 'authorized');

-- Items of a list that could not be read, as they came.
CREATE TABLE unreadable_payments (
  provider TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  raw TEXT NOT NULL,
  first_seen_at {int} NOT NULL,
  PRIMARY KEY (provider, sha256)
) {strict};
