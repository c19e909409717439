// QR codes: made, closed, over; and who pays them.
#include <algorithm>

#include "sandbox/razorpay_parts.hpp"

namespace quittance::sandbox::razorpay {
namespace {

using base::ErrorCode;
using base::HttpResponse;
using base::Json;
using base::Result;

constexpr std::int64_t kLongestS = 2 * 3'600;
constexpr std::int64_t kShortestS = 2 * 60;

bool is_active(const Json& code) { return code["status"].string() == "active"; }

/// The moment at which it closes, or what is wrong with the one that was asked for.
Result<Json> close_by(const Call& call, bool single) {
  const Json& asked = call.body["close_by"];
  if (!single) {
    if (!asked.is_null()) {
      return base::fail(ErrorCode::invalid_request, "close_by is not allowed for multiple_use.");
    }
    return Json();
  }
  const std::int64_t now_s = call.desk.now_s();
  if (asked.is_null()) return Json(now_s + kLongestS);
  const auto moment = asked.integer();
  if (!moment || *moment < now_s + kShortestS) {
    return base::fail(ErrorCode::invalid_request,
                      "close_by should be at least 2 minutes after current time");
  }
  return Json(std::min(*moment, now_s + kLongestS));
}

std::string upi_text(const RailDesk& desk, const std::string& id, const Json& body) {
  std::string text = "upi://pay?ver=01&mode=15&pa=rpy.sandbox@exampleupi&pn=" +
                     base::url_encode(desk.settings.merchant) + "&tr=" + id;
  if (const auto paise = body["payment_amount"].integer()) {
    text += "&cu=INR&am=" + sum_for_people(*paise).substr(4);
  }
  return text;
}

}  // namespace

Json current_code(const RailDesk& desk, Json code) {
  const auto end = code["close_by"].integer();
  if (is_active(code) && end && *end <= desk.now_s()) {
    code.set("status", "closed");
    code.set("closed_at", *end);
  }
  return code;
}

HttpResponse create_code(Call& call) {
  const Json& body = call.body;
  const std::string usage = body["usage"].text_or_empty();
  if (usage != "single_use" && usage != "multiple_use") {
    return bad_request("The usage field is required.", "usage");
  }
  const std::string type = body["type"].text_or_empty();
  if (type != "upi_qr" && type != "bharat_qr") {
    return bad_request("The type field is required.", "type");
  }
  const bool fixed = body["fixed_amount"].boolean().value_or(false);
  const auto paise = body["payment_amount"].integer();
  const bool single = usage == "single_use";
  if ((single && !fixed) || (fixed && (!paise || *paise < 100))) {
    return bad_request("The payment amount is required and at least 1 rupee.", "payment_amount");
  }
  const auto end = close_by(call, single);
  if (!end) return bad_request(end.error().message, "close_by");
  const std::string id = call.desk.draw_id("qr_", 14);
  Json code = Json::object({{"id", id},
                            {"entity", "qr_code"},
                            {"created_at", call.desk.now_s()},
                            {"name", body["name"]},
                            {"usage", usage},
                            {"type", type},
                            {"image_url", call.desk.origin + "/razorpay/qr/" + id + ".png"},
                            {"payment_amount", paise ? Json(*paise) : Json()},
                            {"status", "active"},
                            {"description", body["description"]},
                            {"fixed_amount", fixed},
                            {"payments_amount_received", 0},
                            {"payments_count_received", 0},
                            {"notes", notes_of(body["notes"])},
                            {"customer_id", body["customer_id"]},
                            {"close_by", *end},
                            {"closed_at", nullptr},
                            {"close_reason", nullptr}});
  if (call.desk.quirk("image_content") != 0) {
    code.set("image_content", upi_text(call.desk, id, body));
  }
  if (!call.desk.shelf.put("qr_code", id, code)) return server_error();
  Json told = code;
  // A text in this event, a number everywhere else.
  if (const auto moment = end->integer()) told.set("close_by", std::to_string(*moment));
  emit(call.desk, "qr_code.created", Json::object({{"qr_code", std::move(told)}}));
  return answer(code);
}

HttpResponse show_code(Call& call) {
  if (auto refused = refuse_id(call.id, "qr_")) return std::move(*refused);
  const Json* code = call.desk.shelf.find("qr_code", call.id);
  return code == nullptr ? unknown_id() : answer(current_code(call.desk, *code));
}

HttpResponse list_codes(Call& call) {
  const std::string customer = call.query["customer_id"].text_or_empty();
  const std::string payment = call.query["payment_id"].text_or_empty();
  const auto of_customer = [&customer](const Json& code) {
    return customer.empty() || code["customer_id"].string() == customer;
  };
  if (payment.empty()) return collection(call, "qr_code", of_customer);
  const Json* link = call.desk.shelf.find("payment_code", payment);
  const Json* code =
      link == nullptr ? nullptr : call.desk.shelf.find("qr_code", link->text_or_empty());
  std::vector<const Json*> found;
  if (code != nullptr && of_customer(*code)) found.push_back(code);
  return collection(call, "qr_code", found);
}

HttpResponse close_code(Call& call) {
  if (auto refused = refuse_id(call.id, "qr_")) return std::move(*refused);
  const Json* found = call.desk.shelf.find("qr_code", call.id);
  if (found == nullptr) return unknown_id();
  Json code = current_code(call.desk, *found);
  if (!is_active(code)) return bad_request("QR code is already closed");
  code.set("status", "closed");
  code.set("closed_at", call.desk.now_s());
  code.set("close_reason", "on_demand");
  if (!call.desk.shelf.put("qr_code", call.id, code)) return server_error();
  emit(call.desk, "qr_code.closed", Json::object({{"qr_code", code}}));
  return answer(code);
}

HttpResponse update_code(Call& call) {
  const Json* found = call.desk.shelf.find("qr_code", call.id);
  if (found == nullptr) return unknown_id();
  Json code = current_code(call.desk, *found);
  code.set("notes", notes_of(call.body["notes"]));
  if (!call.desk.shelf.put("qr_code", call.id, code)) return server_error();
  return answer(code);
}

HttpResponse list_code_payments(Call& call) {
  if (auto refused = refuse_id(call.id, "qr_")) return std::move(*refused);
  if (call.desk.shelf.find("qr_code", call.id) == nullptr) return unknown_id();
  std::vector<const Json*> found;
  for (const Json* id : call.desk.shelf.newest(payments_of(call.id))) {
    const Json* payment = call.desk.shelf.find("payment", id->text_or_empty());
    if (payment != nullptr) found.push_back(payment);
  }
  return collection(call, "payment", found);
}

std::vector<Waiting> waiting(RailDesk& desk) {
  std::vector<Waiting> found;
  for (const Json* one : desk.shelf.newest("qr_code")) {
    const Json code = current_code(desk, *one);
    if (!is_active(code)) continue;
    const std::string what = code["description"].text_or_empty();
    found.push_back({.ref = code["id"].text_or_empty(),
                     .title = what.empty() ? desk.settings.merchant : what,
                     .sum = sum_for_people(code["payment_amount"].integer().value_or(0))});
  }
  return found;
}

std::optional<std::string> find(RailDesk& desk, std::string_view code) {
  constexpr std::size_t kLength = 3 + 14;
  const std::size_t start = code.find("qr_");
  if (start == std::string_view::npos) return std::nullopt;
  std::string id(code.substr(start, kLength));
  if (desk.shelf.find("qr_code", id) == nullptr) return std::nullopt;
  return id;
}

Result<Json> act(RailDesk& desk, const std::string& ref, const Act& act) {
  const Json* found = ref == kPage ? nullptr : desk.shelf.find("qr_code", ref);
  if (found == nullptr && ref != kPage) {
    const Json* payment = desk.shelf.find("payment", ref);
    if (payment == nullptr) return base::fail(ErrorCode::not_found, "No such QR code.", "ref");
    // A payment itself: a late authorisation, or a capture by hand in the dashboard.
    return move_payment(desk, *payment,
                        act.choice == "fail"        ? Attempt::failed
                        : act.choice == "authorize" ? Attempt::authorized
                                                    : Attempt::captured);
  }
  const Json code = found == nullptr ? Json() : current_code(desk, *found);
  if (found != nullptr && !is_active(code)) {
    return base::fail(ErrorCode::conflict, "This code is closed.", "ref");
  }
  Money money{.paise = code["payment_amount"].integer().value_or(0),
              .payer = act.payer,
              .details = act.details};
  if (act.amount) {
    const auto paise = paise_of(*act.amount);
    if (!paise) return base::fail(ErrorCode::invalid_request, "No such amount.", "amount");
    money.paise = *paise;
  }
  if (money.paise == 0) {
    return base::fail(ErrorCode::invalid_request, "Say how much.", "amount");
  }
  const std::string qr_id = found == nullptr ? "" : ref;
  if (act.choice == "pay") return new_payment(desk, qr_id, money, Attempt::captured);
  if (act.choice == "card") {
    if (!money.details.is_object()) money.details = Json(Json::Object{});
    money.details.set("method", "card");
    return new_payment(desk, qr_id, money, Attempt::captured);
  }
  if (act.choice == "authorize") return new_payment(desk, qr_id, money, Attempt::authorized);
  if (act.choice == "fail") return new_payment(desk, qr_id, money, Attempt::failed);
  if (act.choice == "fail_then_pay") {
    TRY(Json payment, new_payment(desk, qr_id, money, Attempt::failed));
    return move_payment(desk, std::move(payment), Attempt::captured);
  }
  return base::fail(ErrorCode::invalid_request, "pay, card, fail, fail_then_pay or authorize.",
                    "choice");
}

}  // namespace quittance::sandbox::razorpay
