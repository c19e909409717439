// One order with all that is known of it; staff see the evidence and the trail.
#include "http/handlers.hpp"
#include "http/tax_receipt_view.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::Json;
using base::Result;
using storage::Books;

constexpr std::int64_t kQueriesShown = 50;

template <class T>
Json list_json(const std::vector<T>& values, Json (*view)(const T&)) {
  Json list{Json::Array{}};
  for (const T& value : values)
    list.push(view(value));
  return list;
}

/// A tax receipt as it is printed: its codes are for whoever holds the order, while it stands.
Json tax_receipt_json(const storage::StoredReceipt& receipt) {
  const bool shown = shows_codes(receipt);
  return Json::object({{"provider", receipt.provider},
                       {"payment_ref", receipt.payment_ref},
                       {"state", to_text(receipt.state)},
                       {"receipt_id", receipt.receipt_id},
                       {"lottery", shown ? Json(receipt.lottery.reveal()) : Json()},
                       {"qr_data", shown ? Json(receipt.qr_data.reveal()) : Json()},
                       {"issued_at", time_json(receipt.issued_at)},
                       {"voided_at", time_json(receipt.voided_at)},
                       {"last_error", receipt.last_error}});
}

Result<Json> detail_json(Books& books, const core::Order& order, const std::string& public_url) {
  storage::OrderSummary summary{.order = order, .item_count = 0, .customer_name = ""};
  std::string email;
  if (order.customer_id) {
    TRY(const auto customer, books.customer(*order.customer_id));
    if (customer) {
      summary.customer_name = customer->name;
      email = customer->email;
    }
  }
  TRY(const auto items, books.order_items(order));
  TRY(const auto sessions, books.sessions_of_order(order.id));
  TRY(const auto pass, books.pass_of_order(order.id));
  TRY(const auto receipts, books.receipts_of_order(order.id));
  Json item_list{Json::Array{}};
  for (const core::OrderItem& item : items) {
    summary.item_count += item.quantity;
    item_list.push(Json::object({{"product_id", item.product_id.value()},
                                 {"name", item.name},
                                 {"quantity", item.quantity},
                                 {"price", amount_json(item.price)},
                                 {"price_minor", item.price.minor()}}));
  }
  Json session_list{Json::Array{}};
  for (const core::Session& session : sessions)
    session_list.push(session_json(session, &order));
  Json json = order_json(summary);
  json.set("transaction_id", order.transaction_id);
  json.set("customer_email", email);
  json.set("items", std::move(item_list));
  json.set("sessions", std::move(session_list));
  json.set("tax_receipts", list_json<storage::StoredReceipt>(receipts, tax_receipt_json));
  json.set("pass", pass ? pass_json(*pass, public_url) : Json());
  return json;
}

/// Money as it came, with what became of it since: what is left of it, and until when the person
/// who said that it came may take that back.
Json settlement_standing_json(const storage::Settlement& settlement,
                              const std::vector<storage::Refund>& refunds,
                              base::Duration void_within) {
  core::Money held = settlement.counted.plus(settlement.excess).value_or(settlement.counted);
  bool touched = false;
  for (const storage::Refund& refund : refunds) {
    if (refund.settlement_id != settlement.id) continue;
    const auto back = refund.from_counted.plus(refund.from_excess);
    held = held.minus(back.value_or(refund.from_counted)).value_or(held);
    touched = true;
  }
  const bool may_be_void = settlement.verification_method == "manual" && !touched;
  Json json = settlement_json(settlement);
  json.set("held_minor", held.minor());
  json.set("void_until_at",
           may_be_void ? Json(base::to_ms(settlement.settled_at + void_within)) : Json());
  return json;
}

Result<Json> with_trail(Books& books, core::OrderId id, base::Duration void_within, Json json) {
  TRY(const auto settlements, books.settlements_of_order(id));
  TRY(const auto refunds, books.refunds_of_order(id));
  TRY(const auto evidence, books.evidence_of_order(id));
  TRY(const auto approvals, books.approvals_of_order(id));
  TRY(const auto queries, books.queries_of_order(id, kQueriesShown));
  TRY(const auto deliveries, books.deliveries_of_order(id));
  TRY(const auto audit, books.audit_of("order", id.value()));
  Json settlement_list{Json::Array{}};
  for (const storage::Settlement& settlement : settlements)
    settlement_list.push(settlement_standing_json(settlement, refunds, void_within));
  json.set("settlements", std::move(settlement_list));
  json.set("refunds", list_json<storage::Refund>(refunds, refund_json));
  json.set("evidence", list_json<storage::SeenEvidence>(evidence, evidence_json));
  json.set("approvals", list_json<storage::Approval>(approvals, approval_json));
  json.set("queries", list_json<storage::Query>(queries, query_json));
  json.set("deliveries", list_json<storage::Delivery>(deliveries, delivery_json));
  json.set("audit", list_json<storage::AuditEntry>(audit, audit_json));
  return json;
}

}  // namespace

Answered show_order(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const core::Order order, co_await order_for(services, visit, core::OrderId(id)));
  const bool staff = visit.actor.is_staff();
  // As it stands at the moment of everything else that is told of it.
  storage::Reading<Json> look = [&](Books& books) -> Result<Json> {
    TRY(const auto now, books.order(order.id));
    TRY(Json detail, detail_json(books, now.value_or(order), services.public_url));
    if (!staff) return detail;
    return with_trail(books, order.id, services.settle.policy.void_within, std::move(detail));
  };
  CO_TRY(const Json json, co_await services.store.snapshot(std::move(look)));
  co_return json_response(json);
}

}  // namespace quittance::http
