// A shop whose scripted bank has a list of payments, and the puller of that list.
#pragma once

#include "support/shop.hpp"

namespace quittance::detect {

struct Puller : testing::Shop {
  Puller();
  ~Puller();
  base::Result<storage::SyncRun> try_pull();
  storage::SyncRun pull();
  /// A payment of a session as the bank lists it, made now.
  providers::ListedPayment& list(std::string ref, std::string reference, core::Money amount,
                                 providers::PaymentState state = providers::PaymentState::paid);
  providers::ListedPayment& list(std::string ref, core::SessionId id);
  storage::ProviderPayment record(const std::string& ref);
  storage::SyncHead head();
  std::vector<storage::SyncRun> runs();
  std::vector<std::string> actions(const char* subject, std::int64_t id);
};

}  // namespace quittance::detect
