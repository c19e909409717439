#include "bench/large_shop.hpp"

#include <algorithm>

namespace quittance::bench {
namespace {

constexpr base::Duration kFirstDue = std::chrono::hours(1);
constexpr base::Duration kDueWithin = std::chrono::hours(24);
/// A step through the books that meets every order once: a prime larger than their number.
constexpr std::size_t kStride = 15'485'863;

// {n} is how many orders are added, {t} how many there were, {s} how many sessions, {now} the
// moment. The joins are made in the order in which they stand, so that rows lie in that of ids.
constexpr const char* kFill = R"(
CREATE TEMP TABLE n (i INTEGER PRIMARY KEY);
INSERT INTO n WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {n})
  SELECT i FROM c;
CREATE TEMP TABLE o AS SELECT * FROM orders;
CREATE TEMP TABLE l AS SELECT * FROM order_items;
CREATE TEMP TABLE p AS SELECT * FROM payment_sessions;
CREATE INDEX order_by_id ON o(id);
CREATE INDEX lines_of ON l(order_id);
CREATE INDEX session_of ON p(order_id);
UPDATE products SET reserved = reserved + 100000000;
INSERT INTO orders SELECT {t} + i, 'TX-' || i, 'session-' || i, o.order_secret, o.customer_id,
  o.status, o.stock_state, o.attention, o.total_minor, o.paid_minor, o.refunded_minor, o.currency,
  o.payment_method, {now}, {now} + 86400000, NULL
  FROM n CROSS JOIN o WHERE o.id = 1 + i % {t} ORDER BY i;
INSERT INTO order_items (order_id, product_id, name, quantity, missing, price_minor)
  SELECT {t} + i, product_id, name, quantity, missing, price_minor
  FROM n CROSS JOIN l WHERE l.order_id = 1 + i % {t} ORDER BY i;
INSERT INTO payment_sessions (id, session_id, payment_id, order_id, customer_id, provider,
  environment, receiver, amount_minor, currency, qr_data, md5_hash, bill_number, status, created_at,
  expires_at, next_check_at)
  SELECT {s} + i, 'session-' || i, 'payment-' || i, {t} + i, customer_id, provider, environment,
  receiver, amount_minor, currency, qr_data, 'md5-' || i, 'BILL-' || i, status, {now},
  {now} + 900000, {now} + {first} + CAST(i AS BIGINT) * 7919 % {within}
  FROM n CROSS JOIN p WHERE p.order_id = 1 + i % {t} ORDER BY i)";

std::string filled(std::string text, const char* token, std::int64_t value) {
  return storage::replaced(std::move(text), token, std::to_string(value));
}

}  // namespace

LargeShop::LargeShop(const Shop& shop, Engine& engine, std::size_t orders)
    : books_(engine.copy(shop.books, std::to_string(orders))),
      shop_(shop),
      orders_(orders),
      by_id_(shop.orders.size() + 1) {
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
  engine.change_in_bulk(books_, text);
}

Shop LargeShop::take(std::size_t count) {
  Shop taken{.books = books_, .orders = {}, .evidence = {}};
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
