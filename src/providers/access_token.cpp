#include "providers/access_token.hpp"

#include <algorithm>
#include <charconv>

namespace quittance::providers {
namespace {

/// Renewed this long before its end, or at a tenth of its life when that is shorter.
constexpr base::Duration kEarly = std::chrono::minutes(5);
/// What was just granted counts as good, whatever its date says: clocks differ.
constexpr base::Duration kFresh{60'000};
/// Refused so soon after it was granted, a token is not renewed again.
constexpr base::Duration kRefusedAtOnce{10'000};
/// Refused credentials are not tried again before.
constexpr base::Duration kRefusalHolds{30'000};
constexpr std::int64_t kAbsoluteFrom = 1'000'000'000;
constexpr std::int64_t kLatestEnd = 100'000'000'000;

}  // namespace

bool AccessToken::good(base::Time now) const {
  if (!grant_) return false;
  const base::Duration since = now - granted_at_;
  if (since >= base::Duration{0} && since < kFresh) return true;
  const base::Duration life = grant_->access_ends_at - granted_at_;
  return now < grant_->access_ends_at - std::clamp(life / 10, base::Duration{0}, kEarly);
}

base::Task<AccessToken::Token> AccessToken::get() {
  {
    const std::lock_guard lock(mutex_);
    if (good(clock_.now())) co_return grant_->access;
  }
  co_return co_await fetched();
}

base::Task<AccessToken::Token> AccessToken::instead_of(base::Secret refused) {
  {
    const std::lock_guard lock(mutex_);
    const bool known = grant_ && grant_->access == refused;
    // Somebody else has renewed it meanwhile.
    if (grant_ && !known) co_return grant_->access;
    const base::Duration since = clock_.now() - granted_at_;
    if (known && since >= base::Duration{0} && since < kRefusedAtOnce) {
      co_return std::unexpected(Unknown{.reason = UnknownReason::unauthorized});
    }
  }
  co_return co_await fetched();
}

base::Task<AccessToken::Token> AccessToken::fetched() {
  std::optional<Grant> last;
  bool leads = false;
  {
    const std::lock_guard lock(mutex_);
    const base::Duration since = clock_.now() - refused_at_;
    if (refusal_ && since >= base::Duration{0} && since < kRefusalHolds) {
      co_return std::unexpected(*refusal_);
    }
    if (!fetching_) {
      leads = true;
      fetching_ = true;
      last = grant_;
    }
  }
  if (!leads) {
    base::Callback<Token> shared([this](Waiter waiter) {
      std::optional<Token> ended;
      {
        const std::lock_guard lock(mutex_);
        if (fetching_) {
          waiters_.push_back(std::move(waiter));
          return;
        }
        ended = outcome_;
      }
      waiter(std::move(*ended));
    });
    co_return co_await shared;
  }
  base::Task<Granted> fetch = fetch_(std::move(last));
  Granted granted = co_await fetch;
  co_return keep(std::move(granted));
}

AccessToken::Token AccessToken::keep(Granted granted) {
  std::vector<Waiter> waiting;
  Token token;
  {
    const std::lock_guard lock(mutex_);
    fetching_ = false;
    if (granted) {
      grant_ = std::move(*granted);
      granted_at_ = clock_.now();
      refusal_.reset();
      token = grant_->access;
    } else {
      if (granted.error().reason == UnknownReason::unauthorized) {
        refusal_ = granted.error();
        refused_at_ = clock_.now();
      }
      token = std::unexpected(granted.error());
    }
    outcome_ = token;
    waiting = std::move(waiters_);
    waiters_.clear();
  }
  for (Waiter& waiter : waiting)
    waiter(token);
  return token;
}

std::optional<base::Time> token_end(const base::Json& expires_in, base::Time now) {
  auto seconds = expires_in.integer();
  if (const auto text = expires_in.string()) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc() && end == text->data() + text->size()) seconds = value;
  }
  if (!seconds || *seconds <= 0 || *seconds > kLatestEnd) return std::nullopt;
  if (*seconds >= kAbsoluteFrom) return base::from_ms(*seconds * 1'000);
  return now + std::chrono::seconds(*seconds);
}

}  // namespace quittance::providers
