#include "detect/poller.hpp"

#include <algorithm>

namespace quittance::detect {

using base::Result;
using base::Task;
using storage::Books;
using storage::WritableBooks;

namespace {

/// What lies further ahead was planned by a clock that has been set back since. Right after that
/// half the way back is far enough: no rung of the ladder is as long, only what a provider asks
/// for.
base::Duration furthest_plan(const core::CheckPolicy& policy, base::Duration behind) {
  if (behind <= base::Duration{0}) return policy.longest_pause();
  base::Duration longest = behind / 2;
  for (const core::LadderStep& step : policy.ladder)
    longest = std::max(longest, step.interval);
  return std::min(longest, policy.longest_pause());
}

}  // namespace

Poller::Poller(storage::Store& store, const providers::Registry& registry, Asker& asker,
               const base::Clock& clock, base::Log& log, PollerOptions options)
    : store_(store),
      registry_(registry),
      asker_(asker),
      clock_(clock),
      log_(log),
      options_(options) {}

Task<void> Poller::ask(Asker& asker, providers::Provider& provider,
                       std::vector<core::Session> sessions) {
  [[maybe_unused]] const auto asked =
      co_await asker.ask_claimed(provider, std::move(sessions), AskReason::poll);
}

base::Duration Poller::set_back(const std::string& provider, base::Time now) {
  base::Time& looked_at = looked_at_.try_emplace(provider, now).first->second;
  looked_at = std::max(looked_at, now);
  return looked_at - now;
}

Task<std::int64_t> Poller::tick_provider(providers::Provider& provider) {
  const std::string name(provider.name());
  std::int64_t started = 0;
  Gate& gate = asker_.gate(name);
  while (gate.calls_under_way() < options_.concurrent_calls) {
    const base::Time now = clock_.now();
    storage::Reading<std::optional<base::Time>> look = [name](Books& books) {
      return books.next_due(name);
    };
    const auto due = co_await store_.read(std::move(look));
    if (!due || !*due) break;
    // What is planned for longer ahead than anybody plans was planned by a clock that has been set
    // back since (N14), and is due.
    const base::Duration behind = set_back(name, now);
    const base::Duration longest = furthest_plan(asker_.policy(name), behind);
    const bool waits = behind <= base::Duration{0} && **due > now && **due - now <= longest;
    if (waits || gate.enter() != Admission::admitted) break;
    const auto limit = static_cast<std::int64_t>(provider.capabilities().bulk_limit);
    const storage::Claiming claiming{.now = now,
                                     .lease_until = now + options_.lease,
                                     .longest_pause = longest,
                                     .ranking = asker_.policy(name).ranking};
    std::move_only_function<Result<std::vector<core::Session>>(WritableBooks&)> work =
        [name, claiming, limit](WritableBooks& books) {
          return books.claim_due_sessions(name, claiming, limit);
        };
    auto claimed = co_await store_.write<std::vector<core::Session>>(std::move(work));
    // Nothing of the other clock's is left.
    if (claimed && static_cast<std::int64_t>(claimed->size()) < limit) looked_at_[name] = now;
    if (!claimed || claimed->empty()) {
      gate.leave_unused();
      if (!claimed) log_.error("poll.claim_failed", {{"detail", claimed.error().detail}});
      break;
    }
    ++started;
    base::Executor& executor = co_await base::ThisExecutor{};
    base::spawn(executor, ask(asker_, provider, std::move(*claimed)));
  }
  co_return started;
}

Task<std::int64_t> Poller::tick() {
  std::int64_t started = 0;
  for (const auto& provider : registry_.all()) {
    started += co_await tick_provider(*provider);
  }
  co_return started;
}

Task<void> Poller::wake_hot() {
  for (const auto& provider : registry_.all()) {
    const std::string name(provider->name());
    std::move_only_function<Result<storage::Rows>(WritableBooks&)> wake =
        [name, now = clock_.now(), lease = options_.lease](WritableBooks& books) {
          return books.wake_hot_sessions(name, now, now + lease);
        };
    const auto woken = co_await store_.write<storage::Rows>(std::move(wake));
    // They are due anyway, once their lease has run out.
    if (!woken) log_.error("poll.wake_failed", {{"detail", woken.error().detail}});
  }
}

Task<void> Poller::run() {
  co_await wake_hot();
  while (!stopping_) {
    co_await tick();
    // Looking is one indexed read. Four times a tick, so that what is due every tick is not late
    // by another one.
    co_await base::Sleep{asker_.policy().tick / 4};
  }
}

}  // namespace quittance::detect
