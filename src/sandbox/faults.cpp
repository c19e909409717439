#include "sandbox/faults.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace quittance::sandbox {
namespace {

using base::Json;

constexpr std::int64_t kDayMs = 86'400'000;

constexpr NumberKnob kNumberKnobs[] = {
    {"latency_ms", "Answer this much later (ms)", &Faults::latency_ms, 0, 600'000},
    {"latency_jitter_ms", "… and up to this much more (ms)", &Faults::latency_jitter_ms, 0,
     600'000},
    {"timeout_percent", "No answer in time (%)", &Faults::timeout_percent, 0, 100},
    {"timeout_ms", "Length of that silence (ms)", &Faults::timeout_ms, 1, 600'000},
    {"error_rate_percent", "Gateway errors 5xx (%)", &Faults::error_rate_percent, 0, 100},
    {"server_error_percent", "Internal server error, JSON (%)", &Faults::server_error_percent, 0,
     100},
    {"forbidden_html_percent", "403 web page (%)", &Faults::forbidden_html_percent, 0, 100},
    {"too_many_requests_percent", "429 Too many requests (%)", &Faults::too_many_requests_percent,
     0, 100},
    {"retry_after_s", "Retry-After on 429 (s; 0: none)", &Faults::retry_after_s, 0, 86'400},
    {"garbage_percent", "Bytes that are no JSON (%)", &Faults::garbage_percent, 0, 100},
    {"truncated_percent", "JSON cut in half (%)", &Faults::truncated_percent, 0, 100},
    {"clock_skew_ms", "Clock of the bank is off by (ms)", &Faults::clock_skew_ms, -kDayMs, kDayMs},
    {"not_found_for_ms", "Payments are shown this much later (ms)", &Faults::not_found_for_ms, 0,
     45 * kDayMs},
    {"population_speed", "Simulated payers, times faster than life (0: none)",
     &Faults::population_speed, 0, 10'000'000},
};

constexpr SwitchKnob kSwitchKnobs[] = {
    {"unauthorized", "Every token counts as expired", &Faults::unauthorized},
    {"honour_expired", "Expired QR codes can still be paid", &Faults::honour_expired},
    {"wrong_amount", "Next payment: wrong amount", &Faults::wrong_amount},
    {"other_currency", "Next payment: other currency", &Faults::other_currency},
    {"other_receiver", "Next payment: other receiver", &Faults::other_receiver},
};

constexpr std::string_view kScopeWords[] = {"md5_list", "all"};
constexpr std::string_view kDateWords[] = {"integer", "floating"};
constexpr std::string_view kWrapperWords[] = {"data", "transaction", "inline"};
constexpr std::string_view kSuccessWords[] = {"live", "documented", "varying"};
constexpr std::string_view kAmountWords[] = {"shortest", "two_decimals"};

/// A choice knob over an enum field whose values number its words.
template <auto Field>
constexpr ChoiceKnob choice(std::string_view name, std::string_view label,
                            std::span<const std::string_view> words) {
  return {name, label, words,
          [](const Faults& faults) { return static_cast<std::size_t>(faults.*Field); },
          [](Faults& faults, std::size_t index) {
            using Enum = std::remove_reference_t<decltype(faults.*Field)>;
            faults.*Field = static_cast<Enum>(index);
          }};
}

constexpr ChoiceKnob kChoiceKnobs[] = {
    choice<&Faults::forbidden_html_scope>("forbidden_html_scope", "403 web page for", kScopeWords),
    choice<&Faults::date_style>("date_style", "Dates are written as", kDateWords),
    choice<&Faults::list_wrapper>("list_wrapper", "List items hold theirs in", kWrapperWords),
    choice<&Faults::success_text>("success_text", "Text of success", kSuccessWords),
    choice<&Faults::amount_style>("amount_style", "Amounts are written", kAmountWords),
};

/// True with the given chance; draws nothing when there is none.
bool hits(std::int64_t percent, base::Random& random) {
  return percent > 0 && random.below(100) < static_cast<std::uint64_t>(percent);
}

base::HttpResponse page(int status, std::string_view title, std::string_view text) {
  base::HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "text/html");
  response.body = "<html>\n<head><title>" + std::string(title) + "</title></head>\n<body>\n<h1>" +
                  std::string(title) + "</h1>\n<p>" + std::string(text) +
                  "</p>\n</body>\n</html>\n";
  return response;
}

base::HttpResponse gateway_error(base::Random& random) {
  struct Row {
    int status;
    std::string_view title;
  };
  static constexpr std::array<Row, 4> kRows{{{500, "500 Internal Server Error"},
                                             {502, "502 Bad Gateway"},
                                             {503, "503 Service Unavailable"},
                                             {504, "504 Gateway Time-out"}}};
  const Row& row = kRows[random.below(kRows.size())];
  return page(row.status, row.title, "The service behind this gateway is resting.");
}

base::HttpResponse envelope(int status, std::string_view message) {
  base::HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = Json::object({{"responseCode", 1},
                                {"responseMessage", message},
                                {"errorCode", nullptr},
                                {"data", nullptr}})
                      .dump();
  return response;
}

base::Result<bool> change_one(Faults& faults, const std::string& name, const Json& value) {
  const auto refused = [&](std::string text) {
    return base::fail(base::ErrorCode::invalid_request, name + " " + text, name);
  };
  for (const NumberKnob& knob : kNumberKnobs) {
    if (knob.name != name) continue;
    const auto number = value.integer();
    if (!number || *number < knob.least || *number > knob.most) {
      return refused("must be a whole number from " + std::to_string(knob.least) + " to " +
                     std::to_string(knob.most) + ".");
    }
    faults.*knob.field = *number;
    return true;
  }
  for (const SwitchKnob& knob : kSwitchKnobs) {
    if (knob.name != name) continue;
    const auto on = value.boolean();
    if (!on) return refused("must be true or false.");
    faults.*knob.field = *on;
    return true;
  }
  for (const ChoiceKnob& knob : kChoiceKnobs) {
    if (knob.name != name) continue;
    const auto found = std::ranges::find(knob.words, value.text_or_empty());
    if (found == knob.words.end()) {
      std::string words;
      for (const std::string_view word : knob.words)
        words += " " + std::string(word);
      return refused("must be one of:" + words + ".");
    }
    knob.write(faults, static_cast<std::size_t>(std::distance(knob.words.begin(), found)));
    return true;
  }
  return false;
}

}  // namespace

std::span<const NumberKnob> number_knobs() { return kNumberKnobs; }
std::span<const SwitchKnob> switch_knobs() { return kSwitchKnobs; }
std::span<const ChoiceKnob> choice_knobs() { return kChoiceKnobs; }

Json to_json(const Faults& faults) {
  Json json;
  for (const NumberKnob& knob : kNumberKnobs)
    json.set(knob.name, faults.*knob.field);
  for (const SwitchKnob& knob : kSwitchKnobs)
    json.set(knob.name, faults.*knob.field);
  for (const ChoiceKnob& knob : kChoiceKnobs)
    json.set(knob.name, knob.words[knob.read(faults)]);
  return json;
}

base::Result<Faults> changed_faults(Faults faults, const Json& changes) {
  if (!changes.is_object()) {
    return base::fail(base::ErrorCode::invalid_request, "Send a JSON object of fault knobs.");
  }
  for (const auto& [name, value] : changes.object()) {
    TRY(const bool known, change_one(faults, name, value));
    if (!known) {
      return base::fail(base::ErrorCode::invalid_request, "There is no knob of this name.", name);
    }
  }
  return faults;
}

Disturbance draw_disturbance(const Faults& faults, std::string_view path, base::Random& random) {
  if (hits(faults.timeout_percent, random)) return Disturbance::timeout;
  bool in_scope = false;
  switch (faults.forbidden_html_scope) {
    case ForbiddenScope::all:
      in_scope = true;
      break;
    case ForbiddenScope::md5_list:
      in_scope = path.ends_with("_by_md5_list");
      break;
  }
  if (in_scope && hits(faults.forbidden_html_percent, random)) return Disturbance::forbidden;
  if (hits(faults.too_many_requests_percent, random)) return Disturbance::too_many_requests;
  if (hits(faults.error_rate_percent, random)) return Disturbance::gateway_error;
  if (hits(faults.server_error_percent, random)) return Disturbance::server_error;
  if (hits(faults.garbage_percent, random)) return Disturbance::garbage;
  if (hits(faults.truncated_percent, random)) return Disturbance::truncated;
  return Disturbance::none;
}

base::Duration draw_latency(const Faults& faults, base::Random& random) {
  std::int64_t ms = faults.latency_ms;
  if (faults.latency_jitter_ms > 0) {
    const auto bound = static_cast<std::uint64_t>(faults.latency_jitter_ms) + 1;
    ms += static_cast<std::int64_t>(random.below(bound));
  }
  return base::Duration{ms};
}

base::HttpResponse disturbed(Disturbance disturbance, const Faults& faults,
                             base::HttpResponse honest, base::Random& random) {
  switch (disturbance) {
    case Disturbance::none:
      return honest;
    case Disturbance::timeout:
      return page(504, "504 Gateway Time-out", "Nobody behind this gateway answered.");
    case Disturbance::forbidden:
      return page(403, "403 Forbidden", "This address may not use this service.");
    case Disturbance::too_many_requests: {
      base::HttpResponse response = envelope(429, "Too many requests");
      if (faults.retry_after_s > 0) {
        response.headers.add("Retry-After", std::to_string(faults.retry_after_s));
      }
      return response;
    }
    case Disturbance::gateway_error:
      return gateway_error(random);
    case Disturbance::server_error:
      return envelope(500, "Internal server error");
    case Disturbance::garbage:
      honest.body = "\x1f\x8b{not json " + random.hex(16);
      return honest;
    case Disturbance::truncated:
      honest.body.resize(honest.body.size() / 2);
      return honest;
  }
  return honest;
}

}  // namespace quittance::sandbox
