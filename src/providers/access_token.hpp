// An access token that many callers share: fetched once however many ask at a time, renewed before
// it ends, and once more when the provider refuses it.
#pragma once

#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "providers/providers.hpp"

namespace quittance::providers {

/// What a provider granted.
struct Grant {
  base::Secret access;
  base::Time access_ends_at;
  base::Secret refresh{};  ///< empty: there is none
  base::Time refresh_ends_at{};
};

/// Safe from any thread and any loop. Must outlive every Task it gave out.
class AccessToken {
 public:
  using Granted = std::expected<Grant, Unknown>;
  using Token = std::expected<base::Secret, Unknown>;
  /// Asks the provider; is handed the last grant, for its refresh token. Never runs twice at once.
  using Fetch = std::move_only_function<base::Task<Granted>(std::optional<Grant> last)>;

  AccessToken(const base::Clock& clock, Fetch fetch) : clock_(clock), fetch_(std::move(fetch)) {}

  /// A token that is good for a while.
  base::Task<Token> get();
  /// A token after the provider refused this one. What was granted a moment ago and is refused
  /// already is not renewed: it would be refused again.
  base::Task<Token> instead_of(base::Secret refused);

 private:
  using Waiter = base::Callback<Token>::Resume;
  bool good(base::Time now) const;
  base::Task<Token> fetched();
  Token keep(Granted granted);

  const base::Clock& clock_;
  Fetch fetch_;
  std::mutex mutex_;
  std::optional<Grant> grant_;
  base::Time granted_at_{};
  std::optional<Unknown> refusal_;  ///< our credentials were refused
  base::Time refused_at_{};
  bool fetching_ = false;
  std::optional<Token> outcome_;  ///< of the last fetch
  std::vector<Waiter> waiters_;
};

/// When a token ends by its `expires_in`: seconds from now, or, from 10^9 on, a moment in seconds
/// since the epoch (QPay). nullopt when it says neither.
std::optional<base::Time> token_end(const base::Json& expires_in, base::Time now);

}  // namespace quittance::providers
