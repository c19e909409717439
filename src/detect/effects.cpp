#include "detect/effects.hpp"

#include <algorithm>

#include "detect/order_details.hpp"

namespace quittance::detect {
namespace {

using base::Json;

std::string subject_of(core::OrderId id) { return "Order " + std::to_string(id.value()); }

std::string sign(const SettleContext& context, core::OrderId id, base::Time paid_at) {
  return core::sign_pass(context.pass_key,
                         {.kind = core::PassKind::receipt,
                          .subject = subject_of(id),
                          .period = "",
                          .valid_until = paid_at + context.pass_valid_for,
                          .nonce = base::from_hex(context.random.hex(12)).value_or("")});
}

/// The stock of an order's products, to see afterwards what moved.
std::vector<GoodsMoved> stock_of(Ledger& ledger, const OrderEntry& order) {
  std::vector<GoodsMoved> stock;
  for (const storage::OrderLine& line : order.lines) {
    const ProductEntry* entry = ledger.product(line.product_id);
    if (!entry || (!stock.empty() && stock.back().product_id == line.product_id)) continue;
    stock.push_back({.product_id = line.product_id,
                     .stock = entry->now.stock,
                     .reserved = entry->now.reserved});
  }
  return stock;
}

std::vector<GoodsMoved> moved_since(Ledger& ledger, std::vector<GoodsMoved> before) {
  for (GoodsMoved& goods : before) {
    const ProductEntry* entry = ledger.product(goods.product_id);
    goods.stock = entry->now.stock - goods.stock;
    goods.reserved = entry->now.reserved - goods.reserved;
  }
  return before;
}

storage::Pass pass_of(const core::Order& order, std::string token, base::Time paid_at,
                      base::Duration valid_for, bool active) {
  return {.kind = std::string(to_text(core::PassKind::receipt)),
          .subject = subject_of(order.id),
          .period = "",
          .token = std::move(token),
          .order_id = order.id,
          .active = active,
          .valid_from = paid_at,
          .valid_until = paid_at + valid_for};
}

Json pass_details(const storage::Pass& pass) {
  Json details = Json::object({{"kind", pass.kind},
                               {"subject", pass.subject},
                               {"period", pass.period},
                               {"state", pass.active ? "active" : "revoked"}});
  if (pass.active) {
    details.set("token_sha256", base::sha256_hex(pass.token));
    details.set("valid_from", base::to_ms(pass.valid_from));
    details.set("valid_until", base::to_ms(pass.valid_until));
  }
  return details;
}

/// What became of the order, its goods and its pass.
void add_order(Json& details, const core::Order& order, const Consequences& consequences) {
  details.set("order", order_details(order));
  if (!consequences.goods.empty()) {
    Json::Array goods;
    for (const GoodsMoved& moved : consequences.goods) {
      goods.push_back(Json::object({{"product_id", moved.product_id.value()},
                                    {"stock", moved.stock},
                                    {"reserved", moved.reserved}}));
    }
    details.set("stock", std::move(goods));
  }
  if (consequences.pass) details.set("pass", pass_details(*consequences.pass));
}

}  // namespace

Claim make_claim(const SettleContext& context, core::Evidence evidence,
                 std::optional<core::OrderId> order_id) {
  std::string token;
  if (order_id && evidence.kind == core::EvidenceKind::payment) {
    token = sign(context, *order_id, evidence.paid_at);
  }
  return {.evidence = std::move(evidence), .pass_token = std::move(token)};
}

Consequences complete_order(Desk& desk, OrderEntry& entry, Completion completion) {
  const base::Time now = desk.now;
  core::Order& order = entry.now;
  Consequences consequences;
  if (completion.take_goods) {
    std::vector<GoodsMoved> before = stock_of(desk.ledger, entry);
    if (!desk.ledger.take_goods(entry)) order.attention.raise(core::Attention::shortage);
    consequences.goods = moved_since(desk.ledger, std::move(before));
  }
  order.status = core::OrderStatus::completed;
  order.completed_at = now;
  entry.changed = true;
  desk.effects.completed.push_back(order.id);
  if (entry.pass) {
    completion.pass_token = entry.pass->token;
  } else if (completion.pass_token.empty()) {
    completion.pass_token = sign(desk.context, order.id, completion.paid_at);
  }
  consequences.pass = pass_of(order, std::move(completion.pass_token), completion.paid_at,
                              desk.context.pass_valid_for, true);
  if (entry.pass) {
    // Never valid for less long than it was (C25).
    consequences.pass->valid_from = entry.pass->valid_from;
    consequences.pass->valid_until =
        std::max(consequences.pass->valid_until, entry.pass->valid_until);
  }
  desk.effects.passes.push_back(*consequences.pass);
  // C14: completion is approved by whoever brought the evidence; for a provider, the system.
  desk.effects.approvals.push_back({.evidence = completion.evidence,
                                    .row = {.order_id = order.id,
                                            .approver = std::move(completion.approver),
                                            .decision = "approved",
                                            .reason = std::move(completion.reason),
                                            .evidence_id = std::nullopt,
                                            .created_at = now}});
  const Json payload = Json::object({{"order_id", order.id.value()},
                                     {"amount_minor", order.paid.minor()},
                                     {"currency", order.paid.currency().code()},
                                     {"completed_at", base::to_ms(now)}});
  desk.effects.outbox.push_back(
      {.topic = "order.completed",
       .dedupe_key = "order.completed:" + std::to_string(order.id.value()) + ":" + completion.cause,
       .payload = payload.dump(),
       .created_at = now});
  return consequences;
}

Consequences undo_order(Desk& desk, OrderEntry& entry, bool return_goods, bool revoke_pass) {
  Consequences consequences;
  if (return_goods) {
    std::vector<GoodsMoved> before = stock_of(desk.ledger, entry);
    desk.ledger.return_goods(entry);
    consequences.goods = moved_since(desk.ledger, std::move(before));
    entry.now.completed_at = std::nullopt;
  }
  if (revoke_pass) {
    desk.effects.revoked.push_back(entry.now.id);
    consequences.pass = pass_of(entry.now, "", {}, {}, false);
  }
  return consequences;
}

NewEntry audit_of(const Desk& desk, std::string action, const core::Evidence& evidence,
                  const SessionEntry& session, const OrderEntry* order, Json decision,
                  const Consequences& consequences) {
  Json details = std::move(decision);
  details.set("kind", to_text(evidence.kind));
  details.set("source", to_text(evidence.source));
  details.set("provider", evidence.provider);
  details.set("provider_ref", evidence.provider_ref);
  details.set("session_id", session.now.session_id);
  details.set("amount_minor", evidence.amount.minor());
  details.set("currency", evidence.amount.currency().code());
  details.set("receiver", evidence.receiver);
  details.set("payer", evidence.payer);
  details.set("paid_at", base::to_ms(evidence.paid_at));
  details.set("seen_at", base::to_ms(evidence.seen_at));
  details.set("reason", evidence.reason);
  details.set("raw_sha256", base::sha256_hex(evidence.raw));
  if (!evidence.against.empty()) details.set("against", evidence.against);
  if (!evidence.approver.empty()) details.set("approver", evidence.approver);
  if (order) add_order(details, order->now, consequences);
  return {.entry = {.created_at = desk.now,
                    .actor = evidence.actor,
                    .action = std::move(action),
                    .subject_type = order ? "order" : "session",
                    .subject_id = order ? order->now.id.value() : session.now.id.value(),
                    .details = ""},
          .details = std::move(details)};
}

NewEntry audit_of_hand_over(const Desk& desk, const OrderEntry& order, const std::string& actor,
                            const std::string& reason, const Consequences& consequences) {
  Json details = Json::object({{"reason", reason}});
  add_order(details, order.now, consequences);
  return {.entry = {.created_at = desk.now,
                    .actor = actor,
                    .action = "order.handed_over",
                    .subject_type = "order",
                    .subject_id = order.now.id.value(),
                    .details = ""},
          .details = std::move(details)};
}

}  // namespace quittance::detect
