// The Stripe adapter and the sandbox's Stripe, wire to wire, in virtual time.
#pragma once

#include "unit/providers/rail_street.hpp"

namespace quittance::providers {

core::Money money(std::string_view amount, std::string_view code);

struct StripeStreet : OrderStreet {
  explicit StripeStreet(std::string environment = "sandbox");
  ~StripeStreet();
  static StripeOptions settings(std::string environment = "sandbox");
  base::Result<base::Json> act(const core::Session& session, std::string choice,
                               std::optional<std::string> amount = {});
};

}  // namespace quittance::providers
