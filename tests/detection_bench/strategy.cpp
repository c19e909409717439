#include "detection_bench/strategy.hpp"

#include <algorithm>

#include "support/shop.hpp"

namespace quittance::detection_bench {
namespace {

using base::Duration;
using testing::kStart;
using namespace std::chrono_literals;

constexpr Duration kRetention = 24h * 45;

core::CheckPolicy fixed(Duration interval) {
  core::CheckPolicy policy{.ranking = core::Ranking::fifo};
  policy.first_check_after = interval;
  policy.ladder = {{kRetention, interval}};
  return policy;
}

/// A shop whose customers pay when they like.
class Street : public testing::Shop {
 public:
  Street(const Strategy& strategy, const std::vector<Payer>& payers)
      : asker_({*store, registry, context, strategy.policy, bulletin, log}),
        poller_(*store, registry, asker_, clock, log, {.concurrent_calls = 1}),
        payers_(payers),
        product_(add_product(1'000'000)) {
    // One call at a time that takes its moment: each tick makes one.
    bank->latency = 1ms;
    bank->bulk_limit = kSessionsPerCall;
  }

  void tick(base::Time at) {
    for (; next_ < payers_.size() && kStart + payers_[next_].ordered_at <= at; ++next_)
      order(payers_[next_]);
    while (!purses_.empty() && purses_.front().paid_at <= at)
      pay();
    executor.run_until(at);
    run(poller_.tick());
    executor.run_until(at + 2ms);
    calls_ += static_cast<std::int64_t>(bank->questions.size());
    for (const auto& question : bank->questions)
      questions_ += static_cast<std::int64_t>(question.size());
    bank->questions.clear();
  }

  Figures figures() {
    static constexpr storage::Sql kFound{
        "SELECT t.settled_at - t.paid_at AS delay_ms, t.settled_at - s.created_at AS age_ms FROM "
        "settlements t JOIN payment_sessions s ON s.id = t.session_row"};
    Figures figures{.sessions = next_, .paid = paid_, .questions = questions_, .calls = calls_};
    const auto connection = database.open(true);
    const auto rows = connection->run(kFound);
    if (!rows) throw std::runtime_error(rows.error().detail);
    for (std::size_t i = 0; i < rows->size(); ++i) {
      figures.delays.emplace_back((*rows)[i].integer("delay_ms"));
      if (Duration{(*rows)[i].integer("age_ms")} > kRetention) ++figures.late;
    }
    std::ranges::sort(figures.delays);
    return figures;
  }

 private:
  /// Money that will be with the bank.
  struct Purse {
    base::Time paid_at;
    std::string md5_hash;
    core::Money amount;
    bool operator>(const Purse& other) const { return paid_at > other.paid_at; }
  };

  void order(const Payer& payer) {
    executor.run_until(kStart + payer.ordered_at);
    const core::Session made = session(place(product_).session);
    if (!payer.paid_at) return;
    ++paid_;
    purses_.push_back({kStart + *payer.paid_at, made.md5_hash, made.amount});
    std::ranges::push_heap(purses_, std::greater<>());
  }

  void pay() {
    std::ranges::pop_heap(purses_, std::greater<>());
    const Purse purse = std::move(purses_.back());
    purses_.pop_back();
    bank->answers.insert_or_assign(purse.md5_hash, providers::Paid{.provider_ref = purse.md5_hash,
                                                                   .amount = purse.amount,
                                                                   .receiver = "shop@bank",
                                                                   .payer = "payer@bank",
                                                                   .paid_at = purse.paid_at,
                                                                   .raw = "{}"});
  }

  detect::Asker asker_;
  detect::Poller poller_;
  const std::vector<Payer>& payers_;
  core::ProductId product_;
  std::vector<Purse> purses_;  ///< a heap, the next payment in front
  std::size_t next_ = 0;
  std::size_t paid_ = 0;
  std::int64_t questions_ = 0;
  std::int64_t calls_ = 0;
};

}  // namespace

std::vector<Strategy> all_strategies() {
  core::CheckPolicy five_more = fixed(300s);
  five_more.first_check_after = 60s;
  five_more.ladder = {{60s + 5 * 300s, 300s}};
  return {{"ours", core::CheckPolicy{}},
          {"FIFO, same ladder", core::CheckPolicy{.ranking = core::Ranking::fifo}},
          {"every 2 s", fixed(2s)},
          {"every 30 s", fixed(30s)},
          {"60 s + 5 x 300 s", five_more}};
}

Duration Figures::at(std::size_t per_cent) const {
  return delays.empty() ? Duration{0} : delays[(delays.size() - 1) * per_cent / 100];
}

Figures run(const Strategy& strategy, const std::vector<Payer>& payers, Duration per_call) {
  Street street(strategy, payers);
  const Duration end = payers.back().ordered_at + kRetention + 24h;
  for (Duration at{0}; at <= end; at += per_call)
    street.tick(kStart + at);
  return street.figures();
}

}  // namespace quittance::detection_bench
