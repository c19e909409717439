// What all adapters do with replies: statuses that are no answer, and how the provider is doing.
#pragma once

#include <mutex>

#include "providers/providers.hpp"

namespace quittance::providers {

/// The header by which our sandbox says that it is one; a live engine believes no such reply.
inline constexpr std::string_view kSandboxHeader = "X-Sandbox";

/// Retry-After in whole seconds, 1 to 3600; anything else is as if it were not there.
std::optional<base::Duration> retry_after(const base::HttpHeaders& headers);

/// What a status says that is no answer about a payment: 401, 403, 429, 5xx, and `unreadable` for
/// the rest; nullopt for 200 to 299.
std::optional<Unknown> unknown_from(const base::HttpReply& reply);

/// The same as an error, for calls that are no questions about a payment. `what` names the
/// provider.
base::Error error_from(const base::HttpReply& reply, std::string_view what);
/// The same; a refusal is told to a person with the provider's own words, if there are any.
base::Error error_from(const base::HttpReply& reply, std::string_view what, std::string_view words);

/// How a provider is doing. May be told from any thread.
class HealthRecord {
 public:
  explicit HealthRecord(const base::Clock& clock) : clock_(clock) {}
  void went_well();
  /// `alarm` empty: what was said before stays.
  void went_wrong(UnknownReason reason, std::string alarm = {});
  Health current() const;

 private:
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  Health health_;
};

}  // namespace quittance::providers
