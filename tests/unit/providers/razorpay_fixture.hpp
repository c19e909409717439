// The Razorpay adapter and the sandbox's Razorpay, wire to wire, in virtual time.
#pragma once

#include "unit/providers/rail_street.hpp"

namespace quittance::providers {

core::Money inr(std::int64_t paise);

struct RazorpayStreet : OrderStreet {
  explicit RazorpayStreet(std::string environment = "sandbox");
  ~RazorpayStreet();
  static RazorpayOptions settings(std::string environment = "sandbox");
  /// What a payer does with a code (`qr_…`), a payment (`pay_…`) or the payment page (`page`).
  base::Json act(const std::string& ref, std::string choice, std::optional<std::string> amount = {},
                 base::Json details = {});
  std::size_t codes() const;
};

}  // namespace quittance::providers
