-- The first schema. Tokens in braces are the few words in which the engines differ
-- (storage/migrate.cpp): {id} a generated integer key, {int} a 64-bit integer, {strict} the
-- type-checking suffix. Moments end in _at: integer milliseconds UTC. Amounts are minor units.

CREATE TABLE customers (
  id {id},
  name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  created_at {int} NOT NULL
) {strict};

CREATE TABLE users (
  id {id},
  username TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('customer', 'staff', 'admin')),
  customer_id {int} REFERENCES customers(id) ON DELETE SET NULL,
  created_at {int} NOT NULL
) {strict};

CREATE TABLE logins (
  token_hash TEXT PRIMARY KEY,
  user_id {int} REFERENCES users(id) ON DELETE CASCADE,
  customer_id {int} REFERENCES customers(id) ON DELETE CASCADE,
  csrf_token TEXT NOT NULL,
  created_at {int} NOT NULL,
  expires_at {int} NOT NULL
) {strict};
CREATE INDEX idx_logins_expires_at ON logins(expires_at);

-- For a merchant's own programs; only the hash of a key is kept.
CREATE TABLE api_keys (
  id {id},
  name TEXT NOT NULL UNIQUE,
  key_hash TEXT NOT NULL UNIQUE,
  created_at {int} NOT NULL,
  revoked_at {int}
) {strict};

CREATE TABLE products (
  id {id},
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  picture TEXT NOT NULL,
  price_minor {int} NOT NULL CHECK (price_minor >= 0),
  currency TEXT NOT NULL,
  stock {int} NOT NULL CHECK (stock >= 0),
  reserved {int} NOT NULL DEFAULT 0 CHECK (reserved >= 0)
) {strict};

CREATE TABLE orders (
  id {id},
  transaction_id TEXT NOT NULL UNIQUE,
  payment_session_id TEXT,
  order_secret TEXT NOT NULL,
  customer_id {int} REFERENCES customers(id) ON DELETE SET NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'completed', 'canceled', 'refunded')),
  stock_state TEXT NOT NULL CHECK (stock_state IN ('reserved', 'released', 'committed')),
  attention TEXT NOT NULL DEFAULT 'none',
  total_minor {int} NOT NULL CHECK (total_minor >= 0),
  paid_minor {int} NOT NULL DEFAULT 0 CHECK (paid_minor >= 0),
  refunded_minor {int} NOT NULL DEFAULT 0
    CHECK (refunded_minor >= 0 AND refunded_minor <= paid_minor),
  currency TEXT NOT NULL,
  payment_method TEXT NOT NULL,
  created_at {int} NOT NULL,
  reserved_until {int} NOT NULL,
  completed_at {int}
) {strict};
CREATE INDEX idx_payment_session_id ON orders(payment_session_id);
CREATE INDEX idx_orders_customer_id ON orders(customer_id, id);
CREATE INDEX idx_orders_status ON orders(status, id);
-- The few of which money went back, for the daily cleaning.
CREATE INDEX idx_orders_refunded ON orders(id) WHERE refunded_minor > 0;
-- Few orders need a person, and they are looked for among all.
CREATE INDEX idx_orders_attention ON orders(id) WHERE attention <> 'none';

CREATE TABLE order_items (
  id {id},
  order_id {int} NOT NULL REFERENCES orders(id) ON DELETE CASCADE,
  product_id {int} NOT NULL REFERENCES products(id),
  name TEXT NOT NULL,
  quantity {int} NOT NULL CHECK (quantity > 0),
  missing {int} NOT NULL DEFAULT 0 CHECK (missing >= 0 AND missing <= quantity),
  price_minor {int} NOT NULL CHECK (price_minor >= 0)
) {strict};
CREATE INDEX idx_order_items_order_id ON order_items(order_id);

CREATE TABLE payment_sessions (
  id {id},
  session_id TEXT NOT NULL UNIQUE,
  payment_id TEXT NOT NULL UNIQUE,
  order_id {int} REFERENCES orders(id) ON DELETE SET NULL,
  customer_id {int} REFERENCES customers(id) ON DELETE SET NULL,
  provider TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'live')),
  receiver TEXT NOT NULL,
  provider_ref TEXT,
  object_type TEXT,
  object_id TEXT,
  amount_minor {int} NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL DEFAULT 'USD',
  qr_data TEXT NOT NULL,
  presentation TEXT,
  md5_hash TEXT NOT NULL,
  bill_number TEXT NOT NULL,
  reference_id TEXT,
  status TEXT NOT NULL DEFAULT 'open'
    CHECK (status IN ('open', 'processing', 'settled', 'expired', 'canceled', 'failed')),
  created_at {int} NOT NULL,
  expires_at {int} NOT NULL,
  completed_at {int},
  payment_screenshot_path TEXT,
  screenshot_uploaded_at {int},
  payment_verification_status TEXT NOT NULL DEFAULT 'pending'
    CHECK (payment_verification_status IN ('pending', 'verified', 'rejected')),
  notes TEXT,
  raw_response TEXT,
  next_check_at {int},
  closing_at {int},
  hot_until {int},
  checks {int} NOT NULL DEFAULT 0,
  unknowns {int} NOT NULL DEFAULT 0,
  last_answer TEXT NOT NULL DEFAULT '',
  last_checked_at {int},
  age_band {int} NOT NULL DEFAULT 0
) {strict};
CREATE INDEX idx_payment_sessions_order_id ON payment_sessions(order_id);
CREATE INDEX idx_payment_sessions_customer_id ON payment_sessions(customer_id);
CREATE INDEX idx_payment_sessions_status ON payment_sessions(status);
CREATE INDEX idx_payment_sessions_expires_at ON payment_sessions(expires_at);
CREATE INDEX idx_payment_sessions_md5_hash ON payment_sessions(md5_hash);
CREATE UNIQUE INDEX idx_payment_sessions_provider_ref ON payment_sessions(provider, provider_ref)
  WHERE provider_ref IS NOT NULL;
CREATE INDEX idx_payment_sessions_bill_number ON payment_sessions(bill_number);
-- The poller's due queue: whoever waits longest, of each age (session_id and payment_id have an
-- index by being unique).
CREATE INDEX idx_payment_sessions_due ON payment_sessions(provider, age_band, next_check_at)
  WHERE next_check_at IS NOT NULL;
-- Requests of a billing page that are still to be closed at their provider (detect/closing.cpp).
CREATE INDEX idx_payment_sessions_closing_at ON payment_sessions(closing_at)
  WHERE closing_at IS NOT NULL;
-- The few that are hot: asked about before all others.
CREATE INDEX idx_payment_sessions_hot_until ON payment_sessions(provider, hot_until)
  WHERE hot_until IS NOT NULL;

CREATE TABLE evidence (
  id {id},
  session_row {int} NOT NULL REFERENCES payment_sessions(id),
  kind TEXT NOT NULL CHECK (kind IN ('payment', 'refund', 'reversal', 'void')),
  source TEXT NOT NULL,
  provider TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  against TEXT NOT NULL,
  amount_minor {int} NOT NULL,
  currency TEXT NOT NULL,
  receiver TEXT NOT NULL,
  payer TEXT NOT NULL,
  paid_at {int} NOT NULL,
  seen_at {int} NOT NULL,
  actor TEXT NOT NULL,
  approver TEXT NOT NULL,
  reason TEXT NOT NULL,
  raw TEXT NOT NULL,
  outcome TEXT NOT NULL,
  UNIQUE (session_row, provider, provider_ref, source, kind)
) {strict};

-- One piece of evidence, one settlement: they share their id.
CREATE TABLE settlements (
  id {int} PRIMARY KEY CHECK (id = evidence_id),
  session_row {int} NOT NULL REFERENCES payment_sessions(id),
  order_id {int} REFERENCES orders(id),
  evidence_id {int} NOT NULL REFERENCES evidence(id),
  provider TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  outcome TEXT NOT NULL,
  counted_minor {int} NOT NULL CHECK (counted_minor >= 0),
  excess_minor {int} NOT NULL CHECK (excess_minor >= 0),
  currency TEXT NOT NULL,
  verification_method TEXT NOT NULL CHECK (verification_method IN ('automatic', 'manual')),
  reason TEXT NOT NULL,
  paid_at {int} NOT NULL,
  settled_at {int} NOT NULL,
  UNIQUE (provider, provider_ref)
) {strict};
CREATE INDEX idx_settlements_order_id ON settlements(order_id);
CREATE INDEX idx_settlements_settled_at ON settlements(settled_at);

-- What went back of counted money: compensating entries, never a change of the settlement.
CREATE TABLE refunds (
  id {int} PRIMARY KEY CHECK (id = evidence_id),
  settlement_id {int} NOT NULL REFERENCES settlements(id),
  order_id {int} REFERENCES orders(id),
  evidence_id {int} NOT NULL REFERENCES evidence(id),
  kind TEXT NOT NULL CHECK (kind IN ('refund', 'reversal', 'void')),
  provider TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  outcome TEXT NOT NULL,
  from_counted_minor {int} NOT NULL CHECK (from_counted_minor >= 0),
  from_excess_minor {int} NOT NULL CHECK (from_excess_minor >= 0),
  currency TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  refunded_at {int} NOT NULL,
  recorded_at {int} NOT NULL,
  UNIQUE (provider, provider_ref, kind)
) {strict};
CREATE INDEX idx_refunds_order_id ON refunds(order_id);
CREATE INDEX idx_refunds_settlement_id ON refunds(settlement_id);

CREATE TABLE passes (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  period TEXT NOT NULL,
  token TEXT NOT NULL UNIQUE,
  order_id {int} REFERENCES orders(id),
  state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
  valid_from {int} NOT NULL,
  valid_until {int} NOT NULL,
  created_at {int} NOT NULL,
  PRIMARY KEY (kind, subject, period)
) {strict};
CREATE INDEX idx_passes_order_id ON passes(order_id);

CREATE TABLE approvals (
  id {id},
  order_id {int} NOT NULL REFERENCES orders(id),
  approver TEXT NOT NULL,
  decision TEXT NOT NULL,
  reason TEXT NOT NULL,
  evidence_id {int} REFERENCES evidence(id),
  created_at {int} NOT NULL
) {strict};
CREATE INDEX idx_approvals_order_id ON approvals(order_id);

CREATE TABLE queries (
  id {id},
  session_row {int} NOT NULL REFERENCES payment_sessions(id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  first_asked_at {int} NOT NULL,
  asked_at {int} NOT NULL,
  times {int} NOT NULL DEFAULT 1,
  duration_ms {int} NOT NULL,
  answer TEXT NOT NULL,
  reason TEXT NOT NULL
) {strict};
CREATE INDEX idx_queries_session_row ON queries(session_row, id);

-- The log: one row per act, numbered without a gap, each with its leaf hash (docs/audit.md).
CREATE TABLE audit (
  seq {int} PRIMARY KEY,
  created_at {int} NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject_type TEXT NOT NULL,
  subject_id {int} NOT NULL,
  details TEXT NOT NULL,
  leaf_hash TEXT NOT NULL
) {strict};
CREATE INDEX idx_audit_subject ON audit(subject_type, subject_id, seq);

-- Hashes of its subtrees of 2^8, 2^16, … entries.
CREATE TABLE audit_nodes (
  level {int} NOT NULL,
  position {int} NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (level, position)
) {strict};

-- How far it reaches: one row, whose peaks are the hashes of its largest complete subtrees.
CREATE TABLE audit_head (
  id {int} PRIMARY KEY CHECK (id = 1),
  size {int} NOT NULL CHECK (size >= 0),
  peaks TEXT NOT NULL
) {strict};
INSERT INTO audit_head (id, size, peaks) VALUES (1, 0, '');

-- Its signed heads (src/audit).
CREATE TABLE checkpoints (
  size {int} PRIMARY KEY CHECK (size >= 0),
  note TEXT NOT NULL,
  created_at {int} NOT NULL
) {strict};

-- News for others, written in the transaction of what it tells. `distributed_at`: since when its
-- deliveries are there.
CREATE TABLE outbox (
  id {id},
  topic TEXT NOT NULL,
  dedupe_key TEXT NOT NULL UNIQUE,
  payload TEXT NOT NULL,
  created_at {int} NOT NULL,
  distributed_at {int}
) {strict};
CREATE INDEX idx_outbox_waiting ON outbox(id) WHERE distributed_at IS NULL;

-- One piece of news on its way to one destination (src/notify). While it is pending,
-- `next_attempt_at` is when it is due, or until when somebody is at it.
CREATE TABLE deliveries (
  id {id},
  outbox_id {int} NOT NULL REFERENCES outbox(id),
  destination TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('merchant_webhook', 'mail')),
  order_id {int} REFERENCES orders(id),
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead')),
  attempts {int} NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  created_at {int} NOT NULL,
  next_attempt_at {int},
  delivered_at {int},
  UNIQUE (outbox_id, destination),
  CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL))
) {strict};
CREATE INDEX idx_deliveries_due ON deliveries(destination, next_attempt_at)
  WHERE next_attempt_at IS NOT NULL;
CREATE INDEX idx_deliveries_order_id ON deliveries(order_id);

-- Endpoints that said that they are gone (410): nothing is sent there any more.
CREATE TABLE ended_endpoints (
  destination TEXT PRIMARY KEY,
  ended_at {int} NOT NULL
) {strict};

CREATE TABLE notices (
  id {id},
  provider TEXT NOT NULL,
  notice_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  provider_ref TEXT NOT NULL,
  payment_ref TEXT NOT NULL,
  merchant_reference TEXT NOT NULL,
  headers TEXT NOT NULL,
  query TEXT NOT NULL,
  body TEXT NOT NULL,
  received_at {int} NOT NULL,
  next_attempt_at {int},
  attempts {int} NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '',
  processed_at {int},
  UNIQUE (provider, notice_id)
) {strict};
CREATE INDEX idx_notices_next_attempt_at ON notices(next_attempt_at)
  WHERE next_attempt_at IS NOT NULL;
CREATE INDEX idx_notices_received_at ON notices(received_at);

CREATE TABLE idempotency_keys (
  scope TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status {int} NOT NULL,
  body TEXT NOT NULL,
  created_at {int} NOT NULL,
  PRIMARY KEY (scope, idempotency_key)
) {strict};
CREATE INDEX idx_idempotency_keys_created_at ON idempotency_keys(created_at);
