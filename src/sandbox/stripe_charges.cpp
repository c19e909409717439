// Charges and refunds: what moved, and what went back.
#include "sandbox/stripe_parts.hpp"

namespace quittance::sandbox::stripe {
namespace {

using base::HttpResponse;
using base::Json;
using base::Result;

Json new_charge(RailDesk& desk, const Json& intent, std::int64_t amount, bool paid, bool captured) {
  const bool card = intent["payment_method"].text_or_empty().starts_with("pm_card_") ||
                    intent["next_action"].is_null();
  return Json::object({{"id", desk.draw_id("ch_", 24)},
                       {"object", "charge"},
                       {"amount", amount},
                       {"amount_captured", paid && captured ? amount : 0},
                       {"amount_refunded", 0},
                       {"balance_transaction", paid ? Json(desk.draw_id("txn_", 24)) : Json()},
                       {"billing_details", Json::object({{"email", nullptr}, {"name", nullptr}})},
                       {"captured", paid && captured},
                       {"created", desk.now_s()},
                       {"currency", intent["currency"]},
                       {"customer", intent["customer"]},
                       {"description", intent["description"]},
                       {"disputed", false},
                       {"failure_code", paid ? Json() : Json("card_declined")},
                       {"failure_message", paid ? Json() : Json("Your card was declined.")},
                       {"livemode", false},
                       {"metadata", intent["metadata"]},
                       {"outcome", nullptr},
                       {"paid", paid},
                       {"payment_intent", intent["id"]},
                       {"payment_method", intent["payment_method"]},
                       {"payment_method_details", Json::object({{"type", card ? "card" : "qr"}})},
                       {"receipt_url", nullptr},
                       {"refunded", false},
                       {"status", paid ? "succeeded" : "failed"}});
}

Result<Json> kept(RailDesk& desk, std::string_view kind, Json object) {
  TRY_VOID(desk.shelf.put(std::string(kind), object["id"].text_or_empty(), object));
  return object;
}

Result<Json> decline(RailDesk& desk, Json intent, const Call* caused_by) {
  const std::int64_t amount = intent["amount"].integer().value_or(0);
  TRY(const Json charge, kept(desk, "charge", new_charge(desk, intent, amount, false, false)));
  intent.set("status", "requires_payment_method");
  intent.set("latest_charge", charge["id"]);
  intent.set("next_action", nullptr);
  intent.set("payment_method", nullptr);
  intent.set("last_payment_error", Json::object({{"charge", charge["id"]},
                                                 {"code", "card_declined"},
                                                 {"decline_code", "generic_decline"},
                                                 {"message", "Your card was declined."},
                                                 {"type", "card_error"}}));
  TRY(intent, kept(desk, "payment_intent", std::move(intent)));
  emit(desk, "charge.failed", charge, caused_by);
  emit(desk, "payment_intent.payment_failed", intent, caused_by);
  return intent;
}

/// The charge that a refund is of; null when neither parameter names one.
const Json* charge_of(Call& call) {
  if (call.params.has("charge")) return call.desk.shelf.find("charge", call.text("charge"));
  const Json* intent = call.desk.shelf.find("payment_intent", call.text("payment_intent"));
  if (intent == nullptr) return nullptr;
  return call.desk.shelf.find("charge", (*intent)["latest_charge"].text_or_empty());
}

}  // namespace

Result<Json> attempt_payment(RailDesk& desk, Json intent, Attempt attempt,
                             std::optional<std::int64_t> received, const Call* caused_by) {
  if (attempt == Attempt::declined) return decline(desk, std::move(intent), caused_by);
  if (attempt == Attempt::processing) {
    intent.set("status", "processing");
    intent.set("next_action", nullptr);
    TRY(intent, kept(desk, "payment_intent", std::move(intent)));
    emit(desk, "payment_intent.processing", intent, caused_by);
    return intent;
  }
  const std::int64_t amount = received.value_or(intent["amount"].integer().value_or(0));
  const bool manual = intent["capture_method"].string() == "manual";
  TRY(const Json charge, kept(desk, "charge", new_charge(desk, intent, amount, true, !manual)));
  intent.set("status", manual ? "requires_capture" : "succeeded");
  intent.set("amount_capturable", manual ? amount : 0);
  intent.set("amount_received", manual ? 0 : amount);
  intent.set("latest_charge", charge["id"]);
  intent.set("last_payment_error", nullptr);
  intent.set("next_action", nullptr);
  if (intent["payment_method"].is_null()) intent.set("payment_method", desk.draw_id("pm_", 24));
  TRY(intent, kept(desk, "payment_intent", std::move(intent)));
  emit(desk, manual ? "payment_intent.amount_capturable_updated" : "payment_intent.succeeded",
       intent, caused_by);
  emit(desk, "charge.succeeded", charge, caused_by);
  return intent;
}

HttpResponse create_refund(Call& call) {
  const Json* found = charge_of(call);
  if (found == nullptr) {
    const bool by_charge = call.params.has("charge");
    const std::string_view param = by_charge ? "charge" : "payment_intent";
    return missing(param, call.text(param), param);
  }
  Json charge = *found;
  if (is_taken_back(call.desk, charge)) {
    return error(400, "invalid_request_error", "charge_disputed",
                 "Charge " + charge["id"].text_or_empty() +
                     " has been charged back; cannot issue a refund.");
  }
  const std::int64_t captured = charge["amount_captured"].integer().value_or(0);
  const std::int64_t before = charge["amount_refunded"].integer().value_or(0);
  if (charge["refunded"].boolean() == true || captured == 0) {
    return error(400, "invalid_request_error", "charge_already_refunded",
                 "Charge " + charge["id"].text_or_empty() + " has already been refunded.");
  }
  const std::int64_t amount =
      call.params.has("amount") ? call.number("amount").value_or(0) : captured - before;
  if (amount < 1 || amount > captured - before) {
    return invalid("amount", "Refund amount is greater than unrefunded amount on charge.",
                   "amount_too_large");
  }
  Json metadata = call.params["metadata"];
  if (!metadata.is_object()) metadata = Json(Json::Object{});
  const bool slow = call.desk.quirk("refund_pending") != 0;
  auto refund =
      kept(call.desk, "refund",
           Json::object({{"id", call.desk.draw_id("re_", 24)},
                         {"object", "refund"},
                         {"amount", amount},
                         {"balance_transaction", call.desk.draw_id("txn_", 24)},
                         {"charge", charge["id"]},
                         {"created", call.desk.now_s()},
                         {"currency", charge["currency"]},
                         {"metadata", std::move(metadata)},
                         {"payment_intent", charge["payment_intent"]},
                         {"reason", call.params.has("reason") ? Json(call.text("reason")) : Json()},
                         {"receipt_number", nullptr},
                         {"status", slow ? "pending" : "succeeded"}}));
  charge.set("amount_refunded", before + amount);
  charge.set("refunded", before + amount == captured);
  const auto changed = kept(call.desk, "charge", std::move(charge));
  if (!refund || !changed) return unkept();
  emit(call.desk, "refund.created", *refund, &call);
  emit(call.desk, "charge.refunded", *changed, &call);
  return answer(*refund);
}

HttpResponse show_refund(Call& call) {
  const Json* refund = call.desk.shelf.find("refund", call.id);
  return refund == nullptr ? missing("refund", call.id, "id") : answer(*refund);
}

HttpResponse list_refunds(Call& call) {
  const std::string intent = call.text("payment_intent");
  const std::string charge = call.text("charge");
  return list(call, "refund", "refund", [&](const Json& refund) {
    return (intent.empty() || refund["payment_intent"].string() == intent) &&
           (charge.empty() || refund["charge"].string() == charge);
  });
}

HttpResponse show_charge(Call& call) {
  const Json* charge = call.desk.shelf.find("charge", call.id);
  return charge == nullptr ? missing("charge", call.id, "id") : answer(*charge);
}

HttpResponse list_charges(Call& call) {
  const std::string intent = call.text("payment_intent");
  return list(call, "charge", "charge", [&intent](const Json& charge) {
    return intent.empty() || charge["payment_intent"].string() == intent;
  });
}

}  // namespace quittance::sandbox::stripe
