#include "detect/notices.hpp"

#include <algorithm>

#include "detect/returned.hpp"

namespace quittance::detect {
namespace {

using base::Duration;
using base::ErrorCode;
using base::Result;
using base::Task;
using storage::StoredNotice;
using storage::WritableBooks;

/// Between looks at whether something came, which cost nothing.
constexpr Duration kRests{10};
/// How often the table is looked at when nothing is known to have come: for what was left by a
/// crash, and for second attempts.
constexpr int kRestsBetweenLooks = 100;
/// Nobody else takes a notice while it is being worked on.
constexpr Duration kLease = std::chrono::minutes(2);
constexpr Duration kFirstRetry{2'000};
constexpr Duration kSoon{1'000};
constexpr Duration kRetryLimit = std::chrono::minutes(30);
constexpr std::size_t kHeadersKept = 32;

/// What staff may want to see of it; credentials of whoever sent it are not kept.
std::string headers_text(const base::HttpHeaders& headers) {
  base::Json list{base::Json::Array{}};
  for (const auto& [name, value] : headers.fields()) {
    if (list.array().size() >= kHeadersKept) break;
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (lower == "authorization" || lower == "cookie") continue;
    list.push(base::Json(base::Json::Array{name, value}));
  }
  return list.dump();
}

Duration pause_after(std::int64_t attempts) {
  const auto doublings = std::clamp<std::int64_t>(attempts - 1, 0, 12);
  return std::min(kRetryLimit, Duration{kFirstRetry.count() << doublings});
}

bool speaks_of_returns(const std::string& kind) {
  return kind.find("refund") != std::string::npos || kind.find("dispute") != std::string::npos ||
         kind.find("reverse") != std::string::npos;
}

/// Then that nothing has come is what the notice said itself.
bool speaks_of_failure(const std::string& kind) {
  return kind.find("fail") != std::string::npos || kind.find("cancel") != std::string::npos ||
         kind.find("expire") != std::string::npos;
}

}  // namespace

Task<Result<bool>> Notices::receive(const providers::Provider& provider, providers::RawNotice raw) {
  if (raw.body.size() > kNoticeBodyLimit) {
    co_return base::fail(ErrorCode::payload_too_large, "This notice is too large.");
  }
  const auto read = provider.read_notice(raw);
  if (!read) {
    parts_.log.warning("notice.refused", {{"provider", provider.name()},
                                          {"code", base::error_row(read.error().code).wire}});
    co_return std::unexpected(read.error());
  }
  StoredNotice notice{.provider = std::string(provider.name()),
                      .notice_id = read->notice_id,
                      .kind = read->kind,
                      .provider_ref = read->provider_ref,
                      .payment_ref = read->payment_ref,
                      .merchant_reference = read->merchant_reference,
                      .headers = headers_text(raw.headers),
                      .query = std::move(raw.query),
                      .body = std::move(raw.body),
                      .received_at = parts_.settle.clock.now()};
  std::move_only_function<Result<bool>(WritableBooks&)> work =
      [notice = std::move(notice)](WritableBooks& books) { return books.insert_notice(notice); };
  const auto is_new = co_await parts_.store.write<bool>(std::move(work));
  if (is_new && *is_new) something_came_ = true;
  co_return is_new;
}

Task<std::int64_t> Notices::process_due() {
  const base::Time now = parts_.settle.clock.now();
  std::move_only_function<Result<std::vector<StoredNotice>>(WritableBooks&)> work =
      [now](WritableBooks& books) {
        return books.claim_due_notices(now, now + kLease, kNoticesAtOnce);
      };
  auto claimed = co_await parts_.store.write<std::vector<StoredNotice>>(std::move(work));
  if (!claimed) {
    parts_.log.error("notice.claim_failed", {{"detail", claimed.error().detail}});
    co_return 0;
  }
  std::vector<Task<bool>> working;
  for (StoredNotice& notice : *claimed)
    working.push_back(process(std::move(notice)));
  const auto done = co_await base::gather(std::move(working));
  co_return static_cast<std::int64_t>(done.size());
}

Task<void> Notices::run() {
  int rests = 0;
  while (!stopping_) {
    bool look = something_came_.exchange(false);
    if (++rests >= kRestsBetweenLooks) {
      rests = 0;
      storage::Reading<std::optional<base::Time>> find = [](storage::Books& books) {
        return books.next_notice();
      };
      const auto next = co_await parts_.store.read(std::move(find));
      look = look || (next && *next && **next <= parts_.settle.clock.now());
    }
    if (look && co_await process_due() == kNoticesAtOnce) something_came_ = true;
    // What came meanwhile is begun at once.
    if (!something_came_) co_await base::Sleep{kRests};
  }
}

Task<bool> Notices::process(StoredNotice notice) {
  Progress progress = co_await work_off(notice);
  const base::Time now = parts_.settle.clock.now();
  if (progress.again && !progress.soon && notice.attempts >= kNoticeAttempts) {
    progress = {.outcome = "given_up"};
  }
  const Duration pause = progress.soon ? kSoon : pause_after(notice.attempts);
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [id = notice.id, progress, now, pause](WritableBooks& books) {
        if (progress.again) return books.postpone_notice(id, progress.outcome, now + pause);
        return books.finish_notice(id, progress.outcome, now);
      };
  const auto written = co_await parts_.store.write<storage::Rows>(std::move(work));
  if (!written) parts_.log.error("notice.not_recorded", {{"detail", written.error().detail}});
  parts_.log.info(
      "notice.processed",
      {{"provider", notice.provider}, {"kind", notice.kind}, {"outcome", progress.outcome}});
  co_return !progress.again;
}

Task<Result<Notices::Subject>> Notices::subject_of(providers::Provider& provider,
                                                   const StoredNotice& notice) {
  // The task is made and run inside one co_await, so what it refers to is still there.
  const auto look = [this, &notice](const std::string& reference, const std::string& ref) {
    storage::Reading<std::optional<core::Session>> find =
        [&](storage::Books& books) -> Result<std::optional<core::Session>> {
      if (!reference.empty()) {
        TRY(auto named, books.session_by_public_id(reference));
        if (named && named->provider == notice.provider) return named;
      }
      if (ref.empty()) return std::optional<core::Session>();
      return books.session_by_provider_ref(notice.provider, ref);
    };
    return parts_.store.read(std::move(find));
  };
  Subject subject;
  CO_TRY(subject.session, co_await look(notice.merchant_reference, notice.provider_ref));
  if (subject.session || notice.payment_ref.empty()) co_return subject;
  auto payment = co_await provider.payment(notice.payment_ref);
  if (!payment) {
    if (payment.error().code == ErrorCode::unsupported) co_return subject;
    co_return std::unexpected(payment.error());
  }
  subject.payment = std::move(*payment);
  if (!subject.payment) co_return subject;
  CO_TRY(subject.session,
         co_await look(subject.payment->merchant_reference, subject.payment->provider_ref));
  co_return subject;
}

Task<Notices::Progress> Notices::work_off(const StoredNotice& notice) {
  providers::Provider* provider = parts_.registry.find(notice.provider);
  if (!provider) co_return Progress{.outcome = "no_provider"};
  auto subject = co_await subject_of(*provider, notice);
  if (!subject) co_return Progress{.outcome = "unknown", .again = true};
  if (!subject->session && !subject->payment) co_return Progress{.outcome = "no_session"};
  if (!subject->session) co_return co_await write_down(notice, std::move(*subject->payment));
  const bool returns = speaks_of_returns(notice.kind);
  std::string outcome = "settled_before";
  if (subject->session->status != core::SessionStatus::settled) {
    core::Session session = *subject->session;
    // The answer that would have told their id was lost; a notice that is ours by its token, or by
    // its signature, tells it too.
    if (session.provider_ref.empty()) session.provider_ref = notice.provider_ref;
    const auto asked = co_await parts_.asker.ask_now(std::move(session), AskReason::notice);
    if (!asked || asked->result == AskResult::unknown) {
      co_return Progress{.outcome = "unknown", .again = true};
    }
    if (asked->result == AskResult::postponed) {
      co_return Progress{.outcome = "postponed", .again = true, .soon = true};
    }
    if (asked->result == AskResult::not_yet) {
      const bool again = !speaks_of_failure(notice.kind) && notice.attempts < kNotYetAttempts;
      co_return Progress{.outcome = "not_yet", .again = again};
    }
    outcome = "paid";
  }
  if (!returns) co_return Progress{.outcome = outcome};
  co_return co_await look_for_returns(*provider, notice, std::move(*subject));
}

/// As sync would find it half an hour later.
Task<Notices::Progress> Notices::write_down(const StoredNotice& notice,
                                            providers::ListedPayment payment) {
  SeenPage page;
  page.payments.push_back({.payment = std::move(payment), .looked_up = true});
  storage::Writing<PageWritten> work = [this, &notice, &page](WritableBooks& books) {
    return write_listed(books, parts_.settle, notice.provider, page, parts_.admit);
  };
  const auto written = co_await parts_.store.write<PageWritten>(std::move(work));
  if (!written) co_return Progress{.outcome = "unknown", .again = true};
  for (const core::OrderId order : written->orders)
    parts_.bulletin.publish(order);
  std::string outcome = "no_session";
  if (written->settled > 0) outcome = "paid";
  if (written->returned > 0) outcome = "returned";
  if (written->attendees > 0) outcome = "admitted";
  co_return Progress{.outcome = std::move(outcome)};
}

Task<Notices::Progress> Notices::look_for_returns(providers::Provider& provider,
                                                  const StoredNotice& notice, Subject subject) {
  if (!subject.payment && !notice.payment_ref.empty()) {
    auto payment = co_await provider.payment(notice.payment_ref);
    if (!payment && payment.error().code != ErrorCode::unsupported) {
      co_return Progress{.outcome = "unknown", .again = true};
    }
    if (payment) subject.payment = std::move(*payment);
  }
  if (!subject.payment) co_return Progress{.outcome = "no_payment"};
  core::Session session = std::move(*subject.session);
  providers::ListedPayment payment = std::move(*subject.payment);
  SettleContext context = parts_.settle;
  const auto taken =
      co_await take_returned(parts_.store, std::move(context), parts_.bulletin, std::move(session),
                             std::move(payment), core::EvidenceSource::webhook);
  if (!taken) co_return Progress{.outcome = "unknown", .again = true};
  if (!*taken) co_return Progress{.outcome = "nothing_new"};
  co_return Progress{.outcome = std::string(to_text((*taken)->outcome))};
}

}  // namespace quittance::detect
