#include "notify/lane.hpp"

#include <algorithm>

#include "notify/retry.hpp"

namespace quittance::notify {
namespace {

using base::Duration;
using base::Result;
using base::Task;
using storage::Delivery;
using storage::WritableBooks;

/// Beyond the longest attempt: nobody else takes the delivery before we know what came of it.
constexpr Duration kLeaseBeyondTimeout = std::chrono::minutes(1);
constexpr Duration kRest{200};
/// While there may be more than there was room for.
constexpr Duration kShortRest{20};
constexpr Duration kFirstQuiet{1'000};
/// What was delivered is delivered again if that cannot be written down, so it is worth patience.
constexpr int kRecordAttempts = 20;
constexpr Duration kRecordPause{2'000};

Result<storage::Rows> write_result(WritableBooks& books, const Delivery& delivery,
                                   const Attempt& attempt, std::optional<Duration> pause,
                                   base::Time now) {
  switch (attempt.outcome) {
    case Attempt::Outcome::delivered:
      return books.finish_delivery(delivery.id, now);
    case Attempt::Outcome::refused:
      return books.bury_delivery(delivery, attempt.error);
    case Attempt::Outcome::gone:
      return books.end_endpoint(delivery.destination, now);
    case Attempt::Outcome::failed:
      break;
  }
  if (!pause) return books.bury_delivery(delivery, attempt.error);
  return books.postpone_delivery(delivery, attempt.error, now + *pause);
}

}  // namespace

std::int64_t Lane::room() const {
  const base::Time now = parts_.clock.now();
  // A clock that was set back does not make us wait longer than anybody ever waits (N14).
  if (now < quiet_until_ && quiet_until_ - now <= kQuietLimit) return 0;
  const std::int64_t most = failures_in_row_ > 0 ? 1 : carrier_.at_once();
  return std::max<std::int64_t>(0, most - under_way_);
}

Task<std::int64_t> Lane::tick() {
  const std::int64_t free = room();
  if (free == 0) co_return 0;
  const base::Time now = parts_.clock.now();
  storage::Reading<std::optional<base::Time>> look = [this](storage::Books& books) {
    return books.next_delivery(carrier_.destination());
  };
  const auto next = co_await parts_.store.read(std::move(look));
  if (!next || !*next) co_return 0;
  if (**next > now && **next - now <= kLongestPause) co_return 0;
  const storage::Claiming claiming{.now = now,
                                   .lease_until = now + carrier_.timeout() + kLeaseBeyondTimeout,
                                   .longest_pause = kLongestPause};
  std::move_only_function<Result<std::vector<Delivery>>(WritableBooks&)> work =
      [this, claiming, free](WritableBooks& books) {
        return books.claim_due_deliveries(carrier_.destination(), claiming, free);
      };
  auto claimed = co_await parts_.store.write<std::vector<Delivery>>(std::move(work));
  if (!claimed) {
    parts_.log.error("delivery.claim_failed", {{"detail", claimed.error().detail}});
    co_return 0;
  }
  std::ranges::sort(*claimed, {}, &Delivery::id);
  base::Executor& executor = co_await base::ThisExecutor{};
  for (Delivery& delivery : *claimed) {
    ++under_way_;
    base::spawn(executor, carry(std::move(delivery)));
  }
  co_return static_cast<std::int64_t>(claimed->size());
}

Task<void> Lane::run() {
  while (!stopping_) {
    const std::int64_t started = co_await tick();
    co_await base::Sleep{started > 0 ? kShortRest : kRest};
  }
}

Task<void> Lane::carry(Delivery delivery) {
  Delivery copy = delivery;
  Attempt attempt = co_await carrier_.carry(std::move(copy));
  learn(attempt);
  co_await record(std::move(delivery), std::move(attempt));
  --under_way_;
}

void Lane::learn(const Attempt& attempt) {
  if (!attempt.destination_down) {
    failures_in_row_ = 0;
    quiet_until_ = {};
    return;
  }
  const base::Time now = parts_.clock.now();
  // Those that were under way together are one failure.
  if (failures_in_row_ > 0 && now < quiet_until_) return;
  const auto doublings = std::min<std::int64_t>(failures_in_row_++, 10);
  quiet_until_ = now + std::min(kQuietLimit, Duration(kFirstQuiet.count() << doublings));
}

Task<void> Lane::record(Delivery delivery, Attempt attempt) {
  const bool old = parts_.clock.now() - delivery.created_at >= kDeliveryLife;
  const std::optional<Duration> pause =
      old ? std::nullopt : pause_after(delivery.attempts, parts_.random);
  parts_.log.info("delivery.attempted", {{"delivery_id", delivery.id},
                                         {"kind", to_text(delivery.kind)},
                                         {"topic", delivery.news.topic},
                                         {"attempt", delivery.attempts},
                                         {"error", attempt.error}});
  for (int left = kRecordAttempts; left > 0; --left) {
    std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
        [delivery, attempt, pause, now = parts_.clock.now()](WritableBooks& books) {
          return write_result(books, delivery, attempt, pause, now);
        };
    const auto written = co_await parts_.store.write<storage::Rows>(std::move(work));
    if (written) co_return;
    parts_.log.error("delivery.not_recorded", {{"detail", written.error().detail}});
    // The others are tried again anyway, once the lease is over.
    if (attempt.outcome != Attempt::Outcome::delivered) co_return;
    co_await base::Sleep{kRecordPause};
  }
}

}  // namespace quittance::notify
