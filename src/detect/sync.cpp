#include "detect/sync.hpp"

#include <algorithm>

namespace quittance::detect {
namespace {

using base::Duration;
using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;
using base::Time;
using providers::ListedPayment;
using storage::SyncHead;
using storage::SyncRun;
using storage::WritableBooks;

constexpr std::string_view kSchedule = "schedule";
constexpr std::string_view kDemand = "demand";
/// How often the heads are looked at.
constexpr Duration kLook = std::chrono::seconds(5);
constexpr Duration kBudgetRest{200};
constexpr int kPauseGrowth = 4;
/// Unfinished payments that are asked for in one run: most of them were given up by their payers.
constexpr std::int64_t kUnfinishedAtOnce = 100;
/// Payments that were asked for by themselves, in one write.
constexpr std::size_t kLookedUpTogether = 20;

/// A lease beyond what anybody takes was taken by a clock that has been set back since.
bool is_held(const SyncHead& head, Time now, const SyncOptions& options) {
  return head.run_id && *head.lease_until > now && *head.lease_until <= now + options.lease;
}

bool is_due(const SyncHead& head, Time now, const SyncOptions& options) {
  return !head.started_at || *head.started_at > now || now - *head.started_at >= options.interval;
}

/// At least the last day, at most what may still be asked about, and no gap between.
Time window_start(const SyncHead& head, Time now, const SyncOptions& options) {
  Time since = now - options.window;
  if (head.watermark_at) since = std::min(since, *head.watermark_at - options.overlap);
  return std::max(since, now - options.furthest);
}

storage::AuditEntry entry_of(const SyncRun& run, std::string_view action, Json details, Time now) {
  details.set("provider", run.provider);
  return {.created_at = now,
          .actor = run.actor,
          .action = std::string(action),
          .subject_type = "sync_run",
          .subject_id = run.id,
          .details = details.dump()};
}

/// Takes the lease and writes the run down. nullopt: it is not its turn.
Result<std::optional<SyncRun>> write_begin(WritableBooks& books, SyncRun run, Time now,
                                           const SyncOptions& options) {
  TRY(const SyncHead head, books.sync_head(run.provider));
  if (is_held(head, now, options)) return std::optional<SyncRun>();
  if (run.reason == kSchedule && !is_due(head, now, options)) return std::optional<SyncRun>();
  if (head.run_id) TRY_VOID(books.abandon_sync_run(*head.run_id, now));
  run.since_at = window_start(head, now, options);
  run.until_at = now;
  run.started_at = now;
  TRY(run.id, books.insert_sync_run(run));
  const SyncHead taken{.provider = run.provider,
                       .run_id = run.id,
                       .lease_until = now + options.lease,
                       .started_at = now};
  TRY(const bool mine, books.take_sync_lease(head, taken));
  if (!mine) return fail(ErrorCode::conflict, "Another sync of this provider has just begun.");
  const Json details = Json::object({{"reason", run.reason},
                                     {"since_at", base::to_ms(run.since_at)},
                                     {"until_at", base::to_ms(run.until_at)}});
  TRY_VOID(books.insert_audit(entry_of(run, "sync.started", details, now)));
  return std::optional(run);
}

void count_in(SyncRun& run, const PageWritten& written) {
  run.created += written.created;
  run.updated += written.updated;
  run.settled += written.settled;
  run.returned += written.returned;
  run.attendees += written.attendees;
  run.unreadable += written.unreadable;
}

/// A page is written by the run that holds the lease, or by nobody. What the run did so far stands
/// beside it, should it not come to its end.
Result<std::optional<PageWritten>> write_page_of(WritableBooks& books, const SettleContext& context,
                                                 SyncRun run, const SeenPage& page,
                                                 const Admit& admit, Duration lease) {
  TRY(const bool mine, books.renew_sync_lease(run, context.clock.now() + lease));
  if (!mine) return std::optional<PageWritten>();
  TRY(PageWritten written, write_listed(books, context, run.provider, page, admit));
  count_in(run, written);
  TRY_VOID(books.update_sync_run(run));
  return std::optional(std::move(written));
}

Result<SyncRun> write_finish(WritableBooks& books, SyncRun run, bool whole, Time now) {
  TRY(run.unmatched, books.unmatched_payment_count(run.provider));
  run.finished_at = now;
  TRY_VOID(books.update_sync_run(run));
  TRY_VOID(books.release_sync_lease(run, whole ? std::optional(run.until_at) : std::nullopt));
  const Json details = Json::object({{"state", run.state},
                                     {"error", run.error},
                                     {"fetched", run.fetched},
                                     {"created", run.created},
                                     {"updated", run.updated},
                                     {"settled", run.settled},
                                     {"returned", run.returned},
                                     {"attendees", run.attendees},
                                     {"unmatched", run.unmatched},
                                     {"unreadable", run.unreadable},
                                     {"failed", run.failed}});
  TRY_VOID(books.insert_audit(entry_of(run, "sync.finished", details, now)));
  return run;
}

}  // namespace

std::vector<std::string> Sync::providers() const {
  std::vector<std::string> names;
  for (const auto& provider : parts_.registry.all()) {
    if (provider->capabilities().lists) names.emplace_back(provider->name());
  }
  return names;
}

Task<Result<std::optional<SyncRun>>> Sync::begin(std::string provider, std::string reason,
                                                 std::string actor) {
  const Time now = parts_.settle.clock.now();
  const SyncRun run{.provider = std::move(provider),
                    .reason = std::move(reason),
                    .actor = std::move(actor),
                    .since_at = now,
                    .until_at = now,
                    .started_at = now};
  storage::Writing<std::optional<SyncRun>> work = [this, run, now](WritableBooks& books) {
    return write_begin(books, run, now, parts_.options);
  };
  co_return co_await parts_.store.write<std::optional<SyncRun>>(std::move(work));
}

Task<Result<SyncRun>> Sync::run_once(std::string provider, std::string actor) {
  providers::Provider* found = parts_.registry.find(provider);
  if (!found) co_return fail(ErrorCode::not_found, "There is no such provider.", "provider");
  if (!found->capabilities().lists) {
    co_return fail(ErrorCode::unsupported, "This provider has no list of payments.", "provider");
  }
  CO_TRY(auto begun, co_await begin(std::move(provider), std::string(kDemand), std::move(actor)));
  if (!begun) {
    co_return fail(ErrorCode::conflict, "A sync of this provider is going on. Wait until it ends.");
  }
  co_return co_await pull(*found, std::move(*begun));
}

Task<bool> Sync::run_if_due(std::string provider) {
  storage::Reading<SyncHead> look = [&provider](storage::Books& books) {
    return books.sync_head(provider);
  };
  const auto head = co_await parts_.store.read(std::move(look));
  const Time now = parts_.settle.clock.now();
  if (!head || is_held(*head, now, parts_.options) || !is_due(*head, now, parts_.options)) {
    co_return false;
  }
  auto begun = co_await begin(provider, std::string(kSchedule), "system");
  if (!begun) parts_.log.error("sync.not_begun", {{"detail", begun.error().detail}});
  if (!begun || !*begun) co_return false;
  co_await pull(*parts_.registry.find(provider), std::move(**begun));
  co_return true;
}

Task<std::int64_t> Sync::run_due() {
  std::vector<Task<bool>> running;
  for (std::string& provider : providers())
    running.push_back(run_if_due(std::move(provider)));
  const std::vector<bool> ran = co_await base::gather(std::move(running));
  co_return std::ranges::count(ran, true);
}

Task<void> Sync::run() {
  while (!stopping_) {
    co_await run_due();
    co_await base::Sleep{kLook};
  }
}

Task<SyncRun> Sync::pull(providers::Provider& provider, SyncRun run) {
  Pull pull{.provider = provider, .run = std::move(run), .lookups_left = parts_.options.lookups};
  const bool all_pages = co_await pull_pages(pull);
  if (all_pages) co_await look_after_unfinished(pull);
  co_await finish(pull);
  co_return pull.run;
}

Task<bool> Sync::pull_pages(Pull& pull) {
  std::string cursor;
  for (std::int64_t page = 0; page < parts_.options.pages; ++page) {
    auto listed = co_await ask_page(pull, cursor);
    if (!listed) {
      ++pull.run.failed;
      pull.trouble = listed.error().message;
      co_return false;
    }
    SeenPage seen{.payments = {}, .unreadable = std::move(listed->unreadable)};
    for (ListedPayment& payment : listed->payments)
      seen.payments.push_back({.payment = std::move(payment)});
    pull.run.fetched += static_cast<std::int64_t>(seen.payments.size() + seen.unreadable.size());
    const bool taken = co_await take_page(pull, std::move(seen));
    if (!taken) co_return false;
    if (listed->next_cursor.empty()) co_return true;
    cursor = listed->next_cursor;
  }
  ++pull.run.failed;
  pull.trouble = "The list does not end.";
  co_return false;
}

/// What was authorized or pending when it was listed, and has left the window since.
Task<bool> Sync::look_after_unfinished(Pull& pull) {
  const std::string provider = pull.run.provider;
  const Time before = pull.run.since_at;
  const Time from = pull.run.until_at - parts_.options.furthest;
  const std::int64_t limit = std::clamp<std::int64_t>(pull.lookups_left, 0, kUnfinishedAtOnce);
  storage::Reading<std::vector<storage::ProviderPayment>> look = [&provider, from, before,
                                                                  limit](storage::Books& books) {
    return books.unfinished_payments(provider, from, before, limit);
  };
  const auto unfinished = co_await parts_.store.read(std::move(look));
  if (!unfinished) {
    ++pull.run.failed;
    pull.trouble = unfinished.error().message;
    co_return false;
  }
  SeenPage page;
  for (const storage::ProviderPayment& record : *unfinished) {
    auto payment = co_await ask_payment(pull, record.payment_ref);
    if (!payment) {
      if (payment.error().code == ErrorCode::unsupported) break;
      ++pull.run.failed;
      pull.trouble = payment.error().message;
      break;
    }
    if (*payment) page.payments.push_back({.payment = std::move(**payment), .looked_up = true});
    if (page.payments.size() < kLookedUpTogether) continue;
    const bool written = co_await write_page(pull, std::exchange(page, SeenPage()));
    if (!written) co_return false;
  }
  if (page.payments.empty()) co_return true;
  co_return co_await write_page(pull, std::move(page));
}

Task<bool> Sync::take_page(Pull& pull, SeenPage page) {
  const auto looked = co_await look_up(pull, page);
  if (!looked) {
    // What the list says is taken all the same; whose it is, the next run asks again.
    ++pull.run.failed;
    pull.trouble = looked.error().message;
  }
  co_return co_await write_page(pull, std::move(page));
}

/// Asks for those by themselves that the list does not say enough of.
Task<Result<bool>> Sync::look_up(Pull& pull, SeenPage& page) {
  const std::string provider = pull.run.provider;
  storage::Reading<std::vector<std::string>> look = [&](storage::Books& books) {
    return unknown_refs(books, provider, page.payments);
  };
  CO_TRY(const std::vector<std::string> refs, co_await parts_.store.read(std::move(look)));
  for (SeenPayment& seen : page.payments) {
    if (std::ranges::find(refs, seen.payment.payment_ref) == refs.end()) continue;
    // The others have their turn in the next run.
    if (pull.lookups_left <= 0) co_return false;
    auto payment = co_await ask_payment(pull, seen.payment.payment_ref);
    if (!payment && payment.error().code == ErrorCode::unsupported) co_return true;
    if (!payment) co_return std::unexpected(payment.error());
    if (!*payment) continue;
    seen.payment = std::move(**payment);
    seen.looked_up = true;
  }
  co_return true;
}

Task<bool> Sync::write_page(Pull& pull, SeenPage page) {
  const SyncRun run = pull.run;
  storage::Writing<std::optional<PageWritten>> work =
      [this, run, page = std::move(page)](WritableBooks& books) {
        return write_page_of(books, parts_.settle, run, page, parts_.admit, parts_.options.lease);
      };
  const auto written = co_await parts_.store.write<std::optional<PageWritten>>(std::move(work));
  if (!written) {
    ++pull.run.failed;
    pull.trouble = written.error().message;
    parts_.log.error("sync.page_not_written",
                     {{"provider", run.provider}, {"detail", written.error().detail}});
    co_return false;
  }
  if (!*written) {
    pull.taken_over = true;
    co_return false;
  }
  count_in(pull.run, **written);
  pull.wrote = true;
  for (const core::OrderId order : (*written)->orders)
    parts_.bulletin.publish(order);
  co_return true;
}

Task<Result<bool>> Sync::await_budget(std::string provider) {
  const Time give_up_at = parts_.settle.clock.now() + parts_.options.budget_wait;
  Gate& gate = parts_.asker.gate(provider);
  while (gate.enter() != Admission::admitted) {
    if (parts_.settle.clock.now() >= give_up_at) {
      co_return fail(ErrorCode::rate_limited, "The provider's budget of calls is used up.");
    }
    co_await base::Sleep{kBudgetRest};
  }
  // The call counts; a list is no question about a payment, and the breaker learns nothing from it.
  gate.leave({});
  co_return true;
}

Task<bool> Sync::may_try_again(Pull& pull, base::Error error, std::int64_t attempt) {
  parts_.log.warning("sync.not_answered", {{"provider", pull.run.provider},
                                           {"code", base::error_row(error.code).wire},
                                           {"detail", error.detail}});
  if (!base::error_row(error.code).retryable || attempt >= parts_.options.attempts) co_return false;
  Duration pause = parts_.options.first_pause;
  for (std::int64_t i = 1; i < attempt; ++i)
    pause *= kPauseGrowth;
  co_await base::Sleep{pause};
  co_return true;
}

Task<Result<providers::Page>> Sync::ask_page(Pull& pull, std::string cursor) {
  const providers::ListWindow window{.since = pull.run.since_at, .until = pull.run.until_at};
  Result<providers::Page> page = fail(ErrorCode::internal, "Nobody asked.");
  for (std::int64_t attempt = 1; attempt <= parts_.options.attempts; ++attempt) {
    CO_TRY_VOID(co_await await_budget(pull.run.provider));
    page = co_await pull.provider.list(window, cursor);
    if (page) co_return page;
    const bool again = co_await may_try_again(pull, page.error(), attempt);
    if (!again) co_return page;
  }
  co_return page;
}

Task<Result<std::optional<ListedPayment>>> Sync::ask_payment(Pull& pull, std::string payment_ref) {
  --pull.lookups_left;
  Result<std::optional<ListedPayment>> payment = fail(ErrorCode::internal, "Nobody asked.");
  for (std::int64_t attempt = 1; attempt <= parts_.options.attempts; ++attempt) {
    CO_TRY_VOID(co_await await_budget(pull.run.provider));
    payment = co_await pull.provider.payment(payment_ref);
    if (payment) co_return payment;
    const bool again = co_await may_try_again(pull, payment.error(), attempt);
    if (!again) co_return payment;
  }
  co_return payment;
}

Task<void> Sync::finish(Pull& pull) {
  SyncRun& run = pull.run;
  const bool whole = run.failed == 0 && !pull.taken_over;
  run.error = pull.taken_over ? "Another run took over." : pull.trouble;
  run.state = whole ? "done" : pull.wrote ? "partial" : "failed";
  const Time now = parts_.settle.clock.now();
  storage::Writing<SyncRun> work = [run, whole, now](WritableBooks& books) {
    return write_finish(books, run, whole, now);
  };
  auto written = co_await parts_.store.write<SyncRun>(std::move(work));
  if (written) {
    run = std::move(*written);
  } else {
    // The lease runs out by itself, and the next run does it all again.
    parts_.log.error("sync.not_finished", {{"detail", written.error().detail}});
    run.state = pull.wrote ? "partial" : "failed";
    run.error = written.error().message;
  }
  parts_.log.info("sync.finished", {{"provider", run.provider},
                                    {"state", run.state},
                                    {"fetched", run.fetched},
                                    {"settled", run.settled},
                                    {"failed", run.failed}});
}

}  // namespace quittance::detect
