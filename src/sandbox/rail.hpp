// What the simulator of one more provider is made of, and what the sandbox does for it: a desk to
// work at, faults on the wire, notices, and a place in the bank app.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/postman.hpp"
#include "sandbox/shelf.hpp"

namespace quittance::sandbox {

/// What can go wrong on one rail. Percentages are of each call or notice.
struct RailFaults {
  std::int64_t latency_ms = 0;
  std::int64_t latency_jitter_ms = 0;
  std::int64_t timeout_percent = 0;  ///< the work is done, the answer is silence
  std::int64_t timeout_ms = 120'000;
  std::int64_t error_rate_percent = 0;    ///< an HTML page with 500, 502, 503 or 504; no work done
  std::int64_t server_error_percent = 0;  ///< the work is done, the answer is their own 500
  std::int64_t forbidden_html_percent = 0;
  std::int64_t too_many_requests_percent = 0;
  std::int64_t retry_after_s = 5;
  std::int64_t garbage_percent = 0;
  std::int64_t truncated_percent = 0;
  std::int64_t clock_skew_ms = 0;     ///< added to the dates that are shown and signed
  std::int64_t notice_delay_ms = 0;   ///< before the first attempt
  std::int64_t notice_jitter_ms = 0;  ///< and up to this much more: they overtake each other
  std::int64_t notice_lost_percent = 0;
  std::int64_t notice_twice_percent = 0;
  std::int64_t notice_forged_percent = 0;  ///< one more comes that says the same, signed wrongly
  bool unauthorized = false;               ///< every credential counts as wrong
  /// Peculiarities of this rail, by the names in Rail::quirks.
  std::map<std::string, std::int64_t, std::less<>> quirks{};
};

/// A peculiarity that a rail can be told to show.
struct Quirk {
  std::string_view name;
  std::string_view label;
  std::int64_t usual = 0;  ///< what it is unless somebody says otherwise
  std::int64_t most = 1;
};

/// How a simulated account is set up at its provider.
struct RailSettings {
  std::string key_id{};
  base::Secret secret{};
  /// The newest first; a provider that rolls secrets signs with all of them.
  std::vector<base::Secret> notice_secrets{};
  std::string notice_url{};  ///< empty: notices go nowhere
  std::string merchant = "Quittance Computers";
};

/// What a rail's simulator works with. Whoever holds one holds Sandbox's mutex.
struct RailDesk {
  std::string_view rail;
  base::Time now;  ///< with clock_skew_ms in it
  base::Random& random;
  Shelf& shelf;
  RailFaults& faults;
  RailSettings& settings;
  Postman& postman;
  std::span<const Quirk> quirks;
  std::string origin;  ///< scheme and host under which people reach us
  /// Their own 500 will be the answer; what was done stays done.
  bool broken = false;
  base::Time answer_leaves_at{};  ///< until then this request counts as being worked on

  std::int64_t quirk(std::string_view name) const;
  std::int64_t now_s() const { return base::to_ms(now) / 1000; }
  /// `letters` characters of 0-9A-Za-z.
  std::string draw_id(std::string_view prefix, std::size_t letters) const;
  /// Sends a notice to `settings.notice_url`, or to its own url, through the faults.
  void notify(Delivery delivery) const;
};

/// One request that waits for a payer.
struct Waiting {
  std::string ref;
  std::string title;
  std::string sum;  ///< for people: `INR 250.00`
};
/// What a payer can do: `{"pay", "Pay by UPI"}`.
struct Choice {
  std::string_view name;
  std::string_view label;
};
/// What a payer does.
struct Act {
  std::string choice;
  std::optional<std::string> amount{};    ///< major units, instead of what is asked for
  std::optional<std::string> currency{};  ///< as the rail spells it
  std::string payer{};
  base::Json details{};  ///< what else the payer's form held, as the rail knows it
};

/// One provider, as the file of its simulator declares it: the sandbox knows no more of it.
struct Rail {
  std::string_view name;
  std::string_view title;
  /// Whether a request is for this provider: by its path, or by whose key it carries.
  bool (*claims)(const base::HttpRequest& request);
  base::HttpResponse (*answer)(RailDesk& desk, const base::HttpRequest& request);
  /// Their own words for 429 and 500.
  base::HttpResponse (*trouble)(RailDesk& desk, int status);
  /// Headers and signature of one attempt; null: nothing is signed.
  void (*seal)(RailDesk& desk, Delivery& delivery);
  std::vector<Waiting> (*waiting)(RailDesk& desk);
  /// The ref in `Waiting` of a scanned or pasted code; nullopt: it is not of this rail.
  std::optional<std::string> (*find)(RailDesk& desk, std::string_view code);
  std::span<const Choice> choices;  ///< the first one pays
  /// Errors: not_found (no such ref), conflict (it cannot be paid any more), invalid_request.
  base::Result<base::Json> (*act)(RailDesk& desk, const std::string& ref, const Act& act);
  std::span<const Quirk> quirks;
  /// Whether the payer's page offers this choice for this request; null: always.
  bool (*offers)(RailDesk& desk, const std::string& ref, const Choice& choice) = nullptr;
};

base::Json to_json(const RailFaults& faults);
/// Unknown names and values out of range are refused.
base::Result<RailFaults> changed_faults(RailFaults faults, std::span<const Quirk> quirks,
                                        const base::Json& changes);
/// The wire's part of them, as the Bakong desk draws it.
Faults wire_faults(const RailFaults& faults);

/// `user:password` of a Basic header; nullopt for anything else. The scheme is taken by the letter.
std::optional<std::pair<std::string, std::string>> basic_credentials(
    const base::HttpRequest& request);

}  // namespace quittance::sandbox
