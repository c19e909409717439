// Tax receipts (e-Barimt): a wish is written when somebody asks, the settling transaction makes it
// due, and this job carries it to the provider. One payment, one receipt (S2.68).
#pragma once

#include <atomic>
#include <string>

#include "detect/asker.hpp"

namespace quittance::detect {

/// Receipts that are worked on side by side.
inline constexpr std::int64_t kReceiptsAtOnce = 20;
/// Attempts that the provider refused, or did not answer, before a person has to look.
inline constexpr std::int64_t kReceiptAttempts = 300;

/// What the provider wants to know of every receipt; with both, the newer kind is asked for, whose
/// receipts can be found by their payment.
struct ReceiptOptions {
  std::string district_code{};
  std::string classification_code{};
};

struct ReceiptParts {
  storage::Store& store;
  const providers::Registry& registry;
  Asker& asker;
  const base::Clock& clock;
  Bulletin& bulletin;
  base::Log& log;
  ReceiptOptions options{};
};

/// Issues and voids receipts. What a crash or a lost answer left in doubt is withdrawn before it is
/// asked for again; where that cannot be, a person decides.
class Receipts {
 public:
  explicit Receipts(ReceiptParts parts) : parts_(std::move(parts)) {}

  /// Works off what is due now; how many receipts that were.
  base::Task<std::int64_t> process_due();
  /// Goes on until `stop`.
  base::Task<void> run();
  void stop() { stopping_ = true; }

 private:
  /// What an attempt came to: the receipt as it stands then.
  using Attempt = storage::StoredReceipt;
  base::Task<bool> process(storage::StoredReceipt receipt, bool in_doubt);
  base::Task<Attempt> issue(providers::Provider& provider, Attempt receipt);
  base::Task<Attempt> take_away(providers::Provider& provider, Attempt receipt, bool in_doubt);
  base::Task<base::Result<void>> withdraw(providers::Provider& provider, std::string payment_ref);
  Attempt put_off(Attempt receipt, const base::Error& error);

  ReceiptParts parts_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace quittance::detect
