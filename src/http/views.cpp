#include "http/views.hpp"

#include <algorithm>

#include "qr/qr.hpp"

namespace quittance::http {

using base::Json;

std::string_view order_status_word(core::OrderStatus status) {
  switch (status) {
    case core::OrderStatus::pending:
      return "PENDING";
    case core::OrderStatus::completed:
      return "COMPLETED";
    case core::OrderStatus::canceled:
      return "CANCELLED";
    case core::OrderStatus::refunded:
      return "REFUNDED";
  }
  return "";
}

std::optional<core::OrderStatus> order_status_from_word(std::string_view word) {
  if (word == "pending") return core::OrderStatus::pending;
  if (word == "completed") return core::OrderStatus::completed;
  if (word == "refunded") return core::OrderStatus::refunded;
  if (word == "cancelled" || word == "canceled") return core::OrderStatus::canceled;
  return std::nullopt;
}

Json amount_json(core::Money money) { return Json::Number{money.decimal()}; }

Json time_json(std::optional<base::Time> moment) {
  return moment ? Json(base::to_ms(*moment)) : Json();
}

Json attention_json(core::AttentionSet attention) {
  Json reasons{Json::Array{}};
  for (const core::Attention reason : attention.list())
    reasons.push(to_text(reason));
  return reasons;
}

Json product_json(const storage::Product& product) {
  return Json::object({{"id", product.id.value()},
                       {"name", product.name},
                       {"description", product.description},
                       {"picture", product.picture},
                       {"price", amount_json(product.price)},
                       {"price_minor", product.price.minor()},
                       {"currency", product.price.currency().code()},
                       {"available", product.available()}});
}

Json order_json(const storage::OrderSummary& summary) {
  const core::Order& order = summary.order;
  return Json::object({{"order_id", order.id.value()},
                       {"status", order_status_word(order.status)},
                       {"amount", amount_json(order.total)},
                       {"amount_minor", order.total.minor()},
                       {"paid", amount_json(order.paid)},
                       {"paid_minor", order.paid.minor()},
                       {"refunded_minor", order.refunded.minor()},
                       {"due_minor", order.due().minor()},
                       {"currency", order.total.currency().code()},
                       {"item_count", summary.item_count},
                       {"customer_name", summary.customer_name},
                       {"payment_method", order.payment_method},
                       {"created_at", base::to_ms(order.created_at)},
                       {"completed_at", time_json(order.completed_at)},
                       {"attention", attention_json(order.attention)},
                       {"receipt_url", has_receipt(order) ? Json(receipt_url(order.id)) : Json()}});
}

Json session_json(const core::Session& session, const core::Order* order) {
  const std::string base_url = "/api/payment/sessions/" + session.session_id;
  Json json =
      Json::object({{"session_id", session.session_id},
                    {"payment_id", session.payment_id},
                    {"order_id", session.order_id ? Json(session.order_id->value()) : Json()},
                    {"amount", amount_json(session.amount)},
                    {"amount_minor", session.amount.minor()},
                    {"currency", session.amount.currency().code()},
                    {"qr_data", session.qr_data},
                    {"md5_hash", session.md5_hash},
                    {"bill_number", session.bill_number},
                    {"reference_id", session.reference_id},
                    {"recovery_code", order ? Json(recovery_code(*order)) : Json()},
                    {"status", to_source_text(session.status)},
                    {"payment_verification_status", to_text(session.payment_verification_status)},
                    {"created_at", base::to_ms(session.created_at)},
                    {"expires_at", base::to_ms(session.expires_at)},
                    {"completed_at", time_json(session.completed_at)},
                    {"qr_svg_url", base_url + "/qr.svg"},
                    {"qr_png_url", base_url + "/qr.png"}});
  if (order) json.set("order_status", order_status_word(order->status));
  return json;
}

Json settlement_json(const storage::Settlement& settlement) {
  const core::Money amount =
      settlement.counted.plus(settlement.excess).value_or(settlement.counted);
  return Json::object({{"id", settlement.id.value()},
                       {"provider", settlement.provider},
                       {"provider_ref", settlement.provider_ref},
                       {"outcome", to_text(settlement.outcome)},
                       {"amount", amount_json(amount)},
                       {"amount_minor", amount.minor()},
                       {"excess_minor", settlement.excess.minor()},
                       {"currency", amount.currency().code()},
                       {"method", settlement.verification_method},
                       {"reason", settlement.reason},
                       {"paid_at", base::to_ms(settlement.paid_at)},
                       {"settled_at", base::to_ms(settlement.settled_at)}});
}

Json refund_json(const storage::Refund& refund) {
  const core::Money amount =
      refund.from_counted.plus(refund.from_excess).value_or(refund.from_counted);
  return Json::object({{"id", refund.id.value()},
                       {"settlement_id", refund.settlement_id.value()},
                       {"kind", to_text(refund.kind)},
                       {"provider", refund.provider},
                       {"provider_ref", refund.provider_ref},
                       {"outcome", to_text(refund.outcome)},
                       {"amount", amount_json(amount)},
                       {"amount_minor", amount.minor()},
                       {"from_excess_minor", refund.from_excess.minor()},
                       {"currency", amount.currency().code()},
                       {"actor", refund.actor},
                       {"reason", refund.reason},
                       {"refunded_at", base::to_ms(refund.refunded_at)}});
}

Json evidence_json(const storage::SeenEvidence& seen) {
  const core::Evidence& evidence = seen.evidence;
  return Json::object({{"id", seen.id.value()},
                       {"kind", to_text(evidence.kind)},
                       {"source", to_text(evidence.source)},
                       {"provider", evidence.provider},
                       {"provider_ref", evidence.provider_ref},
                       {"amount", amount_json(evidence.amount)},
                       {"amount_minor", evidence.amount.minor()},
                       {"currency", evidence.amount.currency().code()},
                       {"payer", evidence.payer},
                       {"paid_at", base::to_ms(evidence.paid_at)},
                       {"seen_at", base::to_ms(evidence.seen_at)},
                       {"actor", evidence.actor},
                       {"reason", evidence.reason},
                       {"outcome", to_text(seen.outcome)}});
}

Json query_json(const storage::Query& query) {
  return Json::object({{"asked_at", base::to_ms(query.asked_at)},
                       {"first_asked_at", base::to_ms(query.first_asked_at)},
                       {"times", query.times},
                       {"source", query.source},
                       {"answer", query.answer},
                       {"reason", query.reason},
                       {"duration_ms", query.duration_ms}});
}

Json approval_json(const storage::Approval& approval) {
  const auto& evidence = approval.evidence_id;
  return Json::object({{"approver", approval.approver},
                       {"decision", approval.decision},
                       {"reason", approval.reason},
                       {"evidence_id", evidence ? Json(evidence->value()) : Json()},
                       {"at", base::to_ms(approval.created_at)}});
}

Json delivery_json(const storage::Delivery& delivery) {
  const auto endpoint = notify::parse_url(delivery.destination);
  return Json::object({{"id", delivery.id},
                       {"kind", to_text(delivery.kind)},
                       {"destination", endpoint ? endpoint->host : delivery.destination},
                       {"event", delivery.news.topic},
                       {"state", to_text(delivery.state)},
                       {"attempts", delivery.attempts},
                       {"last_error", delivery.last_error},
                       {"created_at", base::to_ms(delivery.created_at)},
                       {"next_attempt_at", time_json(delivery.next_attempt_at)},
                       {"delivered_at", time_json(delivery.delivered_at)}});
}

Json audit_json(const storage::AuditEntry& entry) {
  auto details = Json::parse(entry.details);
  return Json::object({{"at", base::to_ms(entry.created_at)},
                       {"actor", entry.actor},
                       {"action", entry.action},
                       {"details", details ? *details : Json()}});
}

Json pass_json(const storage::Pass& pass, const std::string& public_url) {
  return Json::object({{"code", pass.token},
                       {"url", core::verification_url(public_url, pass.token)},
                       {"qr_svg_url", "/api/passes/" + pass.token + "/qr.svg"},
                       {"valid_until_at", base::to_ms(pass.valid_until)}});
}

std::string checkout_url(core::OrderId id) {
  return "/checkout?order_id=" + std::to_string(id.value());
}

std::string receipt_url(core::OrderId id) {
  return "/receipt?order_id=" + std::to_string(id.value());
}

bool has_receipt(const core::Order& order) {
  return order.status == core::OrderStatus::completed ||
         order.status == core::OrderStatus::refunded;
}

core::Money given_back(const core::Order& order) {
  const core::Money nothing = core::Money::zero(order.total.currency());
  const core::Money held = order.paid.minus(order.refunded).value_or(nothing);
  return has_receipt(order) ? order.total.minus(held).value_or(nothing) : nothing;
}

std::optional<base::Time> given_back_at(const std::vector<storage::Refund>& refunds) {
  std::optional<base::Time> last;
  for (const storage::Refund& refund : refunds) {
    const bool money = refund.kind != core::EvidenceKind::voided && !refund.from_counted.is_zero();
    if (money && (!last || *last < refund.refunded_at)) last = refund.refunded_at;
  }
  return last;
}

std::string recovery_code(const core::Order& order) {
  return qr::make_recovery_code({.order_id = order.id.value(),
                                 .transaction_id = order.transaction_id,
                                 .amount = order.total.decimal()},
                                qr::RecoveryStyle::khqr)
      .value_or("");
}

std::string masked_name(const std::string& name) {
  // First and last character, whole even where UTF-8 takes several bytes for one.
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  if (std::ranges::count_if(name, is_start) < 2) return "•••";
  const auto second = std::find_if(name.begin() + 1, name.end(), is_start);
  const auto last = std::find_if(name.rbegin(), name.rend(), is_start).base() - 1;
  return std::string(name.begin(), second) + "•••" + std::string(last, name.end());
}

std::string amount_text(core::Money money) {
  std::string text = money.text();
  const std::size_t point = std::min(text.find('.'), text.find(' '));
  for (std::size_t place = point; place > 3; place -= 3)
    text.insert(place - 3, ",");
  return text;
}

std::string moment_text(base::Time moment) {
  std::string text = base::to_iso8601(moment).substr(0, 16);
  text[10] = ' ';
  return text + " UTC";
}

}  // namespace quittance::http
