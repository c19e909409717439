#include "sandbox/rail.hpp"

#include <algorithm>

namespace quittance::sandbox {
namespace {

using base::Json;

constexpr std::int64_t kDayMs = 86'400'000;

struct RailKnob {
  std::string_view name;
  std::int64_t RailFaults::* field;
  std::int64_t least;
  std::int64_t most;
};

constexpr RailKnob kKnobs[] = {
    {"latency_ms", &RailFaults::latency_ms, 0, 600'000},
    {"latency_jitter_ms", &RailFaults::latency_jitter_ms, 0, 600'000},
    {"timeout_percent", &RailFaults::timeout_percent, 0, 100},
    {"timeout_ms", &RailFaults::timeout_ms, 1, 600'000},
    {"error_rate_percent", &RailFaults::error_rate_percent, 0, 100},
    {"server_error_percent", &RailFaults::server_error_percent, 0, 100},
    {"forbidden_html_percent", &RailFaults::forbidden_html_percent, 0, 100},
    {"too_many_requests_percent", &RailFaults::too_many_requests_percent, 0, 100},
    {"retry_after_s", &RailFaults::retry_after_s, 0, 86'400},
    {"garbage_percent", &RailFaults::garbage_percent, 0, 100},
    {"truncated_percent", &RailFaults::truncated_percent, 0, 100},
    {"clock_skew_ms", &RailFaults::clock_skew_ms, -kDayMs, kDayMs},
    {"notice_delay_ms", &RailFaults::notice_delay_ms, 0, 45 * kDayMs},
    {"notice_jitter_ms", &RailFaults::notice_jitter_ms, 0, kDayMs},
    {"notice_lost_percent", &RailFaults::notice_lost_percent, 0, 100},
    {"notice_twice_percent", &RailFaults::notice_twice_percent, 0, 100},
    {"notice_forged_percent", &RailFaults::notice_forged_percent, 0, 100},
};

bool hits(std::int64_t percent, base::Random& random) {
  return percent > 0 && random.below(100) < static_cast<std::uint64_t>(percent);
}

std::unexpected<base::Error> refused(const std::string& name, std::int64_t least,
                                     std::int64_t most) {
  return base::fail(base::ErrorCode::invalid_request,
                    name + " must be a whole number from " + std::to_string(least) + " to " +
                        std::to_string(most) + ".",
                    name);
}

base::Result<bool> change_one(RailFaults& faults, std::span<const Quirk> quirks,
                              const std::string& name, const Json& value) {
  if (name == "unauthorized") {
    const auto on = value.boolean();
    if (!on) {
      return base::fail(base::ErrorCode::invalid_request, name + " must be true or false.", name);
    }
    faults.unauthorized = *on;
    return true;
  }
  const auto number = value.integer();
  const auto knob = std::ranges::find(kKnobs, name, &RailKnob::name);
  if (knob != std::end(kKnobs)) {
    if (!number || *number < knob->least || *number > knob->most) {
      return refused(name, knob->least, knob->most);
    }
    faults.*knob->field = *number;
    return true;
  }
  const auto quirk = std::ranges::find(quirks, name, &Quirk::name);
  if (quirk == quirks.end()) return false;
  if (!number || *number < 0 || *number > quirk->most) return refused(name, 0, quirk->most);
  faults.quirks[name] = *number;
  return true;
}

}  // namespace

std::int64_t RailDesk::quirk(std::string_view name) const {
  const auto set = faults.quirks.find(name);
  if (set != faults.quirks.end()) return set->second;
  const auto known = std::ranges::find(quirks, name, &Quirk::name);
  return known == quirks.end() ? 0 : known->usual;
}

std::string RailDesk::draw_id(std::string_view prefix, std::size_t letters) const {
  constexpr std::string_view kLetters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string id(prefix);
  for (std::size_t i = 0; i < letters; ++i)
    id += kLetters[random.below(kLetters.size())];
  return id;
}

void RailDesk::notify(Delivery delivery) const {
  if (delivery.url.empty()) delivery.url = settings.notice_url;
  delivery.rail = rail;
  const auto jittered = [this] {
    std::int64_t ms = faults.notice_delay_ms;
    if (faults.notice_jitter_ms > 0) {
      ms += static_cast<std::int64_t>(
          random.below(static_cast<std::uint64_t>(faults.notice_jitter_ms) + 1));
    }
    return base::Duration{ms};
  };
  // Deliveries keep the true time; only what is shown and signed has the skew.
  const base::Time true_now = now - base::Duration{faults.clock_skew_ms};
  delivery.due = true_now + jittered();
  if (delivery.url.empty() || hits(faults.notice_lost_percent, random)) {
    return postman.lose(std::move(delivery));
  }
  if (hits(faults.notice_forged_percent, random)) {
    Delivery forged = delivery;
    forged.forged = true;
    forged.due = true_now + jittered();
    postman.post(std::move(forged));
  }
  if (hits(faults.notice_twice_percent, random)) {
    Delivery twin = delivery;
    twin.due = true_now + jittered();
    postman.post(std::move(twin));
  }
  postman.post(std::move(delivery));
}

Json to_json(const RailFaults& faults) {
  Json json;
  for (const RailKnob& knob : kKnobs)
    json.set(knob.name, faults.*knob.field);
  json.set("unauthorized", faults.unauthorized);
  for (const auto& [name, value] : faults.quirks)
    json.set(name, value);
  return json;
}

base::Result<RailFaults> changed_faults(RailFaults faults, std::span<const Quirk> quirks,
                                        const Json& changes) {
  if (!changes.is_object()) {
    return base::fail(base::ErrorCode::invalid_request, "Send a JSON object of fault knobs.");
  }
  for (const auto& [name, value] : changes.object()) {
    TRY(const bool known, change_one(faults, quirks, name, value));
    if (!known) {
      return base::fail(base::ErrorCode::invalid_request, "There is no knob of this name.", name);
    }
  }
  return faults;
}

Faults wire_faults(const RailFaults& faults) {
  Faults wire;
  wire.latency_ms = faults.latency_ms;
  wire.latency_jitter_ms = faults.latency_jitter_ms;
  wire.timeout_percent = faults.timeout_percent;
  wire.timeout_ms = faults.timeout_ms;
  wire.error_rate_percent = faults.error_rate_percent;
  wire.server_error_percent = faults.server_error_percent;
  wire.forbidden_html_percent = faults.forbidden_html_percent;
  wire.too_many_requests_percent = faults.too_many_requests_percent;
  wire.retry_after_s = faults.retry_after_s;
  wire.garbage_percent = faults.garbage_percent;
  wire.truncated_percent = faults.truncated_percent;
  return wire;
}

std::optional<std::pair<std::string, std::string>> basic_credentials(
    const base::HttpRequest& request) {
  constexpr std::string_view kScheme = "Basic ";
  const auto header = request.headers.find("Authorization");
  if (!header || !header->starts_with(kScheme)) return std::nullopt;
  std::string text(header->substr(kScheme.size()));
  text.resize(text.find_last_not_of('=') + 1);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  const auto pair = base::from_base64url(text);
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return std::pair(pair->substr(0, colon), pair->substr(colon + 1));
}

}  // namespace quittance::sandbox
