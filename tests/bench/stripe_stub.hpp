// The other side of the wire, as small as can be: a Stripe where everything is paid.
#pragma once

#include <map>

#include "base/base.hpp"
#include "bench/shop.hpp"

namespace quittance::bench {

inline constexpr const char* kStripeSecret = "whsec_measured_by_the_bench";

/// Answers `GET /v1/payment_intents/{id}` for each order of a shop as paid in full, on a thread of
/// its own, as long as it lives.
class StripeStub {
 public:
  StripeStub(const Shop& shop, Tools& tools);
  /// What makes the program ask here, as often as it may.
  std::vector<std::string> settings() const;

 private:
  base::HttpResponse answer(const std::string& path) const;
  std::map<std::string, std::int64_t> amounts_;
  base::EventLoops loops_{1};
  std::unique_ptr<base::HttpServer> server_;
};

/// Stripe's id of the intent that stands for an order here.
std::string intent_of(core::OrderId id);

/// Turns every session of a shop's books into one that was presented by Stripe.
inline constexpr const char* kPresentByStripe =
    "UPDATE payment_sessions SET provider = 'stripe', receiver = '', "
    "provider_ref = 'pi_bench_' || order_id";

/// The signed notices that the intents of these orders have succeeded, ready to be sent. They are
/// good for five minutes.
std::vector<std::string> stripe_notices(std::span<const core::OrderId> orders, base::Time now);

}  // namespace quittance::bench
