// The asker: puts a question to a provider, logs the answer, and hands money to the funnel.
// The poller, staff, customers and the cancelling of orders all ask through here.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "detect/bulletin.hpp"
#include "detect/gate.hpp"
#include "detect/settle.hpp"
#include "providers/providers.hpp"

namespace quittance::detect {

/// Why a question is asked; goes into the log of attempts (S1.50).
enum class AskReason { poll, verify_instantly, recovery, cancel, notice };
std::string_view to_text(AskReason reason);

/// What a question brought.
enum class AskResult {
  paid,       ///< money was seen; `settled` says what became of it
  not_yet,    ///< the provider answered: nothing has come
  unknown,    ///< the provider could not be asked, or is not (Breaker): nothing is known
  postponed,  ///< the budget of calls is used up: it will be asked within a few seconds
};
struct Asked {
  AskResult result = AskResult::unknown;
  std::optional<Settled> settled;
};

/// What the asker stands on.
struct AskerParts {
  storage::Store& store;
  const providers::Registry& registry;
  SettleContext settle;
  core::CheckPolicy policy;
  Bulletin& bulletin;
  base::Log& log;
};

/// Asks. Safe from any loop.
class Asker {
 public:
  explicit Asker(AskerParts parts);

  /// Asks about one session now, if the provider's gate lets it. Questions about the same session
  /// at the same time share one call and one answer.
  base::Task<base::Result<Asked>> ask_now(core::Session session, AskReason reason);

  /// Asks about sessions that were claimed for it; the caller has entered the gate.
  base::Task<std::vector<Asked>> ask_claimed(providers::Provider& provider,
                                             std::vector<core::Session> sessions, AskReason reason);

  /// What stands before a provider's account.
  Gate& gate(std::string_view provider);
  const core::CheckPolicy& policy() const { return parts_.policy; }
  /// The cadence of one provider, by its polling rule.
  const core::CheckPolicy& policy(std::string_view provider) const;

 private:
  /// Nobody is asked now: the session is asked about as soon as the gate opens.
  base::Task<base::Result<Asked>> postpone(core::Session session, AskResult result);
  base::Task<Asked> take_paid(core::Session session, providers::Paid paid, AskReason reason,
                              std::int64_t duration_ms);
  base::Task<Asked> take_other(core::Session session, providers::Answer answer, AskReason reason,
                               std::int64_t duration_ms);
  void land(core::SessionId id, const base::Result<Asked>& asked);

  /// Money that a provider confirmed, on its way into the books.
  struct PaidAnswer {
    core::Session session;
    Claim claim;
    storage::Query query;
    std::optional<base::Time> next;
  };
  SettledList settle_paid(storage::WritableBooks& books, std::span<const PaidAnswer* const> paid);

  AskerParts parts_;
  std::map<std::string, std::unique_ptr<Gate>, std::less<>> gates_;
  std::map<std::string, core::CheckPolicy, std::less<>> paces_;
  std::mutex mutex_;
  std::map<core::SessionId, std::vector<base::Callback<base::Result<Asked>>::Resume>> flights_;
  storage::Together<PaidAnswer, Settled> together_;
};

}  // namespace quittance::detect
