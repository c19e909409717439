// A shop whose every act is in the log, as the program's own are; and a reader who trusts nobody.
#pragma once

#include "audit/audit.hpp"
#include "checkout/checkout.hpp"
#include "support/shop.hpp"

namespace quittance::testing {

class Market : public Shop {
 public:
  Market();
  ~Market();
  core::ProductId stock(std::int64_t pieces, core::Money price = usd(1'000));
  Placed order(std::vector<checkout::CartItem> items);
  core::SessionId open(core::OrderId id, core::Money amount);
  core::SessionId open(core::Money amount);
  core::Evidence money(core::SessionId id, std::string ref, core::Money amount);
  using Shop::money;
  using Shop::order;

  audit::Report verify();
  audit::Report verify(storage::Books& books);
  storage::StoredCheckpoint checkpoint();

  checkout::CheckoutPolicy policy;
  base::SigningKey log_key =
      base::SigningKey::from_seed(base::Secret(std::string(32, 'l'))).value();
  audit::Notary notary{*store, log_key, "shop.example/log", clock, log};
};

/// Days of trade with everything in it that the books can hold. Returns an order with a long story.
core::OrderId trade(Market& market);

}  // namespace quittance::testing
