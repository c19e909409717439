// Sync: the safety net below notices and questions. Every provider that can list its payments is
// read to the end, half-hourly and on demand; what was paid and is not in the books goes through
// the funnel, and what fits no session is kept for staff (docs/sync.md).
#pragma once

#include <atomic>

#include "detect/asker.hpp"
#include "detect/listed.hpp"

namespace quittance::detect {

/// How long it can be read what a run did; the audit log keeps it for good. There is a run every
/// half hour for each provider.
inline constexpr base::Duration kSyncRunsKeptFor = std::chrono::hours(24 * 90);

/// Limits of sync (law 9).
struct SyncOptions {
  base::Duration interval = std::chrono::minutes(30);     ///< between the starts of two runs (S4.1)
  base::Duration window = std::chrono::hours(24);         ///< read at least (S4.2)
  base::Duration overlap = std::chrono::hours(1);         ///< read again before the watermark
  base::Duration furthest = std::chrono::hours(24 * 45);  ///< nothing older is asked for
  /// A run that says nothing for so long is dead, and may be taken over.
  base::Duration lease = std::chrono::minutes(5);
  std::int64_t pages = 10'000;        ///< of one list
  std::int64_t lookups = 500;         ///< payments that are asked for by themselves in a run
  std::int64_t attempts = 4;          ///< of one question, while its failure may pass
  base::Duration first_pause{2'000};  ///< before the second attempt; then four times as long
  base::Duration budget_wait = std::chrono::minutes(1);  ///< for a call of the account's budget
};

struct SyncParts {
  storage::Store& store;
  const providers::Registry& registry;
  Asker& asker;  ///< whose budgets it shares
  SettleContext settle;
  Bulletin& bulletin;
  base::Log& log;
  SyncOptions options{};
  Admit admit{};  ///< who registered for an event; empty: nobody is admitted
};

/// Pulls lists. Safe from any loop; of one provider, one run goes on at a time, across processes.
class Sync {
 public:
  explicit Sync(SyncParts parts) : parts_(std::move(parts)) {}

  /// Pulls one provider's list now. What came of it is in the run: a failure on the way is no
  /// error. not_found: there is no such provider; unsupported: it has no list; conflict: a run is
  /// going on.
  base::Task<base::Result<storage::SyncRun>> run_once(std::string provider, std::string actor);
  /// The names of the providers that can list.
  std::vector<std::string> providers() const;

  /// One look at every provider that lists; pulls those that are due. How many runs that were.
  base::Task<std::int64_t> run_due();
  /// Looks until stop().
  base::Task<void> run();
  void stop() { stopping_ = true; }

 private:
  /// A run in progress.
  struct Pull {
    providers::Provider& provider;
    storage::SyncRun run;
    std::int64_t lookups_left = 0;
    /// Why something failed; the watermark stays then, and the next run does it again.
    std::string trouble{};
    bool wrote = false;  ///< a page at least
    bool taken_over = false;
  };
  base::Task<base::Result<std::optional<storage::SyncRun>>> begin(std::string provider,
                                                                  std::string reason,
                                                                  std::string actor);
  base::Task<storage::SyncRun> pull(providers::Provider& provider, storage::SyncRun run);
  base::Task<bool> pull_pages(Pull& pull);
  base::Task<bool> look_after_unfinished(Pull& pull);
  base::Task<bool> take_page(Pull& pull, SeenPage page);
  base::Task<bool> write_page(Pull& pull, SeenPage page);
  base::Task<base::Result<bool>> look_up(Pull& pull, SeenPage& page);
  base::Task<base::Result<providers::Page>> ask_page(Pull& pull, std::string cursor);
  base::Task<base::Result<std::optional<providers::ListedPayment>>> ask_payment(
      Pull& pull, std::string payment_ref);
  base::Task<base::Result<bool>> await_budget(std::string provider);
  base::Task<bool> may_try_again(Pull& pull, base::Error error, std::int64_t attempt);
  base::Task<void> finish(Pull& pull);
  base::Task<bool> run_if_due(std::string provider);

  SyncParts parts_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace quittance::detect
