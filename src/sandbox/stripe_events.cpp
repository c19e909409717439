// Events: kept for thirty days, sent signed, listed for whoever missed them.
#include <algorithm>

#include "sandbox/stripe_parts.hpp"

namespace quittance::sandbox::stripe {
namespace {

using base::HttpResponse;
using base::Json;

constexpr std::int64_t kKeptForS = 30LL * 86'400;
constexpr std::size_t kTypesLimit = 20;
/// Some words of their own: three days in live mode.
constexpr base::Duration kPatience{3LL * 86'400'000};

bool matches(std::string_view pattern, const std::string& type) {
  if (pattern.ends_with(".*")) return type.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == type;
}

}  // namespace

void emit(RailDesk& desk, std::string_view type, const Json& object, const Call* caused_by) {
  const std::string id = desk.draw_id("evt_", 24);
  const Json request =
      Json::object({{"id", caused_by == nullptr ? Json() : Json(caused_by->request_id)},
                    {"idempotency_key", caused_by == nullptr || caused_by->idempotency_key.empty()
                                            ? Json()
                                            : Json(caused_by->idempotency_key)}});
  const Json event = Json::object({{"id", id},
                                   {"object", "event"},
                                   {"api_version", "2026-10-28.endive"},
                                   {"created", desk.now_s()},
                                   {"data", Json::object({{"object", object}})},
                                   {"livemode", false},
                                   {"pending_webhooks", 1},
                                   {"request", request},
                                   {"type", type}});
  // What cannot be kept is sent all the same: an event is no promise to remember.
  [[maybe_unused]] const auto kept = desk.shelf.put("event", id, event);
  // White space that a re-serialised body would not have: only the raw bytes verify.
  std::string body = event.dump();
  body.insert(1, "\n  ");
  body += "\n";
  desk.notify({.notice_id = id, .body = std::move(body), .patience = kPatience});
}

void seal(RailDesk& desk, Delivery& delivery) {
  const std::string t = std::to_string(desk.now_s());
  const std::string message = t + "." + delivery.body;
  std::string header = "t=" + t;
  const base::Secret wrong("whsec_of_somebody_else");
  if (delivery.forged) {
    header += ",v1=" + base::hmac_sha256_hex(wrong, message);
  } else {
    for (const base::Secret& secret : desk.settings.notice_secrets)
      header += ",v1=" + base::hmac_sha256_hex(secret, message);
  }
  header += ",v0=" + base::hmac_sha256_hex(wrong, message);
  delivery.headers = {};
  delivery.headers.add("Content-Type", "application/json; charset=utf-8");
  delivery.headers.add("User-Agent", "Stripe/1.0 (sandbox of Quittance)");
  delivery.headers.add("Stripe-Signature", header);
}

HttpResponse show_event(Call& call) {
  const Json* event = call.desk.shelf.find("event", call.id);
  return event == nullptr ? missing("event", call.id, "id") : answer(*event);
}

HttpResponse list_events(Call& call) {
  const std::string type = call.text("type");
  const Json::Array& types = call.params["types"].array();
  if (types.size() > kTypesLimit) return invalid("types", "No more than 20 types.");
  const std::string delivered = call.text("delivery_success");
  const std::vector<Delivery> deliveries =
      delivered.empty() ? std::vector<Delivery>() : call.desk.postman.all();
  const auto was_taken = [&deliveries](const Json& event) {
    return std::ranges::any_of(deliveries, [&event](const Delivery& delivery) {
      return delivery.notice_id == event["id"].string() && delivery.state == "taken";
    });
  };
  const std::int64_t since = call.desk.now_s() - kKeptForS;
  return list(call, "event", "event", [&](const Json& event) {
    const std::string its_type = event["type"].text_or_empty();
    if (event["created"].integer().value_or(0) < since) return false;
    if (!type.empty() && !matches(type, its_type)) return false;
    if (!types.empty() && std::ranges::none_of(types, [&its_type](const Json& one) {
          return matches(one.text_or_empty(), its_type);
        })) {
      return false;
    }
    return delivered.empty() || was_taken(event) == (delivered == "true");
  });
}

}  // namespace quittance::sandbox::stripe
