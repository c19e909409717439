// Money that a provider is asked to send back. The wish is written down before it is asked, the
// answer after; what counts as given back is only what it then says of the payment
// (detect/returned.hpp).
#pragma once

#include <map>
#include <mutex>

#include "detect/manual.hpp"
#include "detect/refund_log.hpp"
#include "providers/providers.hpp"

namespace quittance::detect {

struct RefundParts {
  storage::Store& store;
  const providers::Registry& registry;
  SettleContext settle;
  Bulletin& bulletin;
  base::Log& log;
};

/// What a person wants to be sent back of one counted payment.
struct RefundWish {
  core::OrderId order_id;
  core::SettlementId settlement_id;
  core::Money amount;
  /// The same again is the same wish, for as long as the log is kept. Empty: it is known as the
  /// same only while it is under way.
  std::string request{};
};

/// What came of a wish.
struct SentBack {
  /// `awaiting_approval`: nobody has confirmed it yet, nothing was sent. `already_refunded`: it had
  /// gone back before. nullopt: the provider took it on, and its payment does not show it yet.
  std::optional<core::Outcome> outcome{};
};

/// Has money sent back by the provider that it came by. A wish is not sent twice: whoever asks for
/// what is under way joins it, and it is sent again under the key that it had. Safe from any loop.
class Refunds {
 public:
  explicit Refunds(RefundParts parts) : parts_(std::move(parts)) {}

  /// From the amounts of `SettlePolicy::second_approver_from` on, a second person has to wish the
  /// same. Errors: as Manual's; unsupported: this provider sends nothing back; conflict: more than
  /// is held, or another sum is under way; idempotency_mismatch: the request was for another sum;
  /// provider_refused, with the provider's reason: nothing was sent; provider_unavailable: it may
  /// have been sent, and it is safe to ask again.
  base::Task<base::Result<SentBack>> send(RefundWish wish, Hand hand);

 private:
  /// A wish as it is carried out.
  struct Asked {
    LoggedWish logged;
    storage::Settlement settlement;
    core::Session session;
    core::Money amount;
  };
  using Answer = base::Result<SentBack>;

  base::Result<Asked> ask(storage::WritableBooks& books, const RefundWish& wish,
                          const Hand& hand) const;
  base::Task<Answer> carry_out(providers::Provider& provider, Asked asked);
  base::Task<Answer> judge(providers::Provider& provider, Asked asked,
                           base::Result<providers::RefundRef> answer);
  /// What the payment says by now, into the books; nullopt: not all of the wish has gone back.
  base::Task<base::Result<std::optional<SentBack>>> look(providers::Provider& provider,
                                                         Asked asked);
  /// The answer into the log: `accepted`, `seen` or `refused`.
  base::Task<base::Result<bool>> note(const Asked& asked, std::string answer, std::string words);
  void land(const std::string& key, const Answer& answer);

  RefundParts parts_;
  std::mutex mutex_;
  std::map<std::string, std::vector<base::Callback<Answer>::Resume>, std::less<>> flights_;
};

}  // namespace quittance::detect
