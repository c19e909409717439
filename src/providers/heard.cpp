#include "providers/heard.hpp"

namespace quittance::providers {

std::optional<Unknown> trouble_in(const base::Result<base::HttpReply>& reply,
                                  std::string_view environment) {
  if (!reply) return Unknown{.reason = UnknownReason::timeout};
  if (environment == "live" && reply->headers.find(kSandboxHeader)) {
    return Unknown{.reason = UnknownReason::unreadable};
  }
  const auto unknown = unknown_from(*reply);
  const bool in_dialect = unknown && unknown->reason == UnknownReason::unreadable;
  return in_dialect ? std::nullopt : unknown;
}

std::string alarm_of(std::string_view title, std::string_view credentials, UnknownReason reason) {
  std::string what;
  if (reason == UnknownReason::unauthorized) {
    what = " refuses our credentials: check " + std::string(credentials);
  } else if (reason == UnknownReason::forbidden) {
    what = " answers 403: it may be closed to this server's address";
  } else {
    return {};
  }
  return std::string(title) + what + ". No payment fails by this, but none is seen until then.";
}

std::unexpected<base::Error> not_heard(std::string_view title, const Unknown& unknown) {
  const bool late = unknown.reason == UnknownReason::timeout;
  return base::fail(late ? base::ErrorCode::timeout : base::ErrorCode::provider_unavailable,
                    std::string(title) + " does not answer just now. Nothing changed; try again.",
                    "", std::string(to_text(unknown.reason)));
}

}  // namespace quittance::providers
