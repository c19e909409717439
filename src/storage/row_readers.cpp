#include "storage/row_readers.hpp"

namespace quittance::storage {

using base::Result;

std::unexpected<base::Error> unknown_word(std::string_view column, std::string_view word) {
  return base::fail(base::ErrorCode::storage_failure, "The books hold something unreadable.", "",
                    "unknown word '" + std::string(word) + "' in " + std::string(column));
}

Result<core::Money> read_money(Rows::Row row, std::string_view column) {
  const auto currency = core::Currency::from_code(row.text("currency"));
  if (!currency) return unknown_word("currency", row.text("currency"));
  return core::Money::from_minor(row.integer(column), *currency);
}

Result<Product> read_product(Rows::Row row) {
  TRY(const core::Money price, read_money(row, "price_minor"));
  return Product{.id = core::ProductId(row.integer("id")),
                 .name = row.text("name"),
                 .description = row.text("description"),
                 .picture = row.text("picture"),
                 .price = price,
                 .stock = row.integer("stock"),
                 .reserved = row.integer("reserved")};
}

Result<core::Order> read_order(Rows::Row row) {
  TRY(const core::Money total, read_money(row, "total_minor"));
  TRY(const core::Money paid, read_money(row, "paid_minor"));
  const auto status = core::order_status_from(row.text("status"));
  if (!status) return unknown_word("orders.status", row.text("status"));
  const auto stock_state = core::stock_state_from(row.text("stock_state"));
  if (!stock_state) return unknown_word("orders.stock_state", row.text("stock_state"));
  TRY(const core::Money refunded, read_money(row, "refunded_minor"));
  const auto attention = core::AttentionSet::from_text(row.text("attention"));
  if (!attention) return unknown_word("orders.attention", row.text("attention"));
  return core::Order{.id = core::OrderId(row.integer("id")),
                     .transaction_id = row.text("transaction_id"),
                     .order_secret = row.text("order_secret"),
                     .customer_id = maybe_id<core::CustomerId>(row, "customer_id"),
                     .status = *status,
                     .stock_state = *stock_state,
                     .attention = *attention,
                     .total = total,
                     .paid = paid,
                     .refunded = refunded,
                     .payment_method = row.text("payment_method"),
                     .created_at = row.time("created_at"),
                     .reserved_until = row.time("reserved_until"),
                     .completed_at = row.maybe_time("completed_at")};
}

Result<core::Session> read_session(Rows::Row row) {
  TRY(const core::Money amount, read_money(row, "amount_minor"));
  const auto status = core::session_status_from(row.text("status"));
  if (!status) return unknown_word("payment_sessions.status", row.text("status"));
  const std::string& verification_word = row.text("payment_verification_status");
  const auto verification = core::verification_status_from(verification_word);
  if (!verification) return unknown_word("payment_verification_status", verification_word);
  return core::Session{.id = core::SessionId(row.integer("id")),
                       .session_id = row.text("session_id"),
                       .payment_id = row.text("payment_id"),
                       .order_id = maybe_id<core::OrderId>(row, "order_id"),
                       .customer_id = maybe_id<core::CustomerId>(row, "customer_id"),
                       .provider = row.text("provider"),
                       .environment = row.text("environment"),
                       .receiver = row.text("receiver"),
                       .provider_ref = row.text_or_empty("provider_ref"),
                       .object_type = row.text_or_empty("object_type"),
                       .object_id = row.text_or_empty("object_id"),
                       .amount = amount,
                       .qr_data = row.text("qr_data"),
                       .md5_hash = row.text("md5_hash"),
                       .bill_number = row.text("bill_number"),
                       .reference_id = row.text_or_empty("reference_id"),
                       .status = *status,
                       .payment_verification_status = *verification,
                       .created_at = row.time("created_at"),
                       .expires_at = row.time("expires_at"),
                       .completed_at = row.maybe_time("completed_at"),
                       .next_check_at = row.maybe_time("next_check_at"),
                       .hot_until = row.maybe_time("hot_until"),
                       .checks = row.integer("checks"),
                       .unknowns = row.integer("unknowns"),
                       .last_answer = row.text("last_answer"),
                       .last_checked_at = row.maybe_time("last_checked_at")};
}

}  // namespace quittance::storage
