// Disputes: the payer's bank takes money back, or asks about it first; who wins gets it again.
#include <algorithm>

#include "sandbox/stripe_parts.hpp"

namespace quittance::sandbox::stripe {
namespace {

using base::ErrorCode;
using base::HttpResponse;
using base::Json;
using base::Result;

Json entry_of(RailDesk& desk, std::int64_t amount, const Json& currency) {
  return Json::object({{"id", desk.draw_id("txn_", 24)},
                       {"object", "balance_transaction"},
                       {"amount", amount},
                       {"currency", currency},
                       {"type", "adjustment"}});
}

Json new_dispute(RailDesk& desk, const Json& charge, std::int64_t amount, bool takes) {
  Json entries{Json::Array{}};
  if (takes) entries.push(entry_of(desk, -amount, charge["currency"]));
  return Json::object({{"id", desk.draw_id("dp_", 24)},
                       {"object", "dispute"},
                       {"amount", amount},
                       {"balance_transactions", std::move(entries)},
                       {"charge", charge["id"]},
                       {"created", desk.now_s()},
                       {"currency", charge["currency"]},
                       {"is_charge_refundable", !takes},
                       {"livemode", false},
                       {"metadata", Json(Json::Object{})},
                       {"payment_intent", charge["payment_intent"]},
                       {"reason", "fraudulent"},
                       {"status", takes ? "needs_response" : "warning_needs_response"}});
}

/// The dispute that holds money of this charge; null when there is none.
const Json* holder(const RailDesk& desk, const Json& charge) {
  for (const Json* dispute : desk.shelf.newest("dispute")) {
    const std::string status = (*dispute)["status"].text_or_empty();
    const bool holds = status == "needs_response" || status == "lost";
    if (holds && (*dispute)["charge"] == charge["id"]) return dispute;
  }
  return nullptr;
}

Result<Json> win(RailDesk& desk, const Json& charge) {
  const Json* held = holder(desk, charge);
  if (held == nullptr) {
    return base::fail(ErrorCode::conflict, "Nothing of this payment is disputed.", "ref");
  }
  Json dispute = *held;
  Json entries = dispute["balance_transactions"];
  entries.push(entry_of(desk, dispute["amount"].integer().value_or(0), dispute["currency"]));
  dispute.set("balance_transactions", std::move(entries));
  dispute.set("status", "won");
  TRY_VOID(desk.shelf.put("dispute", dispute["id"].text_or_empty(), dispute));
  emit(desk, "charge.dispute.closed", dispute);
  emit(desk, "charge.dispute.funds_reinstated", dispute);
  return dispute;
}

}  // namespace

bool is_taken_back(const RailDesk& desk, const Json& charge) {
  return holder(desk, charge) != nullptr;
}

Result<Json> act_on_dispute(RailDesk& desk, const Json& intent, const Act& act) {
  const Json* found = desk.shelf.find("charge", intent["latest_charge"].text_or_empty());
  if (found == nullptr || intent["status"].string() != "succeeded") {
    return base::fail(ErrorCode::conflict, "This payment has not succeeded.", "ref");
  }
  Json charge = *found;
  if (act.choice == "win") return win(desk, charge);
  const std::int64_t left = charge["amount_captured"].integer().value_or(0) -
                            charge["amount_refunded"].integer().value_or(0);
  std::int64_t amount = left;
  if (act.amount) {
    const auto given = minor_of(*act.amount, charge["currency"].text_or_empty());
    if (!given) return base::fail(ErrorCode::invalid_request, "No such amount.", "amount");
    amount = *given;
  }
  if (amount < 1 || amount > left || is_taken_back(desk, charge)) {
    return base::fail(ErrorCode::conflict, "There is not so much left to be taken.", "amount");
  }
  const bool takes = act.choice == "dispute";
  Json dispute = new_dispute(desk, charge, amount, takes);
  charge.set("disputed", true);
  TRY_VOID(desk.shelf.put("charge", charge["id"].text_or_empty(), charge));
  TRY_VOID(desk.shelf.put("dispute", dispute["id"].text_or_empty(), dispute));
  emit(desk, "charge.dispute.created", dispute);
  if (takes) emit(desk, "charge.dispute.funds_withdrawn", dispute);
  return dispute;
}

HttpResponse show_dispute(Call& call) {
  const Json* dispute = call.desk.shelf.find("dispute", call.id);
  return dispute == nullptr ? missing("dispute", call.id, "id") : answer(*dispute);
}

HttpResponse list_disputes(Call& call) {
  const std::string intent = call.text("payment_intent");
  const std::string charge = call.text("charge");
  return list(call, "dispute", "dispute", [&](const Json& dispute) {
    return (intent.empty() || dispute["payment_intent"].string() == intent) &&
           (charge.empty() || dispute["charge"].string() == charge);
  });
}

}  // namespace quittance::sandbox::stripe
