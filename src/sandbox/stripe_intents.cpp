// PaymentIntents: created, confirmed, paid, captured, canceled, listed.
#include <algorithm>
#include <array>

#include "sandbox/stripe_parts.hpp"

namespace quittance::sandbox::stripe {
namespace {

using base::ErrorCode;
using base::HttpResponse;
using base::Json;
using base::Result;

constexpr std::int64_t kAmountLimit = 99'999'999;
constexpr std::int64_t kLeastAmount = 50;
constexpr std::int64_t kQrSeconds = 3'600;

/// Methods whose payer is shown a code.
struct QrMethod {
  std::string_view type;
  std::string_view action;
  std::string_view currencies;  ///< of ours that it takes; empty: it is not checked
};
constexpr std::array<QrMethod, 6> kQrMethods{{
    {"promptpay", "promptpay_display_qr_code", "thb"},
    {"paynow", "paynow_display_qr_code", "sgd"},
    {"pix", "pix_display_qr_code", "brl"},
    {"wechat_pay", "wechat_pay_display_qr_code", ""},
    {"upi", "upi_handle_redirect_or_display_qr_code", "inr"},
    {"cashapp", "cashapp_handle_redirect_or_display_qr_code", "usd"},
}};

const QrMethod* qr_method(std::string_view type) {
  const auto found = std::ranges::find(kQrMethods, type, &QrMethod::type);
  return found == kQrMethods.end() ? nullptr : found;
}

std::string status_of(const Json& intent) { return intent["status"].text_or_empty(); }

Json next_action(RailDesk& desk, const QrMethod& method, const std::string& id) {
  const std::string page = desk.origin + "/stripe/qr/" + id;
  Json code;
  if (method.type == "upi") {
    code = Json::object({{"hosted_instructions_url", page},
                         {"qr_code", Json::object({{"expires_at", desk.now_s() + kQrSeconds},
                                                   {"image_url_png", page + ".png"},
                                                   {"image_url_svg", page + ".svg"}})}});
  } else {
    code = Json::object({{"data", desk.quirk("qr_is_url") != 0 ? page : "STRIPE-SANDBOX:" + id},
                         {"hosted_instructions_url", page},
                         {"image_url_png", page + ".png"},
                         {"image_url_svg", page + ".svg"}});
    if (method.type == "pix") code.set("expires_at", desk.now_s() + kQrSeconds);
  }
  const std::string action(method.action);
  return Json::object({{"type", action}, {action, std::move(code)}});
}

Json new_intent(Call& call, std::int64_t amount, const std::string& currency) {
  const std::string id = call.desk.draw_id("pi_", 24);
  Json metadata = call.params["metadata"];
  if (!metadata.is_object()) metadata = Json(Json::Object{});
  Json types = call.params["payment_method_types"];
  const bool automatic = call.params["automatic_payment_methods"]["enabled"].string() == "true";
  if (!types.is_array()) types = Json(Json::Array{Json("card")});
  const auto or_null = [&call](std::string_view name) {
    return call.params.has(name) && !call.text(name).empty() ? Json(call.text(name)) : Json();
  };
  return Json::object(
      {{"id", id},
       {"object", "payment_intent"},
       {"amount", amount},
       {"amount_capturable", 0},
       {"amount_details", Json::object({{"tip", Json(Json::Object{})}})},
       {"amount_received", 0},
       {"application_fee_amount", nullptr},
       {"automatic_payment_methods",
        automatic ? Json::object({{"allow_redirects", "always"}, {"enabled", true}}) : Json()},
       {"canceled_at", nullptr},
       {"cancellation_reason", nullptr},
       {"capture_method", call.params.has("capture_method") ? call.text("capture_method")
                                                            : std::string("automatic_async")},
       {"client_secret", id + call.desk.draw_id("_secret_", 25)},
       {"confirmation_method", "automatic"},
       {"created", call.desk.now_s()},
       {"currency", currency},
       {"customer", or_null("customer")},
       {"description", or_null("description")},
       {"last_payment_error", nullptr},
       {"latest_charge", nullptr},
       {"livemode", false},
       {"metadata", std::move(metadata)},
       {"next_action", nullptr},
       {"payment_method", or_null("payment_method")},
       {"payment_method_options", Json(Json::Object{})},
       {"payment_method_types", std::move(types)},
       {"processing", nullptr},
       {"receipt_email", or_null("receipt_email")},
       {"shipping", nullptr},
       {"statement_descriptor_suffix", or_null("statement_descriptor_suffix")},
       {"status",
        call.text("payment_method").empty() ? "requires_payment_method" : "requires_confirmation"},
       {"transfer_data", nullptr},
       {"transfer_group", nullptr}});
}

std::optional<HttpResponse> refuse_amount(Call& call) {
  if (!call.params.has("amount")) {
    return invalid("amount", "Missing required param: amount.", "parameter_missing");
  }
  const auto amount = call.number("amount");
  if (!amount) {
    return invalid("amount", "Invalid integer: " + call.text("amount"),
                   "parameter_invalid_integer");
  }
  if (*amount < kLeastAmount && exponent_of(call.text("currency")) != 0) {
    return invalid("amount", "Amount must be at least 50 of the smallest unit.",
                   "amount_too_small");
  }
  if (*amount < 1) return invalid("amount", "Amount must be positive.", "amount_too_small");
  if (*amount > kAmountLimit) {
    return invalid("amount", "Amount must be no more than 99999999.", "amount_too_large");
  }
  return std::nullopt;
}

HttpResponse unexpected_state(const Json& intent, std::string_view what, std::string_view allowed) {
  return error(400, "invalid_request_error", "payment_intent_unexpected_state",
               "You cannot " + std::string(what) +
                   " this PaymentIntent because it has a status of " + status_of(intent) +
                   ". Only a PaymentIntent with one of the following statuses may be " +
                   (what == "cancel" ? "canceled" : std::string(what) + "ed") + ": " +
                   std::string(allowed) + ".",
               "", Json::object({{"payment_intent", intent}}));
}

/// Confirms a copy of an intent that is on the shelf.
HttpResponse confirm(Call& call, Json intent) {
  const Json& data = call.params["payment_method_data"];
  const std::string type = data["type"].text_or_empty();
  std::string method = call.text("payment_method");
  if (method.empty()) method = intent["payment_method"].text_or_empty();
  if (const QrMethod* qr = qr_method(type)) {
    const std::string currency = intent["currency"].text_or_empty();
    if (!qr->currencies.empty() && qr->currencies != currency) {
      return invalid("payment_method_data[type]",
                     "The currency " + currency + " does not go with " + type + ".",
                     "payment_intent_incompatible_payment_method");
    }
    if (type == "promptpay" && data["billing_details"]["email"].text_or_empty().empty()) {
      return invalid("billing_details[email]", "Missing required param: billing_details[email].",
                     "parameter_missing");
    }
    intent.set("payment_method", call.desk.draw_id("pm_", 24));
    intent.set("status", "requires_action");
    intent.set("next_action", next_action(call.desk, *qr, intent["id"].text_or_empty()));
    if (!call.desk.shelf.put("payment_intent", intent["id"].text_or_empty(), intent)) {
      return unkept();
    }
    emit(call.desk, "payment_intent.requires_action", intent, &call);
    return answer(intent);
  }
  if (method.empty()) {
    return error(400, "invalid_request_error", "payment_intent_unexpected_state",
                 "You cannot confirm this PaymentIntent because it's missing a payment method.", "",
                 Json::object({{"payment_intent", intent}}));
  }
  intent.set("payment_method", method);
  const bool declined = method == "pm_card_chargeDeclined";
  auto done = attempt_payment(call.desk, std::move(intent),
                              declined ? Attempt::declined : Attempt::paid, std::nullopt, &call);
  if (!done) return unkept();
  if (!declined) return answer(*done);
  return error(402, "card_error", "card_declined", "Your card was declined.", "",
               Json::object({{"decline_code", "generic_decline"},
                             {"charge", (*done)["latest_charge"]},
                             {"payment_intent", *done}}));
}

}  // namespace

HttpResponse create_intent(Call& call) {
  const std::string currency = call.text("currency");
  if (currency.size() != 3) {
    return invalid("currency", "Missing required param: currency.", "parameter_missing");
  }
  std::string lower = currency;
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  call.params.set("currency", lower);
  if (auto refused = refuse_amount(call)) return std::move(*refused);
  Json intent = new_intent(call, call.number("amount").value_or(0), lower);
  const std::string id = intent["id"].text_or_empty();
  if (!call.desk.shelf.put("payment_intent", id, intent)) return unkept();
  emit(call.desk, "payment_intent.created", intent, &call);
  if (call.text("confirm") != "true") return answer(intent);
  return confirm(call, std::move(intent));
}

HttpResponse show_intent(Call& call) {
  const Json* intent = call.desk.shelf.find("payment_intent", call.id);
  return intent == nullptr ? missing("payment_intent", call.id, "intent") : answer(*intent);
}

HttpResponse list_intents(Call& call) {
  const std::string customer = call.text("customer");
  return list(call, "payment_intent", "payment_intent", [&customer](const Json& intent) {
    return customer.empty() || intent["customer"].string() == customer;
  });
}

HttpResponse update_intent(Call& call) {
  const Json* found = call.desk.shelf.find("payment_intent", call.id);
  if (found == nullptr) return missing("payment_intent", call.id, "intent");
  Json intent = *found;
  if (call.params.has("description")) intent.set("description", call.text("description"));
  Json metadata = intent["metadata"];
  for (const auto& [name, value] : call.params["metadata"].object())
    metadata.set(name, value);
  intent.set("metadata", std::move(metadata));
  if (!call.desk.shelf.put("payment_intent", call.id, intent)) return unkept();
  return answer(intent);
}

HttpResponse confirm_intent(Call& call) {
  const Json* found = call.desk.shelf.find("payment_intent", call.id);
  if (found == nullptr) return missing("payment_intent", call.id, "intent");
  const std::string status = status_of(*found);
  if (status != "requires_payment_method" && status != "requires_confirmation" &&
      status != "requires_action") {
    return unexpected_state(*found, "confirm",
                            "requires_payment_method, requires_confirmation, requires_action");
  }
  return confirm(call, *found);
}

HttpResponse capture_intent(Call& call) {
  const Json* found = call.desk.shelf.find("payment_intent", call.id);
  if (found == nullptr) return missing("payment_intent", call.id, "intent");
  if (status_of(*found) != "requires_capture") {
    return unexpected_state(*found, "capture", "requires_capture");
  }
  Json intent = *found;
  intent.set("capture_method", "automatic");
  auto done = attempt_payment(call.desk, std::move(intent), Attempt::paid, std::nullopt, &call);
  return done ? answer(*done) : unkept();
}

HttpResponse cancel_intent(Call& call) {
  const Json* found = call.desk.shelf.find("payment_intent", call.id);
  if (found == nullptr) return missing("payment_intent", call.id, "intent");
  const std::string status = status_of(*found);
  if (status == "succeeded" || status == "canceled" || status == "processing") {
    return unexpected_state(*found, "cancel",
                            "requires_payment_method, requires_capture, requires_confirmation, "
                            "requires_action");
  }
  const std::string reason = call.text("cancellation_reason");
  static constexpr std::array<std::string_view, 5> kReasons{"", "duplicate", "fraudulent",
                                                            "requested_by_customer", "abandoned"};
  if (std::ranges::find(kReasons, reason) == kReasons.end()) {
    return invalid("cancellation_reason", "Invalid cancellation_reason: " + reason);
  }
  Json intent = *found;
  intent.set("status", "canceled");
  intent.set("canceled_at", call.desk.now_s());
  intent.set("cancellation_reason", reason.empty() ? Json() : Json(reason));
  intent.set("next_action", nullptr);
  if (!call.desk.shelf.put("payment_intent", call.id, intent)) return unkept();
  emit(call.desk, "payment_intent.canceled", intent, &call);
  return answer(intent);
}

bool takes_cards(const Json& intent) {
  if (!intent["automatic_payment_methods"].is_null()) return true;
  return std::ranges::any_of(intent["payment_method_types"].array(),
                             [](const Json& type) { return type.string() == "card"; });
}

std::vector<Waiting> waiting(RailDesk& desk) {
  std::vector<Waiting> found;
  for (const Json* intent : desk.shelf.newest("payment_intent")) {
    const std::string status = status_of(*intent);
    if (status != "requires_action" && status != "requires_payment_method" &&
        status != "processing") {
      continue;
    }
    const std::string what = (*intent)["description"].text_or_empty();
    found.push_back({.ref = (*intent)["id"].text_or_empty(),
                     .title = what.empty() ? desk.settings.merchant : what,
                     .sum = sum_for_people((*intent)["amount"].integer().value_or(0),
                                           (*intent)["currency"].text_or_empty())});
  }
  return found;
}

std::optional<std::string> find(RailDesk& desk, std::string_view code) {
  const std::size_t start = code.find("pi_");
  if (start == std::string_view::npos) return std::nullopt;
  std::size_t end = start + 3;
  while (end < code.size() &&
         ((code[end] >= '0' && code[end] <= '9') || (code[end] >= 'A' && code[end] <= 'Z') ||
          (code[end] >= 'a' && code[end] <= 'z'))) {
    ++end;
  }
  std::string id(code.substr(start, end - start));
  if (desk.shelf.find("payment_intent", id) == nullptr) return std::nullopt;
  return id;
}

Result<Json> act(RailDesk& desk, const std::string& ref, const Act& act) {
  const Json* intent = desk.shelf.find("payment_intent", ref);
  if (intent == nullptr) return base::fail(ErrorCode::not_found, "No such PaymentIntent.", "ref");
  const std::string status = status_of(*intent);
  if (act.choice == "dispute" || act.choice == "inquire" || act.choice == "win") {
    return act_on_dispute(desk, *intent, act);
  }
  if (status == "succeeded" || status == "canceled") {
    return base::fail(ErrorCode::conflict, "This payment is " + status + ".", "ref");
  }
  std::optional<std::int64_t> received;
  if (act.amount) {
    received = minor_of(*act.amount, (*intent)["currency"].text_or_empty());
    if (!received) return base::fail(ErrorCode::invalid_request, "No such amount.", "amount");
  }
  Json copy = *intent;
  if (act.choice == "pay") return attempt_payment(desk, std::move(copy), Attempt::paid, received);
  if (act.choice == "card") {
    if (!takes_cards(copy)) {
      return base::fail(ErrorCode::conflict, "This payment takes no cards.", "choice");
    }
    copy.set("payment_method", "pm_card_visa");
    return attempt_payment(desk, std::move(copy), Attempt::paid, received);
  }
  if (act.choice == "decline") {
    return attempt_payment(desk, std::move(copy), Attempt::declined, received);
  }
  if (act.choice == "process") {
    return attempt_payment(desk, std::move(copy), Attempt::processing, received);
  }
  return base::fail(ErrorCode::invalid_request,
                    "pay, card, decline, process, dispute, inquire or win.", "choice");
}

}  // namespace quittance::sandbox::stripe
