// A sandbox with an account at every rail, and one request at each by the wire.
#pragma once

#include "unit/sandbox/bank_fixture.hpp"

namespace quittance::sandbox {

class RailsFixture : public BankFixture {
 public:
  explicit RailsFixture(SandboxOptions options = rails_options(), std::uint64_t seed = 1);

  static SandboxOptions rails_options();

  /// What the API answered to a new PaymentIntent.
  base::Json stripe_intent(const std::string& form);
  base::Json stripe_code(const std::string& currency, const std::string& method);
  base::Json razorpay_code(const std::string& type = "upi_qr");
  base::Json qpay_invoice();
  base::Json mvola_push(const std::string& number = "0343500003");

 private:
  static std::string basic(const std::string& user);
  base::Json call(std::string path, std::string body, const std::string& authorization);
  int calls_ = 0;
};

}  // namespace quittance::sandbox
