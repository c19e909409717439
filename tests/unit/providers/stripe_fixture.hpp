// The Stripe adapter and the sandbox's Stripe, wire to wire, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include "providers/providers.hpp"
#include "rails.hpp"
#include "unit/providers/sandbox_client.hpp"

namespace quittance::providers {

core::Money money(std::string_view amount, std::string_view code);

struct StripeStreet : testing::VirtualWorld {
  explicit StripeStreet(std::string environment = "sandbox");
  ~StripeStreet();
  static StripeOptions settings(std::string environment = "sandbox");
  SessionDraft draft(core::Money amount, std::string reference = "session-1");
  base::Result<Presentation> try_show(SessionDraft draft);
  /// A session that is presented, as it would stand in the books.
  core::Session show(core::Money amount, std::string reference = "session-1");
  core::Session unshown(core::Money amount, std::string reference = "session-1");
  Answer ask(const core::Session& session);
  base::Result<base::Json> act(const core::Session& session, std::string choice,
                               std::optional<std::string> amount = {});
  void faults(std::initializer_list<std::pair<std::string, base::Json>> changes);
  /// Everything that is on its way to the shop.
  std::vector<RawNotice> notices();

  std::unique_ptr<sandbox::Sandbox> bank;
  std::unique_ptr<SandboxClient> client;
  std::unique_ptr<Provider> stripe;
};

inline std::optional<UnknownReason> unknown_reason(const Answer& answer) {
  const auto* unknown = std::get_if<Unknown>(&answer);
  return unknown ? std::optional(unknown->reason) : std::nullopt;
}

}  // namespace quittance::providers
