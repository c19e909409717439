// Payments and refunds.
#include <algorithm>

#include "sandbox/razorpay_parts.hpp"

namespace quittance::sandbox::razorpay {
namespace {

using base::HttpResponse;
using base::Json;
using base::Result;

constexpr std::size_t kLeastKey = 10;

void take_status(Json& payment, Attempt attempt) {
  const bool failed = attempt == Attempt::failed;
  payment.set("captured", attempt == Attempt::captured);
  payment.set("status", failed                           ? "failed"
                        : attempt == Attempt::authorized ? "authorized"
                                                         : "captured");
  payment.set("error_code", failed ? Json("BAD_REQUEST_ERROR") : Json());
  payment.set("error_description", failed ? Json("Payment was not completed on time.") : Json());
  payment.set("error_source", failed ? Json("customer") : Json());
  payment.set("error_step", failed ? Json("payment_authentication") : Json());
  payment.set("error_reason", failed ? Json("payment_timed_out") : Json());
}

std::string_view event_of(Attempt attempt) {
  switch (attempt) {
    case Attempt::captured:
      return "payment.captured";
    case Attempt::authorized:
      return "payment.authorized";
    case Attempt::failed:
      return "payment.failed";
  }
  return "";
}

/// Counts a captured payment at its code, closes a code for one payment, and tells of it.
Result<Json> credit_code(RailDesk& desk, const std::string& qr_id, const Json& payment) {
  const Json* found = desk.shelf.find("qr_code", qr_id);
  if (found == nullptr) return Json();
  const Json before = *found;
  Json code = before;
  code.set("payments_amount_received", code["payments_amount_received"].integer().value_or(0) +
                                           payment["amount"].integer().value_or(0));
  code.set("payments_count_received", code["payments_count_received"].integer().value_or(0) + 1);
  const bool single = code["usage"].string() == "single_use";
  if (single) {
    code.set("status", "closed");
    code.set("closed_at", desk.now_s());
    code.set("close_reason", "paid");
  }
  TRY_VOID(desk.shelf.put("qr_code", qr_id, code));
  // What it says of the code is how it was before this payment.
  emit(desk, "qr_code.credited", Json::object({{"payment", payment}, {"qr_code", before}}));
  if (single) emit(desk, "qr_code.closed", Json::object({{"qr_code", code}}));
  return code;
}

Result<Json> keep(RailDesk& desk, Json payment, const std::string& qr_id, Attempt attempt) {
  const std::string id = payment["id"].text_or_empty();
  TRY_VOID(desk.shelf.put("payment", id, payment));
  if (!qr_id.empty()) {
    TRY_VOID(desk.shelf.put("payment_code", id, Json(qr_id)));
    TRY_VOID(desk.shelf.put(payments_of(qr_id), id, Json(id)));
  }
  if (!qr_id.empty() && attempt == Attempt::captured) {
    TRY_VOID(credit_code(desk, qr_id, payment));
  }
  emit(desk, event_of(attempt), Json::object({{"payment", payment}}));
  return payment;
}

/// A fresh payment may not be seen yet.
bool is_visible(const RailDesk& desk, const Json& payment) {
  return payment["created_at"].integer().value_or(0) + desk.quirk("lag_s") <= desk.now_s();
}

/// The refund that was made under this key, or what is wrong with using it now; nullopt: it is new.
std::optional<HttpResponse> replay(Call& call, const std::string& key,
                                   const std::string& fingerprint) {
  const Json* record = call.desk.shelf.find("refund_key", key);
  if (record == nullptr) return std::nullopt;
  if ((*record)["fingerprint"].string() != fingerprint) {
    return bad_request(
        "Different request with the same idempotency key has already been processed.");
  }
  if (base::to_ms(call.desk.now) < (*record)["leaves_ms"].integer().value_or(0)) {
    return bad_request("The request with this idempotency key is in progress.", "", 409);
  }
  const Json* refund = call.desk.shelf.find("refund", (*record)["refund"].text_or_empty());
  return refund == nullptr ? unknown_id() : answer(*refund);
}

Result<Json> make_refund(Call& call, Json payment, std::int64_t paise) {
  const std::string id = call.desk.draw_id("rfnd_", 14);
  const bool slow = call.desk.quirk("refund_pending") != 0;
  const Json& speed = call.body["speed"];
  const Json refund = Json::object({{"id", id},
                                    {"entity", "refund"},
                                    {"amount", paise},
                                    {"currency", payment["currency"]},
                                    {"payment_id", payment["id"]},
                                    {"notes", notes_of(call.body["notes"])},
                                    {"receipt", call.body["receipt"]},
                                    {"acquirer_data", Json::object({{"arn", nullptr}})},
                                    {"created_at", call.desk.now_s()},
                                    {"batch_id", nullptr},
                                    {"status", slow ? "pending" : "processed"},
                                    {"speed_processed", "normal"},
                                    {"speed_requested", speed.is_null() ? Json("normal") : speed}});
  const std::int64_t refunded = payment["amount_refunded"].integer().value_or(0) + paise;
  const bool full = refunded == payment["amount"].integer();
  payment.set("amount_refunded", refunded);
  payment.set("refund_status", full ? "full" : "partial");
  if (full) payment.set("status", "refunded");
  TRY_VOID(call.desk.shelf.put("refund", id, refund));
  TRY_VOID(call.desk.shelf.put("payment", payment["id"].text_or_empty(), payment));
  const Json told = Json::object({{"refund", refund}, {"payment", payment}});
  emit(call.desk, "refund.created", told);
  if (!slow) emit(call.desk, "refund.processed", told);
  return refund;
}

}  // namespace

Result<Json> new_payment(RailDesk& desk, const std::string& qr_id, const Money& money,
                         Attempt attempt) {
  const Json& details = money.details;
  const auto or_else = [&details](std::string_view name, Json fallback) {
    return details[name].is_null() ? std::move(fallback) : details[name];
  };
  const Json method = or_else("method", "upi");
  const bool upi = method.string() == "upi";
  // On a payment that failed on the way, UPI has no address of the payer.
  const bool known_payer = upi && attempt != Attempt::failed;
  Json payment = Json::object({{"id", desk.draw_id("pay_", 14)},
                               {"entity", "payment"},
                               {"amount", money.paise},
                               {"currency", "INR"},
                               {"status", "created"},
                               {"order_id", nullptr},
                               {"invoice_id", nullptr},
                               {"international", false},
                               {"method", method},
                               {"amount_refunded", 0},
                               {"refund_status", nullptr},
                               {"captured", false},
                               {"description", qr_id.empty() ? "Payment page" : "QRv2 Payment"},
                               {"card_id", nullptr},
                               {"bank", nullptr},
                               {"wallet", nullptr},
                               {"vpa", !known_payer          ? Json()
                                       : money.payer.empty() ? Json("payer@exampleupi")
                                                             : Json(money.payer)},
                               {"email", or_else("email", "payer@example.com")},
                               {"contact", or_else("contact", "+919000000000")},
                               {"notes", notes_of(details["notes"])},
                               {"fee", 0},
                               {"tax", 0}});
  take_status(payment, attempt);
  payment.set(
      "acquirer_data",
      Json::object({{"rrn", attempt == Attempt::failed ? Json() : Json(desk.draw_id("", 12))}}));
  payment.set("created_at", desk.now_s());
  return keep(desk, std::move(payment), qr_id, attempt);
}

Result<Json> move_payment(RailDesk& desk, Json payment, Attempt attempt) {
  const std::string status = payment["status"].text_or_empty();
  if (status == "captured" || status == "refunded") {
    return base::fail(base::ErrorCode::conflict, "This payment is " + status + ".", "ref");
  }
  take_status(payment, attempt);
  const Json* link = desk.shelf.find("payment_code", payment["id"].text_or_empty());
  const std::string qr_id = link == nullptr ? "" : link->text_or_empty();
  return keep(desk, std::move(payment), qr_id, attempt);
}

HttpResponse show_payment(Call& call) {
  if (auto refused = refuse_id(call.id, "pay_")) return std::move(*refused);
  const Json* payment = call.desk.shelf.find("payment", call.id);
  if (payment == nullptr || !is_visible(call.desk, *payment)) return unknown_id();
  return answer(*payment);
}

HttpResponse list_payments(Call& call) {
  return collection(call, "payment",
                    [&call](const Json& payment) { return is_visible(call.desk, payment); });
}

HttpResponse capture_payment(Call& call) {
  const Json* payment = call.desk.shelf.find("payment", call.id);
  if (payment == nullptr) return unknown_id();
  if ((*payment)["status"].string() == "captured") {
    return bad_request("This payment has already been captured");
  }
  if ((*payment)["status"].string() != "authorized") {
    return bad_request("Only payments which have been authorized can be captured");
  }
  if (call.body["amount"].integer() != (*payment)["amount"].integer()) {
    return bad_request("Capture amount must be equal to the amount authorized", "amount");
  }
  const auto moved = move_payment(call.desk, *payment, Attempt::captured);
  return moved ? answer(*moved) : server_error();
}

HttpResponse update_payment(Call& call) {
  const Json* found = call.desk.shelf.find("payment", call.id);
  if (found == nullptr) return unknown_id();
  Json payment = *found;
  payment.set("notes", notes_of(call.body["notes"]));
  return call.desk.shelf.put("payment", call.id, payment) ? answer(payment) : server_error();
}

HttpResponse refund_payment(Call& call) {
  const Json* found = call.desk.shelf.find("payment", call.id);
  if (found == nullptr) return unknown_id();
  const std::string key(call.request.headers.find("X-Refund-Idempotency").value_or(""));
  const std::string fingerprint = base::sha256_hex(call.id + "\n" + call.body.dump());
  if (!key.empty()) {
    const bool visible = std::ranges::all_of(key, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
             c == '_' || c == '-';
    });
    if (key.size() < kLeastKey || !visible) return bad_request("The idempotency key is invalid.");
    if (auto before = replay(call, key, fingerprint)) return std::move(*before);
  }
  const Json payment = *found;
  const std::string status = payment["status"].text_or_empty();
  if (status == "refunded") return bad_request("The payment has been fully refunded already");
  if (status != "captured") return bad_request("The payment status should be captured for action");
  const std::int64_t left =
      payment["amount"].integer().value_or(0) - payment["amount_refunded"].integer().value_or(0);
  const std::int64_t paise =
      call.body.has("amount") ? call.body["amount"].integer().value_or(0) : left;
  if (paise < 1 || paise > left) {
    return bad_request("The refund amount provided is greater than amount captured", "amount");
  }
  const auto refund = make_refund(call, payment, paise);
  if (!refund) return server_error();
  if (!key.empty()) {
    const Json record = Json::object({{"fingerprint", fingerprint},
                                      {"refund", (*refund)["id"]},
                                      {"leaves_ms", base::to_ms(call.desk.answer_leaves_at)}});
    if (!call.desk.shelf.put("refund_key", key, record)) return server_error();
  }
  return answer(*refund);
}

HttpResponse list_payment_refunds(Call& call) {
  if (call.desk.shelf.find("payment", call.id) == nullptr) return unknown_id();
  return collection(call, "refund", [&call](const Json& refund) {
    return refund["payment_id"].string() == call.id;
  });
}

HttpResponse list_refunds(Call& call) {
  return collection(call, "refund", [](const Json&) { return true; });
}

HttpResponse show_refund(Call& call) {
  if (auto refused = refuse_id(call.id, "rfnd_")) return std::move(*refused);
  const Json* refund = call.desk.shelf.find("refund", call.id);
  return refund == nullptr ? unknown_id() : answer(*refund);
}

}  // namespace quittance::sandbox::razorpay
