#include "providers/reply.hpp"

#include <charconv>

namespace quittance::providers {

using base::ErrorCode;

std::optional<base::Duration> retry_after(const base::HttpHeaders& headers) {
  const std::string_view text = headers.find("Retry-After").value_or("");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (seconds < 1 || seconds > 3'600) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::optional<Unknown> unknown_from(const base::HttpReply& reply) {
  if (reply.status >= 200 && reply.status < 300) return std::nullopt;
  Unknown unknown{.reason = UnknownReason::unreadable, .retry_after = retry_after(reply.headers)};
  if (reply.status == 401) unknown.reason = UnknownReason::unauthorized;
  if (reply.status == 403) unknown.reason = UnknownReason::forbidden;
  if (reply.status == 429) unknown.reason = UnknownReason::throttled;
  if (reply.status >= 500) unknown.reason = UnknownReason::server_error;
  return unknown;
}

base::Error error_from(const base::HttpReply& reply, std::string_view what) {
  const bool retryable = reply.status == 401 || reply.status == 403 || reply.status == 409 ||
                         reply.status == 429 || reply.status >= 500;
  const std::string name(what);
  return {.code = retryable ? ErrorCode::provider_unavailable : ErrorCode::provider_refused,
          .message = retryable ? name + " cannot do this just now."
                               : name + " refused what it was asked to do.",
          .detail = std::to_string(reply.status) + " " + reply.body.substr(0, 500)};
}

base::Error error_from(const base::HttpReply& reply, std::string_view what,
                       std::string_view words) {
  constexpr std::size_t kWordsMost = 200;
  base::Error error = error_from(reply, what);
  if (error.code != ErrorCode::provider_refused || words.empty()) return error;
  error.message =
      std::string(what) + " refused: " + base::made_storable(words.substr(0, kWordsMost));
  return error;
}

void HealthRecord::went_well() {
  const std::lock_guard lock(mutex_);
  health_.last_ok_at = clock_.now();
  health_.alarm.clear();
}

void HealthRecord::went_wrong(UnknownReason reason, std::string alarm) {
  const std::lock_guard lock(mutex_);
  health_.last_error_at = clock_.now();
  health_.last_error = to_text(reason);
  if (!alarm.empty()) health_.alarm = std::move(alarm);
}

Health HealthRecord::current() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

}  // namespace quittance::providers
