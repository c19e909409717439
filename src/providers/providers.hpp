// The door of providers: one port, behind which every payment provider looks alike. Adapters have
// no headers; the registry below makes them by name.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/core.hpp"

namespace quittance::providers {

/// The provider confirms that money moved.
struct Paid {
  std::string provider_ref;
  core::Money amount;
  std::string receiver;
  std::string payer;
  base::Time paid_at;
  std::string raw;  ///< its own words
};
/// The provider answered: nothing has come so far.
struct NotYet {};
/// The provider answered: this attempt failed for good. Money may still come by another attempt.
struct FinalNo {
  std::string reason;
};
/// Why nothing is known. None of these is a no (law 3).
enum class UnknownReason {
  timeout,       ///< no answer in time, or no connection
  forbidden,     ///< 403, as from outside the country
  unauthorized,  ///< our token is expired or wrong
  throttled,     ///< 429
  server_error,  ///< 5xx, or the provider's own "cannot connect"
  unreadable,    ///< an answer that is not in the dialect
};
std::string_view to_text(UnknownReason reason);
/// The provider could not be asked, or what it said cannot be understood.
struct Unknown {
  UnknownReason reason = UnknownReason::timeout;
  std::optional<base::Duration> retry_after{};
};
/// There is no conversion to bool, and none from Unknown to NotYet.
using Answer = std::variant<Paid, NotYet, FinalNo, Unknown>;
std::string_view to_text(const Answer& answer);

/// What a payer is to be shown.
struct SessionDraft {
  core::Money amount;
  std::string bill_number;
  base::Time created_at;
  base::Time expires_at;
};
struct Presentation {
  std::string qr_data;
  std::string md5_hash;
  std::string receiver;  ///< account that the money will reach
};

/// What a provider can do, as data.
struct Capabilities {
  std::size_t bulk_limit = 1;     ///< sessions in one question
  bool makes_deep_links = false;  ///< has a link that opens a banking app
};

/// How a provider is doing, for staff and alarms (N11).
struct Health {
  std::optional<base::Time> last_ok_at;
  std::optional<base::Time> last_error_at;
  std::string last_error;
  std::optional<base::Time> token_expires_at;
  std::string alarm;  ///< empty: none; else what a person must do
};

/// The port. Methods are called from any loop; nothing in here touches the books.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view environment() const = 0;  ///< `sandbox` or `live`
  virtual Capabilities capabilities() const = 0;
  virtual base::Result<Presentation> present(const SessionDraft& draft) = 0;
  /// One Answer per session, in their order. Never more than `bulk_limit` sessions.
  virtual base::Task<std::vector<Answer>> query(std::vector<core::Session> sessions) = 0;
  /// A link that opens a banking app for this payload; empty when the provider gives none.
  virtual base::Task<base::Result<std::string>> deep_link(core::Session session) = 0;
  virtual Health health() const = 0;
};

/// Settings of the Bakong adapter.
struct BakongOptions {
  std::string base_url;
  base::Secret token;
  std::string account_id;     ///< `shop@bank`
  std::string merchant_name;  ///< ≤ 25 UTF-16 units
  std::string merchant_city = "Phnom Penh";
  std::string merchant_id;  ///< with acquiring_bank: a corporate merchant (tag 30)
  std::string acquiring_bank;
  std::string environment = "sandbox";
  base::Duration timeout{8'000};
};

/// All adapters that a configuration asks for, by name.
class Registry {
 public:
  void add(std::unique_ptr<Provider> provider) { providers_.push_back(std::move(provider)); }
  /// nullptr when there is none of that name.
  Provider* find(std::string_view name) const;
  const std::vector<std::unique_ptr<Provider>>& all() const { return providers_; }

 private:
  std::vector<std::unique_ptr<Provider>> providers_;
};

/// The adapter of the National Bank of Cambodia's Bakong Open API (KHQR).
std::unique_ptr<Provider> make_bakong(BakongOptions options, base::HttpClient& client,
                                      const base::Clock& clock, base::Log& log);

}  // namespace quittance::providers
