// What staff do to an order's money by hand: mark paid, confirm, refuse, give back, take back.
#include "http/billing.hpp"
#include "http/handlers.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using core::OrderId;

detect::Hand hand_of(const Visit& visit) {
  return {.actor = visit.actor.audit_name(), .reason = visit.body["reason"].text_or_empty()};
}

Result<base::HttpResponse> settled_reply(std::int64_t id, const detect::Settled& settled) {
  const auto status = settled.order_status.value_or(core::OrderStatus::pending);
  return json_response(Json::object({{"success", true},
                                     {"status", to_text(status)},
                                     {"outcome", to_text(settled.outcome)},
                                     {"order_id", id}}));
}

/// What tells this request from others of whoever makes it; empty: it has no key.
std::string request_of(const Visit& visit) {
  const auto key = visit.request.headers.find("Idempotency-Key");
  if (!key) return {};
  return base::sha256_hex(visit.actor.audit_name() + "\n" + std::string(*key));
}

/// `processing`: the provider took it on, and does not show it yet.
base::Task<Result<base::HttpResponse>> sent_reply(Services& services, OrderId id,
                                                  const detect::SentBack& sent) {
  storage::Reading<std::optional<core::Order>> find = [id](storage::Books& books) {
    return books.order(id);
  };
  CO_TRY(const auto order, co_await services.store.read(std::move(find)));
  const auto status = order ? order->status : core::OrderStatus::pending;
  co_return json_response(
      Json::object({{"success", true},
                    {"status", to_text(status)},
                    {"outcome", sent.outcome ? to_text(*sent.outcome) : "processing"},
                    {"order_id", id.value()}}));
}

/// `amount` of a body in the order's currency, as decimal text or number.
base::Task<Result<core::Money>> amount_member(Services& services, const Visit& visit, OrderId id) {
  storage::Reading<std::optional<core::Order>> find = [id](storage::Books& books) {
    return books.order(id);
  };
  CO_TRY(const auto order, co_await services.store.read(std::move(find)));
  if (!order) co_return fail(ErrorCode::not_found, "There is no such order.");
  const Json& given = visit.body["amount"];
  const std::string text =
      given.is_number() ? given.number_text().value_or("") : given.text_or_empty();
  auto amount = core::Money::parse(text, order->total.currency());
  if (!amount) amount.error().param = "amount";
  co_return amount;
}

}  // namespace

Answered mark_order_paid(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  detect::Hand hand = hand_of(visit);
  std::string reference = visit.body["provider_ref"].text_or_empty();
  auto marked = co_await services.manual.mark_paid(OrderId(id), hand, reference);
  if (!marked && marked.error().code == ErrorCode::conflict) {
    CO_TRY(const bool asked, co_await ask_at_desk(services, OrderId(id)));
    if (asked) {
      marked =
          co_await services.manual.mark_paid(OrderId(id), std::move(hand), std::move(reference));
    }
  }
  CO_TRY(const detect::Settled settled, std::move(marked));
  co_return settled_reply(id, settled);
}

Answered confirm_payment(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const std::int64_t evidence, id_member(visit.body, "evidence_id"));
  detect::Hand hand = hand_of(visit);
  CO_TRY(
      const detect::Settled settled,
      co_await services.manual.confirm(OrderId(id), core::EvidenceId(evidence), std::move(hand)));
  co_return settled_reply(id, settled);
}

Answered reject_payment(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const std::int64_t evidence, id_member(visit.body, "evidence_id"));
  detect::Hand hand = hand_of(visit);
  CO_TRY(const detect::Settled settled,
         co_await services.manual.reject(OrderId(id), core::EvidenceId(evidence), std::move(hand)));
  co_return settled_reply(id, settled);
}

Answered refund_order(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const std::int64_t settlement, id_member(visit.body, "settlement_id"));
  CO_TRY(const core::Money amount, co_await amount_member(services, visit, OrderId(id)));
  const Json& at_provider = visit.body["at_provider"];
  if (!at_provider.is_null() && !at_provider.boolean()) {
    co_return fail(ErrorCode::invalid_request, "Say true or false.", "at_provider");
  }
  if (at_provider.boolean().value_or(false)) {
    detect::RefundWish wish{.order_id = OrderId(id),
                            .settlement_id = core::SettlementId(settlement),
                            .amount = amount,
                            .request = request_of(visit)};
    detect::Hand wisher = hand_of(visit);
    CO_TRY(const detect::SentBack sent,
           co_await services.refunds.send(std::move(wish), std::move(wisher)));
    co_return co_await sent_reply(services, OrderId(id), sent);
  }
  detect::GivenBack given{.settlement_id = core::SettlementId(settlement),
                          .amount = amount,
                          .provider_ref = visit.body["provider_ref"].text_or_empty()};
  detect::Hand hand = hand_of(visit);
  CO_TRY(const detect::Settled settled,
         co_await services.manual.refund(OrderId(id), std::move(given), std::move(hand)));
  co_return settled_reply(id, settled);
}

Answered void_payment(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const std::int64_t settlement, id_member(visit.body, "settlement_id"));
  detect::Hand hand = hand_of(visit);
  CO_TRY(const detect::Settled settled,
         co_await services.manual.take_back(OrderId(id), core::SettlementId(settlement),
                                            std::move(hand)));
  co_return settled_reply(id, settled);
}

}  // namespace quittance::http
