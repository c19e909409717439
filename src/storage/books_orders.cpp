// Statements about products and orders.
#include "storage/books.hpp"
#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

#define QUITTANCE_PRODUCT_COLUMNS \
  "id, name, description, picture, price_minor, currency, stock, reserved"

Listed<Product> Books::products() {
  static constexpr Sql kSql{"SELECT " QUITTANCE_PRODUCT_COLUMNS " FROM products ORDER BY id"};
  TRY(const Rows rows, connection_.run(kSql));
  return read_all<Product>(rows, read_product);
}

Found<Product> Books::product(core::ProductId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_PRODUCT_COLUMNS " FROM products WHERE id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<Product>(rows, read_product);
}

Listed<Product> Books::products(std::span<const core::ProductId> ids) {
  static constexpr BatchSql kSql{"SELECT " QUITTANCE_PRODUCT_COLUMNS
                                 " FROM products {and_rows} WHERE id = {key}",
                                 kKeyColumns};
  TRY(const Rows rows, connection_.run_batch(kSql, batch_of(ids)));
  return read_all<Product>(rows, read_product);
}

#define QUITTANCE_ORDER_COLUMNS                                                      \
  "o.id, o.transaction_id, o.order_secret, o.customer_id, o.status, o.stock_state, " \
  "o.attention, o.total_minor, o.paid_minor, o.refunded_minor, o.currency, "         \
  "o.payment_method, o.created_at, o.reserved_until, o.completed_at"

Found<core::Order> Books::order(core::OrderId id) {
  static constexpr Sql kSql{"SELECT " QUITTANCE_ORDER_COLUMNS " FROM orders o WHERE o.id = $1"};
  TRY(const Rows rows, connection_.run(kSql, {id.value()}));
  return read_first<core::Order>(rows, read_order);
}

Listed<core::Order> Books::orders(std::span<const core::OrderId> ids) {
  static constexpr BatchSql kSql{"SELECT " QUITTANCE_ORDER_COLUMNS
                                 " FROM orders o {and_rows} WHERE o.id = {key}",
                                 kKeyColumns};
  TRY(const Rows rows, connection_.run_batch(kSql, batch_of(ids)));
  return read_all<core::Order>(rows, read_order);
}

Listed<OrderLine> Books::order_lines(std::span<const core::OrderId> ids) {
  static constexpr BatchSql kSql{
      "SELECT id, order_id, product_id, quantity, missing FROM order_items {and_rows} "
      "WHERE order_id = {key}",
      kKeyColumns};
  TRY(const Rows rows, connection_.run_batch(kSql, batch_of(ids)));
  std::vector<OrderLine> lines;
  lines.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    lines.push_back({.id = rows[i].integer("id"),
                     .order_id = core::OrderId(rows[i].integer("order_id")),
                     .product_id = core::ProductId(rows[i].integer("product_id")),
                     .quantity = rows[i].integer("quantity"),
                     .missing = rows[i].integer("missing")});
  }
  return lines;
}

Listed<core::Order> Books::abandoned_orders(base::Time now, std::int64_t limit) {
  static constexpr Sql kSql{
      "SELECT " QUITTANCE_ORDER_COLUMNS
      " FROM orders o WHERE o.refunded_minor > 0 AND o.refunded_minor = o.paid_minor AND "
      "o.reserved_until <= $1 AND (o.status = 'pending' OR o.status = 'refunded' AND o.stock_state "
      "= "
      "'reserved') AND NOT EXISTS (SELECT 1 FROM payment_sessions s WHERE s.order_id = o.id AND "
      "s.next_check_at IS NOT NULL) ORDER BY o.id LIMIT $2"};
  TRY(const Rows rows, connection_.run(kSql, {now, limit}));
  return read_all<core::Order>(rows, read_order);
}

Listed<core::OrderItem> Books::order_items(const core::Order& order) {
  static constexpr Sql kSql{
      "SELECT product_id, name, quantity, price_minor FROM order_items "
      "WHERE order_id = $1 ORDER BY product_id, id"};
  TRY(const Rows rows, connection_.run(kSql, {order.id.value()}));
  std::vector<core::OrderItem> items;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TRY(const core::Money price,
        core::Money::from_minor(rows[i].integer("price_minor"), order.total.currency()));
    items.push_back({.product_id = core::ProductId(rows[i].integer("product_id")),
                     .name = rows[i].text("name"),
                     .quantity = rows[i].integer("quantity"),
                     .price = price});
  }
  return items;
}

Listed<OrderSummary> Books::orders(const OrderFilter& filter) {
#define QUITTANCE_ORDER_LIST                                                                  \
  "SELECT " QUITTANCE_ORDER_COLUMNS                                                           \
  ", COALESCE(c.name, '') AS customer_name, (SELECT COALESCE(SUM(i.quantity), 0) FROM "       \
  "order_items i WHERE i.order_id = o.id) AS item_count FROM orders o LEFT JOIN customers c " \
  "ON c.id = o.customer_id WHERE o.id < $1 "
  static constexpr Sql kAll{QUITTANCE_ORDER_LIST "ORDER BY o.id DESC LIMIT $2"};
  static constexpr Sql kByStatus{QUITTANCE_ORDER_LIST
                                 "AND o.status = $3 ORDER BY o.id DESC LIMIT $2"};
  static constexpr Sql kByCustomer{QUITTANCE_ORDER_LIST
                                   "AND o.customer_id = $3 ORDER BY o.id DESC LIMIT $2"};
  static constexpr Sql kByBoth{QUITTANCE_ORDER_LIST
                               "AND o.customer_id = $3 AND o.status = $4 "
                               "ORDER BY o.id DESC LIMIT $2"};
  // The words of the partial index, so that both engines see that it serves.
  static constexpr Sql kFlagged{QUITTANCE_ORDER_LIST
                                "AND o.attention <> 'none' ORDER BY o.id DESC LIMIT $2"};
  static constexpr Sql kFlaggedByStatus{QUITTANCE_ORDER_LIST
                                        "AND o.attention <> 'none' AND o.status = $3 "
                                        "ORDER BY o.id DESC LIMIT $2"};
#undef QUITTANCE_ORDER_LIST
  const std::int64_t before = filter.before ? filter.before->value() : INT64_MAX;
  const std::string_view status = filter.status ? to_text(*filter.status) : "";
  const std::int64_t customer = filter.customer_id ? filter.customer_id->value() : 0;
  const auto fetch = [&]() -> Result<Rows> {
    if (filter.customer_id && filter.status) {
      return connection_.run(kByBoth, {before, filter.limit, customer, status});
    }
    if (filter.customer_id) return connection_.run(kByCustomer, {before, filter.limit, customer});
    if (filter.needs_attention && filter.status) {
      return connection_.run(kFlaggedByStatus, {before, filter.limit, status});
    }
    if (filter.needs_attention) return connection_.run(kFlagged, {before, filter.limit});
    if (filter.status) return connection_.run(kByStatus, {before, filter.limit, status});
    return connection_.run(kAll, {before, filter.limit});
  };
  TRY(const Rows rows, fetch());
  std::vector<OrderSummary> summaries;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TRY(core::Order order, read_order(rows[i]));
    summaries.push_back({.order = std::move(order),
                         .item_count = rows[i].integer("item_count"),
                         .customer_name = rows[i].text("customer_name")});
  }
  return summaries;
}

// Of each kind its own count, with an end: a million orders would take too long to walk through
// for a number in a list (N10).
#define QUITTANCE_COUNT(status, which)                                                             \
  "SELECT '" status                                                                                \
  "' AS status, COUNT(*) AS n FROM (SELECT 1 AS one FROM orders WHERE status = '" status "'" which \
  " LIMIT $1) AS " status
#define QUITTANCE_COUNT_EACH(which)                                                \
  QUITTANCE_COUNT("pending", which)                                                \
  " UNION ALL " QUITTANCE_COUNT("completed", which) " UNION ALL " QUITTANCE_COUNT( \
      "canceled", which) " UNION ALL " QUITTANCE_COUNT("refunded", which)

Result<OrderCounts> Books::order_counts(std::optional<core::CustomerId> customer_id,
                                        std::int64_t most) {
  static constexpr Sql kAll{QUITTANCE_COUNT_EACH("")};
  static constexpr Sql kOfCustomer{QUITTANCE_COUNT_EACH(" AND customer_id = $2")};
  TRY(const Rows rows, customer_id ? connection_.run(kOfCustomer, {most, customer_id->value()})
                                   : connection_.run(kAll, {most}));
  OrderCounts counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto status = core::order_status_from(rows[i].text("status"));
    if (status == core::OrderStatus::pending) counts.pending = rows[i].integer("n");
    if (status == core::OrderStatus::completed) counts.completed = rows[i].integer("n");
    if (status == core::OrderStatus::canceled) counts.canceled = rows[i].integer("n");
    if (status == core::OrderStatus::refunded) counts.refunded = rows[i].integer("n");
  }
  return counts;
}

Result<std::int64_t> Books::flagged_order_count() {
  static constexpr Sql kSql{"SELECT COUNT(*) AS n FROM orders WHERE attention <> 'none'"};
  TRY(const Rows rows, connection_.run(kSql));
  return rows.front().integer("n");
}

Result<core::ProductId> WritableBooks::insert_product(const Product& product) {
  static constexpr Sql kSql{
      "INSERT INTO products (name, description, picture, price_minor, "
      "currency, stock) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"};
  TRY(const Rows rows, connection_.run(kSql, {product.name, product.description, product.picture,
                                              product.price.minor(),
                                              product.price.currency().code(), product.stock}));
  return core::ProductId(rows.front().integer("id"));
}

Result<bool> WritableBooks::reserve(core::ProductId id, std::int64_t quantity) {
  static constexpr Sql kSql{
      "UPDATE products SET reserved = reserved + $2 "
      "WHERE id = $1 AND stock - reserved >= $2"};
  TRY(const Rows rows, connection_.run(kSql, {id.value(), quantity}));
  return rows.changed == 1;
}

Result<Rows> WritableBooks::release(core::ProductId id, std::int64_t quantity) {
  static constexpr Sql kSql{"UPDATE products SET reserved = reserved - $2 WHERE id = $1"};
  return connection_.run(kSql, {id.value(), quantity});
}

Result<Rows> WritableBooks::change_stock(std::span<const StockChange> changes) {
  static constexpr std::array kColumns{BatchColumn{"key", BatchColumn::Type::integer},
                                       BatchColumn{"more_stock", BatchColumn::Type::integer},
                                       BatchColumn{"more_reserved", BatchColumn::Type::integer}};
  static constexpr BatchSql kSql{
      "UPDATE products SET stock = stock + {more_stock}, reserved = reserved + {more_reserved} "
      "{from_rows} WHERE products.id = {key}",
      kColumns};
  Batch batch;
  for (const StockChange& change : changes)
    batch.add({change.id.value(), change.stock, change.reserved});
  return connection_.run_batch(kSql, batch);
}

Result<Rows> WritableBooks::set_missing(std::span<const OrderLine> lines) {
  static constexpr std::array kColumns{BatchColumn{"key", BatchColumn::Type::integer},
                                       BatchColumn{"short", BatchColumn::Type::integer}};
  static constexpr BatchSql kSql{
      "UPDATE order_items SET missing = {short} {from_rows} WHERE order_items.id = {key}",
      kColumns};
  Batch batch;
  for (const OrderLine& line : lines)
    batch.add({line.id, line.missing});
  return connection_.run_batch(kSql, batch);
}

Result<core::OrderId> WritableBooks::insert_order(const core::Order& order) {
  static constexpr Sql kSql{
      "INSERT INTO orders (transaction_id, order_secret, customer_id, status, stock_state, "
      "attention, total_minor, currency, payment_method, created_at, reserved_until) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id"};
  TRY(const Rows rows,
      connection_.run(kSql,
                      {order.transaction_id, order.order_secret, key_of(order.customer_id),
                       to_text(order.status), to_text(order.stock_state), order.attention.text(),
                       order.total.minor(), order.total.currency().code(), order.payment_method,
                       order.created_at, order.reserved_until}));
  return core::OrderId(rows.front().integer("id"));
}

Result<std::int64_t> WritableBooks::insert_order_item(core::OrderId id,
                                                      const core::OrderItem& item) {
  static constexpr Sql kSql{
      "INSERT INTO order_items (order_id, product_id, name, quantity, "
      "price_minor) VALUES ($1, $2, $3, $4, $5) RETURNING id"};
  TRY(const Rows rows, connection_.run(kSql, {id.value(), item.product_id.value(), item.name,
                                              item.quantity, item.price.minor()}));
  return rows.front().integer("id");
}

Result<Rows> WritableBooks::set_order_session(core::OrderId id, std::string_view session_id) {
  static constexpr Sql kSql{"UPDATE orders SET payment_session_id = $2 WHERE id = $1"};
  return connection_.run(kSql, {id.value(), session_id});
}

Result<bool> WritableBooks::update_orders(std::span<const OrderChange> changes) {
  static constexpr auto kInteger = BatchColumn::Type::integer;
  static constexpr auto kText = BatchColumn::Type::text;
  static constexpr std::array kColumns{
      BatchColumn{"key", kInteger},          BatchColumn{"then_status", kText},
      BatchColumn{"then_paid", kInteger},    BatchColumn{"then_refunded", kInteger},
      BatchColumn{"new_status", kText},      BatchColumn{"new_stock_state", kText},
      BatchColumn{"new_attention", kText},   BatchColumn{"new_paid", kInteger},
      BatchColumn{"new_refunded", kInteger}, BatchColumn{"new_reserved_until", kInteger},
      BatchColumn{"new_completed", kInteger}};
  static constexpr BatchSql kSql{
      "UPDATE orders SET status = {new_status}, stock_state = {new_stock_state}, attention = "
      "{new_attention}, paid_minor = {new_paid}, refunded_minor = {new_refunded}, reserved_until = "
      "{new_reserved_until}, completed_at = {new_completed} {from_rows} WHERE orders.id = {key} "
      "AND status = {then_status} AND paid_minor = {then_paid} AND refunded_minor = "
      "{then_refunded}",
      kColumns};
  std::vector<std::string> attention;
  attention.reserve(changes.size());
  Batch batch;
  for (const OrderChange& change : changes) {
    const core::Order& order = change.order;
    attention.push_back(order.attention.text());
    batch.add({order.id.value(), to_text(change.expected), change.expected_paid.minor(),
               change.expected_refunded.minor(), to_text(order.status), to_text(order.stock_state),
               attention.back(), order.paid.minor(), order.refunded.minor(), order.reserved_until,
               Param(order.completed_at)});
  }
  TRY(const Rows rows, connection_.run_batch(kSql, batch));
  return rows.changed == static_cast<std::int64_t>(changes.size());
}

Result<bool> WritableBooks::update_order(const core::Order& order, const core::Order& expected) {
  const OrderChange change{.order = order,
                           .expected = expected.status,
                           .expected_paid = expected.paid,
                           .expected_refunded = expected.refunded};
  return update_orders(std::span(&change, 1));
}

}  // namespace quittance::storage
