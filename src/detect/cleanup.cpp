#include "detect/cleanup.hpp"

#include "detect/lapse.hpp"
#include "detect/notices.hpp"
#include "detect/sync.hpp"

namespace quittance::detect {

using base::Result;
using base::Task;
using storage::WritableBooks;

namespace {

Result<std::int64_t> write_cleanup(WritableBooks& books, base::Time now, base::Duration retention,
                                   const std::string& actor) {
  TRY(const std::int64_t expired, books.expire_overdue_sessions(now));
  TRY(const std::int64_t hurried, books.hurry_overdue_sessions(now));
  TRY(const std::int64_t removed, books.delete_stale_sessions(now - retention));
  TRY(const std::int64_t lapsed, lapse_abandoned(books, now));
  TRY_VOID(books.delete_stale_rows(now, now - kIdempotencyFor));
  TRY_VOID(books.delete_old_notices(now - kNoticesKeptFor));
  TRY_VOID(books.delete_old_sync_runs(now - kSyncRunsKeptFor));
  const base::Json details = base::Json::object(
      {{"expired", expired}, {"hurried", hurried}, {"removed", removed}, {"lapsed", lapsed}});
  TRY_VOID(books.insert_audit({.created_at = now,
                               .actor = actor,
                               .action = "sessions.cleaned",
                               .subject_type = "system",
                               .subject_id = 0,
                               .details = details.dump()}));
  return expired + removed;
}

}  // namespace

Task<Result<std::int64_t>> clean_up(storage::Store& store, const base::Clock& clock,
                                    base::Duration retention, std::string actor) {
  const base::Time now = clock.now();
  std::move_only_function<Result<std::int64_t>(WritableBooks&)> work =
      [now, retention, actor = std::move(actor)](WritableBooks& books) {
        return write_cleanup(books, now, retention, actor);
      };
  co_return co_await store.write<std::int64_t>(std::move(work));
}

Task<void> clean_up_daily(storage::Store& store, const base::Clock& clock, base::Duration retention,
                          base::Log& log) {
  for (bool running = true; running;) {
    const auto cleaned = co_await clean_up(store, clock, retention, "system");
    if (cleaned) {
      log.info("cleanup.done", {{"sessions", *cleaned}});
    } else {
      log.error("cleanup.failed", {{"detail", cleaned.error().detail}});
    }
    co_await base::Sleep{kCleanupInterval};
  }
}

}  // namespace quittance::detect
