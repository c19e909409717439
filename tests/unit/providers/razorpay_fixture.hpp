// The Razorpay adapter and the sandbox's Razorpay, wire to wire, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include "providers/providers.hpp"
#include "rails.hpp"
#include "unit/providers/sandbox_client.hpp"

namespace quittance::providers {

core::Money inr(std::int64_t paise);

struct RazorpayStreet : testing::VirtualWorld {
  explicit RazorpayStreet(std::string environment = "sandbox");
  ~RazorpayStreet();
  static RazorpayOptions settings(std::string environment = "sandbox");
  SessionDraft draft(core::Money amount, std::string reference = "session-1");
  base::Result<Presentation> try_show(SessionDraft draft);
  core::Session unshown(core::Money amount, std::string reference = "session-1");
  core::Session show(core::Money amount, std::string reference = "session-1");
  Answer ask(const core::Session& session);
  /// What a payer does with a code (`qr_…`), a payment (`pay_…`) or the payment page (`page`).
  base::Json act(const std::string& ref, std::string choice, std::optional<std::string> amount = {},
                 base::Json details = {});
  void faults(std::initializer_list<std::pair<std::string, base::Json>> changes);
  std::vector<RawNotice> notices();
  std::size_t codes() const;

  std::unique_ptr<sandbox::Sandbox> bank;
  std::unique_ptr<SandboxClient> client;
  std::unique_ptr<Provider> razorpay;
};

std::optional<UnknownReason> why_not_known(const Answer& answer);

}  // namespace quittance::providers
