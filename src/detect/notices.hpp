// Notices: verified, stored as they came, answered at once, and processed at our own pace. A notice
// moves no money; it causes a question to its provider.
#pragma once

#include <atomic>

#include "detect/asker.hpp"
#include "detect/listed.hpp"

namespace quittance::detect {

/// Limits of notices (law 9).
inline constexpr std::size_t kNoticeBodyLimit = 256 * 1024;
/// Worked off side by side: their money is counted in one commit, and so are their ends.
inline constexpr std::int64_t kNoticesAtOnce = 128;
/// Then it is left to the ordinary questions about its session.
inline constexpr std::int64_t kNoticeAttempts = 30;
/// A provider may send a notice before its own answers know of the money (QPay's callback and its
/// check): then it is asked this often within half a minute, before the notice is done with.
inline constexpr std::int64_t kNotYetAttempts = 5;
/// Providers repeat a notice for days, and their dashboards for a fortnight: so long it is known
/// again.
inline constexpr base::Duration kNoticesKeptFor = std::chrono::hours(24 * 45);

struct NoticeParts {
  storage::Store& store;
  const providers::Registry& registry;
  Asker& asker;
  SettleContext settle;
  Bulletin& bulletin;
  base::Log& log;
  Admit admit{};  ///< as in SyncParts
};

/// Takes notices in and works them off. Safe from any loop.
class Notices {
 public:
  explicit Notices(NoticeParts parts) : parts_(std::move(parts)) {}

  /// Comes back once the notice is on disk: true when it is new, false when it came before.
  /// forbidden: not signed by this provider; invalid_request: not in its dialect.
  base::Task<base::Result<bool>> receive(const providers::Provider& provider,
                                         providers::RawNotice raw);
  /// Works on what is due, at most kNoticesAtOnce; how many that were.
  base::Task<std::int64_t> process_due();
  /// Works until stop().
  base::Task<void> run();
  void stop() { stopping_ = true; }

 private:
  /// Whom a notice is about, after asking the provider if it does not say.
  struct Subject {
    std::optional<core::Session> session{};
    std::optional<providers::ListedPayment> payment{};
  };
  base::Task<bool> process(storage::StoredNotice notice);
  base::Task<base::Result<Subject>> subject_of(providers::Provider& provider,
                                               const storage::StoredNotice& notice);
  /// How far it came: `again` and `soon` say that, and when, it has to be tried again.
  struct Progress {
    std::string outcome;
    bool again = false;
    bool soon = false;  ///< the budget of questions was used up, that is all
  };
  base::Task<Progress> work_off(const storage::StoredNotice& notice);
  base::Task<Progress> write_down(const storage::StoredNotice& notice,
                                  providers::ListedPayment payment);
  base::Task<Progress> look_for_returns(providers::Provider& provider,
                                        const storage::StoredNotice& notice, Subject subject);

  NoticeParts parts_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> something_came_ = true;
};

}  // namespace quittance::detect
