#include "bench/large_shop.hpp"

#include <algorithm>

namespace quittance::bench {
namespace {

constexpr base::Duration kFirstDue = std::chrono::hours(1);
constexpr base::Duration kDueWithin = std::chrono::hours(24);
/// A step through the books that meets every order once: a prime larger than their number.
constexpr std::size_t kStride = 15'485'863;

// Nothing here has to survive anything. {n} is how many orders are added, {t} how many there were,
// {s} how many sessions, {now} the moment.
constexpr const char* kFill = R"(
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = 0;
PRAGMA cache_size = -1000000;
BEGIN;
CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
INSERT INTO n WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {n})
  SELECT i FROM c;
CREATE TEMP TABLE o AS SELECT * FROM orders ORDER BY id;
CREATE TEMP TABLE l AS SELECT * FROM order_items ORDER BY id;
CREATE INDEX temp.lines_of ON l(order_id);
CREATE TEMP TABLE p AS SELECT * FROM payment_sessions ORDER BY order_id;
UPDATE products SET reserved = reserved + 100000000;
INSERT INTO orders SELECT {t} + i, 'TX-' || i, 'session-' || i, o.order_secret, o.customer_id,
  o.status, o.stock_state, o.attention, o.total_minor, o.paid_minor, o.refunded_minor, o.currency,
  o.payment_method, {now}, {now} + 86400000, NULL FROM n JOIN o ON o.rowid = 1 + i % {t};
INSERT INTO order_items (order_id, product_id, name, quantity, missing, price_minor)
  SELECT {t} + i, product_id, name, quantity, missing, price_minor
  FROM n JOIN l ON l.order_id = 1 + i % {t};
INSERT INTO payment_sessions (id, session_id, payment_id, order_id, customer_id, provider,
  environment, receiver, amount_minor, currency, qr_data, md5_hash, bill_number, status, created_at,
  expires_at, next_check_at)
  SELECT {s} + i, 'session-' || i, 'payment-' || i, {t} + i, customer_id, provider, environment,
  receiver, amount_minor, currency, qr_data, 'md5-' || i, 'BILL-' || i, status, {now},
  {now} + 900000, {now} + {first} + i * 7919 % {within}
  FROM n JOIN p ON p.rowid = 1 + i % {t};
COMMIT;
)";

std::string filled(std::string text, const char* token, std::int64_t value) {
  return storage::replaced(std::move(text), token, std::to_string(value));
}

}  // namespace

LargeShop::LargeShop(const Shop& shop, const std::filesystem::path& file, std::size_t orders)
    : file_(file), shop_(shop), orders_(orders), by_id_(shop.orders.size() + 1) {
  copy_books(shop, file);
  const base::Time now = base::SystemClock().now();
  half_due_at_ = now + kFirstDue + kDueWithin / 2;
  for (std::size_t i = 0; i < shop.orders.size(); ++i) {
    orders_before_ = std::max(orders_before_, shop.orders[i].value());
    sessions_before_ = std::max(sessions_before_, shop.evidence[i].session_id.value());
    by_id_.at(static_cast<std::size_t>(shop.orders[i].value())) = i;
  }
  std::string text = filled(kFill, "{n}", static_cast<std::int64_t>(orders));
  text = filled(std::move(text), "{t}", orders_before_);
  text = filled(std::move(text), "{s}", sessions_before_);
  text = filled(std::move(text), "{now}", base::to_ms(now));
  text = filled(std::move(text), "{first}", kFirstDue.count());
  text = filled(std::move(text), "{within}", kDueWithin.count());
  const auto connection = storage::open_sqlite(file.string(), false);
  if (!connection) give_up("the large books cannot be opened");
  const auto done = (*connection)->run_script(text);
  if (!done) give_up("the large books cannot be filled: " + done.error().detail);
  flush_file(file);
}

Shop LargeShop::take(std::size_t count) {
  Shop taken{.file = file_, .orders = {}, .evidence = {}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t number = ++taken_ * kStride % orders_ + 1;
    const std::size_t like = number % shop_.orders.size() + 1;
    core::Evidence evidence = shop_.evidence[by_id_.at(like)];
    evidence.session_id = core::SessionId(sessions_before_ + static_cast<std::int64_t>(number));
    evidence.provider_ref += "-" + std::to_string(number);
    taken.orders.emplace_back(orders_before_ + static_cast<std::int64_t>(number));
    taken.evidence.push_back(std::move(evidence));
  }
  if (taken_ > orders_) give_up("the large books have too few orders");
  return taken;
}

}  // namespace quittance::bench
