// Our books and a provider's list, side by side: Expected, Missing, Matched, Over, Under.
#include <gtest/gtest.h>

#include "unit/detect/sync_fixture.hpp"

namespace quittance::detect {
namespace {

using testing::Placed;
using testing::usd;
using namespace std::chrono_literals;

struct Desk : Puller {
  Reconciliation reconciled(base::Time since) {
    return read<Reconciliation>(
        [since](storage::Books& books) { return reconcile(books, "bakong", since); });
  }
  /// The midnight before now, UTC.
  base::Time today() { return std::chrono::floor<std::chrono::days>(clock.now()); }
};

TEST(Reconciliation, EveryKindOfDifferenceHasItsPlace) {
  Desk desk;
  const auto silk = desk.add_product(30);
  const auto counted = [&](const char* ref) {
    const Placed placed = desk.place(silk);
    desk.settle(desk.money(placed.session, ref));
    return placed;
  };
  desk.list("same", counted("same").session);
  counted("missing");
  desk.list("more", counted("more").session).amount = usd(1'200);
  desk.list("less", counted("less").session).amount = usd(700);
  desk.list("failed", counted("failed").session).state = providers::PaymentState::failed;
  desk.list("stranger", "", usd(300));
  const Placed refused = desk.place(silk);
  desk.list("riel", desk.session(refused.session).session_id, testing::khr(4'000'000));
  desk.pull();
  const Reconciliation day = desk.reconciled(desk.today());
  const auto refs = [&day](Comparison comparison) {
    std::vector<std::string> found;
    for (const auto& payment : day.compared.at(comparison).payments)
      found.push_back(payment.payment_ref);
    return found;
  };
  using Refs = std::vector<std::string>;
  EXPECT_EQ(day.expected, 5);
  EXPECT_EQ(day.expected_sums, (Sums{{"USD", 5'000}}));
  EXPECT_EQ(refs(Comparison::matched), Refs{"same"});
  EXPECT_EQ(refs(Comparison::missing), (Refs{"missing", "failed"}));
  EXPECT_EQ(refs(Comparison::over), Refs{"more"});
  EXPECT_EQ(day.compared.at(Comparison::over).sums, (Sums{{"USD", 200}}));
  EXPECT_EQ(refs(Comparison::under), Refs{"less"});
  EXPECT_EQ(day.compared.at(Comparison::under).sums, (Sums{{"USD", 300}}));
  EXPECT_EQ(refs(Comparison::unmatched), Refs{"stranger"});
  EXPECT_EQ(refs(Comparison::uncounted), Refs{"riel"});
  EXPECT_EQ(day.compared.at(Comparison::uncounted).payments.at(0).outcome, "currency_mismatch");
  EXPECT_EQ(day.compared.at(Comparison::uncounted).payments.at(0).order_id, refused.order);
}

TEST(Reconciliation, ADayIsTheDayOfThePaymentAndCompleteOnceItWasReadToItsEnd) {
  Desk desk;
  const Placed placed = desk.place(desk.add_product(3));
  desk.list("pay-1", placed.session);
  desk.pull();
  const base::Time day = desk.today();
  EXPECT_FALSE(desk.reconciled(day).complete) << "it is not over";
  EXPECT_EQ(desk.reconciled(day - 24h).expected, 0);
  EXPECT_EQ(desk.reconciled(day + 24h).expected, 0);
  desk.clock.advance(25h);
  desk.pull();
  EXPECT_TRUE(desk.reconciled(day).complete);
  EXPECT_EQ(desk.reconciled(day).compared.at(Comparison::matched).payments.size(), 1U);
}

TEST(Reconciliation, MoneyThatIsSeenLateBelongsToItsDay) {
  Desk desk;
  const Placed placed = desk.place(desk.add_product(3));
  const base::Time day = desk.today();
  desk.list("pay-1", placed.session);
  desk.clock.advance(72h);
  desk.bank->listed.back().created_at = desk.clock.now();
  desk.pull();
  EXPECT_EQ(desk.reconciled(day).expected, 1);
}

}  // namespace
}  // namespace quittance::detect
