// What can be made to go wrong at the sandbox bank, and the draw of what goes wrong now.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::sandbox {

/// Which calls a 403 HTML page hits; the real service refuses md5_list alone, and everything from
/// addresses abroad.
enum class ForbiddenScope { md5_list, all };
/// `1605774370608` as seen live, or `1605774370608.0` as documented.
enum class DateStyle { integer, floating };
/// Where a list item keeps its transaction; production's way is not known.
enum class ListWrapper { data, transaction, bare };
/// `Success` as seen live, the documented sentence, or either by chance.
enum class SuccessText { live, documented, varying };
/// `1.5` or `1.50`.
enum class WireAmount { shortest, two_decimals };

/// Every knob. A percentage is the chance of each call, drawn from the injected Random.
struct Faults {
  // The Bakong Open API as a whole.
  std::int64_t latency_ms = 0;            ///< half before the answer is made, half after
  std::int64_t latency_jitter_ms = 0;     ///< up to this much more, evenly drawn
  std::int64_t timeout_percent = 0;       ///< silence for timeout_ms, then 504
  std::int64_t timeout_ms = 120'000;      ///< longer than any client waits (official client: 45 s)
  std::int64_t error_rate_percent = 0;    ///< an HTML page with 500, 502, 503 or 504
  std::int64_t server_error_percent = 0;  ///< 500 with a JSON envelope
  std::int64_t forbidden_html_percent = 0;     ///< 403 page of a web server
  std::int64_t too_many_requests_percent = 0;  ///< 429
  std::int64_t retry_after_s = 5;              ///< on 429; 0: no such header
  std::int64_t garbage_percent = 0;            ///< 200 with bytes that are no JSON
  std::int64_t truncated_percent = 0;          ///< 200 with JSON cut in half
  std::int64_t clock_skew_ms = 0;              ///< added to the dates that are shown
  // Payments.
  std::int64_t not_found_for_ms = 0;  ///< paid now, shown by the API this much later
  /// Simulated payers: 0 none; otherwise every QR that becomes known, and every request at the
  /// other rails, is paid by the curve of C3, that many times faster (3600: an hour is a second).
  std::int64_t population_speed = 0;
  bool unauthorized = false;  ///< every token counts as expired
  /// Pays a KHQR whose expiry has passed. On by default: the product's promise is that a saved QR
  /// can be paid days later (S1.31), and banks differ in whether they look at tag 99 at all.
  bool honour_expired = true;
  bool wrong_amount = false;    ///< next payment only: one minor unit less (1 becomes 2)
  bool other_currency = false;  ///< next payment only: USD instead of KHR and the other way round
  bool other_receiver = false;  ///< next payment only: somebody else gets it
  ForbiddenScope forbidden_html_scope = ForbiddenScope::all;
  DateStyle date_style = DateStyle::integer;
  ListWrapper list_wrapper = ListWrapper::data;
  SuccessText success_text = SuccessText::live;
  WireAmount amount_style = WireAmount::shortest;

  bool operator==(const Faults&) const = default;
};

/// A knob that is a number from `least` to `most`.
struct NumberKnob {
  std::string_view name;  ///< of the field; also its JSON key and form field
  std::string_view label;
  std::int64_t Faults::* field;
  std::int64_t least;
  std::int64_t most;
};
/// A knob that is on or off.
struct SwitchKnob {
  std::string_view name;
  std::string_view label;
  bool Faults::* field;
};
/// A knob that is one of a few words.
struct ChoiceKnob {
  std::string_view name;
  std::string_view label;
  std::span<const std::string_view> words;
  std::size_t (*read)(const Faults&);         ///< index into words
  void (*write)(Faults&, std::size_t index);  ///< index < words.size()
};
std::span<const NumberKnob> number_knobs();
std::span<const SwitchKnob> switch_knobs();
std::span<const ChoiceKnob> choice_knobs();

base::Json to_json(const Faults& faults);
/// `faults` with the named members changed. Unknown names and values out of range are refused.
base::Result<Faults> changed_faults(Faults faults, const base::Json& changes);

/// What goes wrong with one call.
enum class Disturbance {
  none,
  timeout,
  forbidden,
  too_many_requests,
  gateway_error,
  server_error,
  garbage,
  truncated,
};
/// Draws one; the first in the order of the enum that hits wins. A knob at 0 draws nothing.
Disturbance draw_disturbance(const Faults& faults, std::string_view path, base::Random& random);
/// Milliseconds this call takes, jitter included.
base::Duration draw_latency(const Faults& faults, base::Random& random);
/// What the client gets instead of `honest`, or `honest` itself, whole or spoilt.
base::HttpResponse disturbed(Disturbance disturbance, const Faults& faults,
                             base::HttpResponse honest, base::Random& random);

}  // namespace quittance::sandbox
