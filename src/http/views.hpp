// Values as the API shows them (docs/api.md). The sources' words are mapped here and nowhere else
// (C35).
#pragma once

#include "http/visit.hpp"

namespace quittance::http {

/// PENDING, COMPLETED, CANCELLED, REFUNDED.
std::string_view order_status_word(core::OrderStatus status);
std::optional<core::OrderStatus> order_status_from_word(std::string_view word);

/// `12.50` as a JSON number.
base::Json amount_json(core::Money money);
base::Json time_json(std::optional<base::Time> moment);

/// The reasons in the order of the enum; empty for almost all orders.
base::Json attention_json(core::AttentionSet attention);
base::Json product_json(const storage::Product& product);
/// The `Order` of a list.
base::Json order_json(const storage::OrderSummary& summary);
base::Json session_json(const core::Session& session, const core::Order* order);
base::Json settlement_json(const storage::Settlement& settlement);
base::Json refund_json(const storage::Refund& refund);
base::Json evidence_json(const storage::SeenEvidence& seen);
base::Json query_json(const storage::Query& query);
base::Json approval_json(const storage::Approval& approval);
/// How far an order's news is on its way. Of an endpoint's address only the host is shown: the rest
/// may hold a secret.
base::Json delivery_json(const storage::Delivery& delivery);
base::Json audit_json(const storage::AuditEntry& entry);
base::Json pass_json(const storage::Pass& pass, const std::string& public_url);

std::string checkout_url(core::OrderId id);
std::string receipt_url(core::OrderId id);
/// Whether an order has a receipt: it was paid, also if the money was given back since.
bool has_receipt(const core::Order& order);
/// What the customer got back of the price of an order that has a receipt; a claim that was taken
/// back, or money beyond the price, is none of it.
core::Money given_back(const core::Order& order);
/// When money last went back to the customer.
std::optional<base::Time> given_back_at(const std::vector<storage::Refund>& refunds);
/// `KHQR:order_id=…:transaction_id=…:amount=…`
std::string recovery_code(const core::Order& order);
/// `S•••a`: enough for its owner to know it again (C10).
std::string masked_name(const std::string& name);
/// `1,298.00 USD`: as the pages' scripts write it too.
std::string amount_text(core::Money money);
/// `2026-11-21 09:30 UTC`
std::string moment_text(base::Time moment);

}  // namespace quittance::http
