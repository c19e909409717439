#include "sandbox/razorpay_parts.hpp"

#include <algorithm>
#include <charconv>

namespace quittance::sandbox::razorpay {
namespace {

using base::HttpResponse;
using base::Json;

constexpr std::int64_t kCountLimit = 100;
constexpr std::size_t kIdLetters = 14;
/// They try for a day, then switch the webhook off.
constexpr base::Duration kPatience{24LL * 3'600'000};

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A member of the query as a whole number from `least`; `fallback` when it is not there.
std::optional<std::int64_t> number(const Json& query, std::string_view name, std::int64_t least,
                                   std::int64_t fallback) {
  if (!query.has(name)) return fallback;
  const auto value = whole(query[name].text_or_empty());
  return value && *value >= least ? value : std::nullopt;
}

}  // namespace

HttpResponse answer(const Json& object, int status) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = object.dump();
  return response;
}

HttpResponse bad_request(std::string_view description, std::string_view field, int status) {
  Json error = Json::object({{"code", "BAD_REQUEST_ERROR"},
                             {"description", description},
                             {"source", "business"},
                             {"step", "payment_initiation"},
                             {"reason", "input_validation_failed"},
                             {"metadata", Json(Json::Object{})}});
  if (!field.empty()) error.set("field", field);
  return answer(Json::object({{"error", std::move(error)}}), status);
}

HttpResponse server_error() {
  return answer(
      Json::object({{"error", Json::object({{"code", "SERVER_ERROR"},
                                            {"description", "We are facing some trouble."},
                                            {"source", "internal"},
                                            {"step", "NA"},
                                            {"reason", "server_error"},
                                            {"metadata", Json(Json::Object{})}})}}),
      500);
}

std::optional<HttpResponse> refuse_id(std::string_view id, std::string_view prefix) {
  const std::string_view rest = id.starts_with(prefix) ? id.substr(prefix.size()) : "";
  const bool letters = std::ranges::all_of(rest, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
  if (rest.size() == kIdLetters && letters) return std::nullopt;
  return bad_request(std::string(id.substr(0, 50)) + " is not a valid id");
}

HttpResponse unknown_id() { return bad_request("The id provided does not exist"); }

HttpResponse collection(Call& call, std::string_view kind,
                        const std::function<bool(const Json&)>& fits) {
  std::vector<const Json*> fitting;
  for (const Json* one : call.desk.shelf.newest(kind)) {
    if (fits(*one)) fitting.push_back(one);
  }
  return collection(call, kind, fitting);
}

HttpResponse collection(Call& call, std::string_view kind, const std::vector<const Json*>& all) {
  const auto count = number(call.query, "count", 1, 10);
  const auto skip = number(call.query, "skip", 0, 0);
  const auto from = number(call.query, "from", 0, 0);
  const auto to = number(call.query, "to", 0, INT64_MAX);
  if (!count || *count > kCountLimit) {
    return bad_request("The count must be between 1 and 100.", "count");
  }
  if (!skip) return bad_request("The skip must be at least 0.", "skip");
  if (!from || !to) return bad_request("from and to must be moments in seconds.", "from");
  Json items{Json::Array{}};
  std::int64_t passed = 0;
  std::int64_t shown = 0;
  for (const Json* one : all) {
    const std::int64_t created = (*one)["created_at"].integer().value_or(0);
    if (created < *from || created > *to) continue;
    if (passed++ < *skip) continue;
    if (shown == *count) break;
    items.push(kind == "qr_code" ? current_code(call.desk, *one) : *one);
    ++shown;
  }
  return answer(
      Json::object({{"entity", "collection"}, {"count", shown}, {"items", std::move(items)}}));
}

Json notes_of(const Json& given) {
  if (given.is_object() && !given.object().empty()) return given;
  return Json(Json::Array{});
}

std::string sum_for_people(std::int64_t paise) {
  const std::string cents = std::to_string(paise % 100);
  return "INR " + std::to_string(paise / 100) + "." + (cents.size() < 2 ? "0" : "") + cents;
}

std::optional<std::int64_t> paise_of(std::string_view rupees) {
  const std::size_t point = std::min(rupees.find('.'), rupees.size());
  std::string digits(rupees.substr(0, point));
  std::string fraction(rupees.substr(std::min(point + 1, rupees.size())));
  if (digits.empty() || digits.size() > 10 || fraction.size() > 2) return std::nullopt;
  fraction.resize(2, '0');
  const auto paise = whole(digits + fraction);
  return paise && *paise > 0 ? paise : std::nullopt;
}

void emit(RailDesk& desk, std::string_view event, const Json& entities) {
  Json contains{Json::Array{}};
  Json payload{Json::Object{}};
  for (const auto& [name, entity] : entities.object()) {
    contains.push(name);
    payload.set(name, Json::object({{"entity", entity}}));
  }
  const std::string plain = Json::object({{"entity", "event"},
                                          {"account_id", "acc_SANDBOX0000001"},
                                          {"event", event},
                                          {"contains", std::move(contains)},
                                          {"payload", std::move(payload)},
                                          {"created_at", desk.now_s()}})
                                .dump();
  // They escape every slash, and sign it so.
  std::string body;
  for (const char c : plain) {
    if (c == '/') body += '\\';
    body += c;
  }
  desk.notify({.notice_id = desk.draw_id("", 14), .body = std::move(body), .patience = kPatience});
}

void seal(RailDesk& desk, Delivery& delivery) {
  const auto& secrets = desk.settings.notice_secrets;
  base::Secret secret("of_somebody_else");
  if (!delivery.forged && !secrets.empty()) {
    // After a change of secret, what was under way goes on being signed with the old one.
    secret = desk.quirk("old_secret") != 0 ? secrets.back() : secrets.front();
  }
  delivery.headers = {};
  delivery.headers.add("Content-Type", "application/json");
  delivery.headers.add("User-Agent", "Razorpay-Webhook/v1 (sandbox of Quittance)");
  delivery.headers.add("X-Razorpay-Signature", base::hmac_sha256_hex(secret, delivery.body));
  if (desk.quirk("no_event_id") == 0) {
    delivery.headers.add("x-razorpay-event-id", delivery.notice_id);
  }
}

}  // namespace quittance::sandbox::razorpay
