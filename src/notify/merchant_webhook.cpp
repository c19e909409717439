#include "notify/merchant_webhook.hpp"

#include <algorithm>
#include <sstream>

#include "notify/url.hpp"

namespace quittance::notify {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;
using storage::OutboxEntry;

constexpr std::size_t kEndpointsLimit = 16;

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(std::move(word));
  return words;
}

bool is_fit(const std::string& address) {
  const auto url = parse_url(address);
  if (!url || url->has_login || url->has_fragment) return false;
  return url->scheme == "https" || (url->scheme == "http" && base::is_loopback(url->host));
}

Result<std::vector<base::Secret>> read_secrets(const std::string& word) {
  std::vector<base::Secret> secrets;
  std::istringstream stream(word);
  for (std::string secret; std::getline(stream, secret, ',');) {
    if (secret.size() < kWebhookSecretLeast || secrets.size() == 2) {
      return fail(ErrorCode::invalid_request,
                  "must be at least 16 characters for each endpoint; two with a comma between "
                  "while one is being replaced.",
                  "secret");
    }
    secrets.emplace_back(std::move(secret));
  }
  return secrets;
}

class MerchantWebhook final : public Carrier {
 public:
  MerchantWebhook(WebhookEndpoint endpoint, base::HttpClient& client, const base::Clock& clock)
      : endpoint_(std::move(endpoint)), client_(client), clock_(clock) {}

  const std::string& destination() const override { return endpoint_.url; }
  storage::DeliveryKind kind() const override { return storage::DeliveryKind::merchant_webhook; }
  Result<bool> wants(storage::Books&, const OutboxEntry& news, const core::Order*) const override {
    return news.topic.starts_with("order.");
  }
  std::int64_t at_once() const override { return kWebhooksAtOnce; }
  base::Duration timeout() const override { return kWebhookTimeout; }

  Task<Attempt> carry(storage::Delivery delivery) override {
    base::HttpCall call{.method = "POST",
                        .url = endpoint_.url,
                        .headers = {},
                        .body = event_body(delivery.news),
                        .timeout = kWebhookTimeout,
                        .response_limit_bytes = kWebhookAnswerLimit};
    call.headers.add("Content-Type", "application/json");
    call.headers.add("Quittance-Event-Id", event_id(delivery.news));
    call.headers.add("Quittance-Signature",
                     event_signature(endpoint_.secrets, clock_.now(), call.body));
    const auto reply = co_await client_.send(std::move(call));
    if (!reply) {
      const bool late = reply.error().code == ErrorCode::timeout;
      co_return Attempt{.outcome = Attempt::Outcome::failed,
                        .error = late ? "timeout" : "unreachable",
                        .destination_down = true};
    }
    co_return judge(reply->status);
  }

 private:
  static Attempt judge(int status) {
    if (status >= 200 && status < 300) return {.outcome = Attempt::Outcome::delivered};
    if (status == 410) return {.outcome = Attempt::Outcome::gone, .error = "endpoint_gone"};
    return {.outcome = Attempt::Outcome::failed,
            .error = "http_" + std::to_string(status),
            .destination_down = status >= 500 || status == 429};
  }

  WebhookEndpoint endpoint_;
  base::HttpClient& client_;
  const base::Clock& clock_;
};

}  // namespace

Result<std::vector<WebhookEndpoint>> read_webhook_endpoints(std::string_view urls,
                                                            const base::Secret& secrets) {
  const std::vector<std::string> addresses = words_of(urls);
  const std::vector<std::string> words = words_of(secrets.reveal());
  std::vector<WebhookEndpoint> endpoints;
  if (addresses.size() > kEndpointsLimit || !std::ranges::all_of(addresses, is_fit)) {
    return fail(ErrorCode::invalid_request,
                "must be addresses that begin with https:// (http:// only on this machine), "
                "without a login or a fragment, with blanks between, 16 at most.",
                "url");
  }
  if (words.size() != addresses.size()) {
    return fail(ErrorCode::invalid_request,
                "must hold as many secrets as there are endpoints, in the same order, with blanks "
                "between.",
                "secret");
  }
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (std::ranges::find(endpoints, addresses[i], &WebhookEndpoint::url) != endpoints.end()) {
      return fail(ErrorCode::invalid_request, "names an endpoint twice.", "url");
    }
    TRY(auto of_this, read_secrets(words[i]));
    endpoints.push_back({.url = addresses[i], .secrets = std::move(of_this)});
  }
  return endpoints;
}

std::string event_id(const OutboxEntry& news) {
  return "evt_" + base::sha256_hex(news.dedupe_key).substr(0, 32);
}

std::string event_body(const OutboxEntry& news) {
  const auto payload = Json::parse(news.payload);
  return Json::object({{"id", event_id(news)},
                       {"type", news.topic},
                       {"created_at", base::to_ms(news.created_at)},
                       {"data", payload ? *payload : Json()}})
      .dump();
}

std::string event_signature(std::span<const base::Secret> secrets, base::Time now,
                            std::string_view body) {
  const std::string seconds = std::to_string(base::to_ms(now) / 1'000);
  const std::string message = seconds + "." + std::string(body);
  std::string signature = "t=" + seconds;
  for (const base::Secret& secret : secrets)
    signature += ",v1=" + base::hmac_sha256_hex(secret, message);
  return signature;
}

std::unique_ptr<Carrier> make_merchant_webhook(WebhookEndpoint endpoint, base::HttpClient& client,
                                               const base::Clock& clock) {
  return std::make_unique<MerchantWebhook>(std::move(endpoint), client, clock);
}

}  // namespace quittance::notify
