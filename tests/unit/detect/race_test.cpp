// N1 and N2: whatever comes together, in whatever order, ends in the same books.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "detect/lapse.hpp"
#include "support/shop.hpp"

namespace quittance::detect {
namespace {

using core::EvidenceSource;
using core::OrderStatus;
using core::Outcome;
using core::SessionStatus;
using core::StockState;
using storage::Sql;
using storage::WritableBooks;
using testing::Placed;
using testing::Shop;
using testing::usd;
using namespace std::chrono_literals;

constexpr Sql kCounted{"SELECT COUNT(*) AS n FROM settlements WHERE counted_minor > 0"};
constexpr Sql kSettlements{"SELECT COUNT(*) AS n FROM settlements"};
constexpr Sql kPasses{"SELECT COUNT(*) AS n FROM passes"};
constexpr Sql kApprovals{"SELECT COUNT(*) AS n FROM approvals"};
constexpr Sql kOutbox{"SELECT COUNT(*) AS n FROM outbox"};
constexpr Sql kEvidence{"SELECT COUNT(*) AS n FROM evidence"};

/// The order is completed, its goods left once, and there is one of everything for each of the
/// `orders` that were paid so far.
void expect_completed_once(Shop& shop, core::ProductId product, const Placed& placed,
                           std::int64_t orders = 1) {
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
  EXPECT_EQ(shop.order(placed.order).stock_state, StockState::committed);
  EXPECT_EQ(shop.order(placed.order).paid, shop.order(placed.order).total);
  EXPECT_EQ(shop.session(placed.session).status, SessionStatus::settled);
  EXPECT_EQ(shop.product(product).stock, 4);
  EXPECT_EQ(shop.product(product).reserved, 0);
  EXPECT_EQ(shop.number(kCounted), orders);
  EXPECT_EQ(shop.number(kPasses), orders);
  EXPECT_EQ(shop.number(kApprovals), orders);
  EXPECT_EQ(shop.number(kOutbox), orders);
}

TEST(Race, N1_AllSourcesBringTheSameMoneyAtTheSameInstant) {
  constexpr std::array kSources{EvidenceSource::webhook, EvidenceSource::poll, EvidenceSource::sync,
                                EvidenceSource::recovery};
  std::array<std::size_t, 4> order{};
  std::iota(order.begin(), order.end(), 0);
  do {
    Shop shop;
    const auto product = shop.add_product(5);
    const auto placed = shop.place(product);
    std::array<std::optional<base::Result<Settled>>, 4> answers;
    for (const std::size_t at : order) {
      shop.start(shop.settling(shop.money(placed.session, "hash-1", kSources[at])), answers[at]);
    }
    shop.settle_down();
    std::size_t settled = 0;
    for (const auto& answer : answers) {
      ASSERT_TRUE(answer && answer->has_value());
      EXPECT_EQ((*answer)->order_status, OrderStatus::completed);
      settled += (*answer)->outcome == Outcome::settled ? 1U : 0U;
    }
    EXPECT_EQ(settled, 1U);
    EXPECT_EQ((*answers[order[0]])->outcome, Outcome::settled) << "the first one settles";
    expect_completed_once(shop, product, placed);
    EXPECT_EQ(shop.number(kSettlements), 1);
    EXPECT_EQ(shop.number(kEvidence), 4) << "each source's word is kept";
  } while (std::ranges::next_permutation(order).found);
}

TEST(Race, N1_PollerStaffAndScreenshotSeeItInOneMillisecond) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  shop.advance(60s);
  shop.bank_has_money(placed.session, "hash-1");
  const auto session = shop.session(placed.session);
  std::optional<std::int64_t> started;
  std::array<std::optional<base::Result<Asked>>, 3> answers;
  shop.start(shop.poller->tick(), started);
  shop.start(shop.asker->ask_now(session, AskReason::verify_instantly), answers[0]);
  shop.start(shop.asker->ask_now(session, AskReason::recovery), answers[1]);
  shop.start(ask_for_order(*shop.store, *shop.asker, placed.order, AskReason::recovery),
             answers[2]);
  shop.settle_down();
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer && answer->has_value());
    EXPECT_EQ((*answer)->result, AskResult::paid);
  }
  expect_completed_once(shop, product, placed);
  EXPECT_EQ(shop.number(kSettlements), 1);
}

TEST(Race, N1_APersonSaysPaidWhileTheBankSaysSoToo) {
  enum class Step { webhook, poll, recovery, person };
  std::array steps{Step::webhook, Step::poll, Step::recovery, Step::person};
  do {
    Shop shop;
    const auto product = shop.add_product(5);
    const auto placed = shop.place(product);
    for (const Step step : steps) {
      switch (step) {
        case Step::webhook:
          shop.settle(shop.money(placed.session, "hash-1", EvidenceSource::webhook));
          break;
        case Step::poll:
          shop.settle(shop.money(placed.session, "hash-1", EvidenceSource::poll));
          break;
        case Step::recovery:
          shop.settle(shop.money(placed.session, "hash-1", EvidenceSource::recovery));
          break;
        case Step::person: {
          const auto by_hand = shop.mark_paid(placed.order);
          EXPECT_EQ(by_hand.has_value(), steps[0] == Step::person);
          break;
        }
      }
    }
    expect_completed_once(shop, product, placed);
    // What the bank brings after a person's word is more money, and is kept as such.
    EXPECT_EQ(shop.number(kSettlements), steps[0] == Step::person ? 2 : 1);
  } while (std::ranges::next_permutation(steps).found);
}

// The person read the reference off the statement: the bank's word for it is no second payment.
TEST(Race, N1_NoticeQuestionPersonAndScreenshotAtOneInstantInEveryOrder) {
  enum class Source { notice, poll, person, screenshot };
  std::array sources{Source::notice, Source::poll, Source::person, Source::screenshot};
  do {
    Shop shop;
    const auto product = shop.add_product(5);
    const auto placed = shop.place(product);
    shop.advance(60s);
    shop.bank_has_money(placed.session, "hash-1");
    std::array<std::optional<base::Result<Settled>>, 2> settled;
    std::optional<std::int64_t> started;
    std::optional<base::Result<Asked>> asked;
    for (const Source source : sources) {
      switch (source) {
        case Source::notice:
          shop.start(shop.settling(shop.money(placed.session, "hash-1", EvidenceSource::webhook)),
                     settled[0]);
          break;
        case Source::poll:
          shop.start(shop.poller->tick(), started);
          break;
        case Source::person:
          shop.start(shop.manual->mark_paid(
                         placed.order, {.actor = "sokha", .reason = "on the statement"}, "hash-1"),
                     settled[1]);
          break;
        case Source::screenshot:
          shop.start(ask_for_order(*shop.store, *shop.asker, placed.order, AskReason::recovery),
                     asked);
          break;
      }
    }
    shop.settle_down();
    EXPECT_TRUE(started && asked && settled[0] && settled[1]);
    expect_completed_once(shop, product, placed);
    EXPECT_EQ(shop.number(kSettlements), 1);
  } while (std::ranges::next_permutation(sources).found);
}

/// One thing that happens around the end of a session's window.
enum class Tick { lapse, cleanup, hold, success, repeated };

void happen(Shop& shop, const core::Session& before, Tick tick, const core::Evidence& money) {
  switch (tick) {
    case Tick::lapse:
      // What an answer "not yet" writes, with the session as it was when the question was asked.
      shop.write<bool>([&](WritableBooks& books) -> base::Result<bool> {
        TRY_VOID(books.note_check(before.id, "not_yet", shop.clock.now(), shop.clock.now() + 2s));
        return lapse(books, before, shop.clock.now(), false);
      });
      break;
    case Tick::cleanup:
      EXPECT_TRUE(shop.run(clean_up(*shop.store, shop.clock, 24h * 45, "system")));
      break;
    case Tick::hold:
      shop.write<bool>(
          [&](WritableBooks& books) { return lapse(books, before, shop.clock.now(), true); });
      break;
    case Tick::success:
      shop.settle(money);
      break;
    case Tick::repeated: {
      core::Evidence again = money;
      again.source = EvidenceSource::recovery;
      shop.settle(again);
      break;
    }
  }
}

TEST(Race, N2_TheExpiryTickAndASuccessInEveryInterleaving) {
  for (const base::Duration around :
       {base::Duration(-1ms), base::Duration(0ms), base::Duration(1ms), base::Duration(24h)}) {
    Shop shop;
    std::int64_t orders = 0;
    std::array ticks{Tick::lapse, Tick::cleanup, Tick::hold, Tick::success, Tick::repeated};
    do {
      const auto product = shop.add_product(5);
      const auto placed = shop.place(product);
      const auto before = shop.session(placed.session);
      core::Evidence money = shop.money(placed.session, "hash-" + std::to_string(orders));
      money.paid_at = before.expires_at - 1ms;
      shop.clock.set(before.expires_at + around);
      for (const Tick tick : ticks)
        happen(shop, before, tick, money);
      expect_completed_once(shop, product, placed, ++orders);
      ASSERT_EQ(shop.settlements(placed.order).size(), 1U);
      EXPECT_EQ(shop.settlements(placed.order)[0].outcome, Outcome::settled);
    } while (std::ranges::next_permutation(ticks).found);
  }
}

TEST(Race, N2_ANoThatWasOnItsWayWhenTheMoneyCameEndsNothing) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  shop.advance(24h * 2);
  const auto evidence = shop.money(placed.session, "hash-1", EvidenceSource::webhook);
  std::optional<base::Result<Settled>> settled;
  shop.bank->latency = 500ms;
  shop.bank->on_the_wire = [&] { shop.start(shop.settling(evidence), settled); };
  EXPECT_EQ(shop.ask(placed.session).result, AskResult::not_yet);
  ASSERT_TRUE(settled && settled->has_value());
  expect_completed_once(shop, product, placed);
  EXPECT_EQ(shop.session(placed.session).next_check_at, std::nullopt);
}

TEST(Race, ACancelationAndASuccessOnTheWire) {
  Shop shop;
  const auto product = shop.add_product(5);
  const auto placed = shop.place(product);
  const auto evidence = shop.money(placed.session, "hash-1", EvidenceSource::webhook);
  std::optional<base::Result<Settled>> settled;
  shop.bank->latency = 500ms;
  shop.bank->on_the_wire = [&] { shop.start(shop.settling(evidence), settled); };
  const auto canceled = shop.cancel(placed.order);
  ASSERT_TRUE(canceled.has_value());
  EXPECT_EQ(*canceled, CancelResult::completed);
  expect_completed_once(shop, product, placed);
}

}  // namespace
}  // namespace quittance::detect
