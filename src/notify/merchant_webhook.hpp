// What we push to the merchant: a signed event by POST, to each of their endpoints
// (docs/webhooks.md).
#pragma once

#include <memory>
#include <span>

#include "notify/carrier.hpp"

namespace quittance::notify {

/// Limits of one endpoint (law 9).
inline constexpr std::int64_t kWebhooksAtOnce = 8;
inline constexpr base::Duration kWebhookTimeout{10'000};
/// Of the answer's body, which nobody reads.
inline constexpr std::size_t kWebhookAnswerLimit = 64 * 1024;
/// Shorter secrets could be guessed from a signature.
inline constexpr std::size_t kWebhookSecretLeast = 16;

/// Where one merchant's program listens.
struct WebhookEndpoint {
  std::string url;
  /// What we sign with; two while one is being replaced, and then each signs.
  std::vector<base::Secret> secrets;
};

/// Reads addresses with blanks between, and as many secrets in the same order; `new,old` are two of
/// one endpoint. https, but for this very machine; no login and no fragment. The error's `param` is
/// `url` or `secret`, its message says what it must be.
base::Result<std::vector<WebhookEndpoint>> read_webhook_endpoints(std::string_view urls,
                                                                  const base::Secret& secrets);

/// Names this event, the same at each attempt: `evt_` and 32 hex digits.
std::string event_id(const storage::OutboxEntry& news);
/// The body that is signed and sent.
std::string event_body(const storage::OutboxEntry& news);
/// `t=<seconds>,v1=<hex of HMAC-SHA256 over "t.body">`, a v1 for each secret.
std::string event_signature(std::span<const base::Secret> secrets, base::Time now,
                            std::string_view body);

/// Everything about orders goes there. 2xx is taken; 410 ends the endpoint; all else is tried
/// again. Redirects are not followed.
std::unique_ptr<Carrier> make_merchant_webhook(WebhookEndpoint endpoint, base::HttpClient& client,
                                               const base::Clock& clock);

}  // namespace quittance::notify
