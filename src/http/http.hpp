// The door of http: the network edge. Routes, who may call them, JSON in and out, the pages.
#pragma once

#include <memory>
#include <string>

#include "audit/audit.hpp"
#include "checkout/checkout.hpp"
#include "detect/detect.hpp"
#include "notify/notify.hpp"

namespace quittance::http {

/// What the edge stands on, and its settings. All references outlive the Api.
struct ApiParts {
  storage::Store& store;
  const providers::Registry& registry;
  detect::Asker& asker;
  detect::Manual& manual;
  detect::Refunds& refunds;
  detect::Notices& notices;
  detect::Sync& sync;
  detect::Bulletin& bulletin;
  detect::SettleContext settle;
  detect::Admit admit;  ///< who registered for an event on a provider's own page
  checkout::CheckoutPolicy checkout;
  audit::Notary& notary;
  notify::Outbox& outbox;
  const base::Clock& clock;
  base::Random& random;
  base::Worker& worker;
  base::Log& log;
  base::Secret jwt_key;
  std::string merchant_name;
  std::string public_url;   ///< `http://127.0.0.1:8000`: what a QR proof points at
  std::string sandbox_url;  ///< empty when live
  /// Address of a reverse proxy whose `X-Forwarded-For` is believed; empty: none.
  std::string trusted_proxy;
  std::int64_t requests_per_minute = 1'200;       ///< per address
  std::int64_t guarded_requests_per_minute = 60;  ///< the same for recovery, login and the like
};

/// Answers every request of the server. Safe from any loop.
class Api {
 public:
  explicit Api(ApiParts parts);
  ~Api();
  base::Task<base::HttpResponse> handle(base::HttpRequest request);
  /// Open live-status streams are ended by the server's stop.
 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quittance::http
