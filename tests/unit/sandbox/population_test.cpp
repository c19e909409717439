// Simulated payers at the rails: the curve of C3 on a clock that runs faster (S1.32-S1.35).
#include <algorithm>
#include <array>
#include <set>

#include "sandbox/population.hpp"
#include "unit/sandbox/rails_fixture.hpp"

namespace quittance::sandbox {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr int kPayers = 20'000;

std::vector<Waiting> crowd() {
  std::vector<Waiting> waiting(kPayers);
  for (std::size_t i = 0; i < waiting.size(); ++i)
    waiting[i].ref = std::to_string(i);
  return waiting;
}

TEST(Population, C3_S1_32_S1_33_S1_34_S1_35_TheCurveHoldsOnEveryClock) {
  const auto waiting = crowd();
  for (const std::int64_t speed : {1, 60, 3'600}) {
    base::SeededRandom random(11);
    Population population;
    const base::Time start = base::from_ms(kStartMs);
    population.meet("shells", waiting, speed, start, random);
    struct Point {
      std::int64_t hours;
      double percent;
    };
    double come = 0;
    for (const Point point : {Point{1, 30.0}, Point{24, 50.0}, Point{168, 80.0}, Point{720, 95.0},
                              Point{10'000, 95.0}}) {
      const auto due = population.take_due(start + base::Duration{point.hours * kHourMs / speed});
      come += static_cast<double>(due.size());
      EXPECT_NEAR(come * 100.0 / kPayers, point.percent, 1.0)
          << point.hours << " h at speed " << speed;
    }
  }
}

TEST(Population, C3_TheSameSeedSendsTheSamePayersAtTheSameTimes) {
  const auto waiting = crowd();
  const auto come_within_a_day = [&](std::uint64_t seed) {
    base::SeededRandom random(seed);
    Population population;
    population.meet("shells", waiting, 1, base::from_ms(kStartMs), random);
    std::set<std::string> refs;
    for (const auto& one : population.take_due(base::from_ms(kStartMs + 24 * kHourMs)))
      refs.insert(one.ref);
    return refs;
  };
  EXPECT_EQ(come_within_a_day(3), come_within_a_day(3));
  EXPECT_NE(come_within_a_day(3), come_within_a_day(4));
}

TEST(Population, ARequestGetsOnePayerHoweverOftenItIsSeen) {
  const auto waiting = crowd();
  base::SeededRandom random(11);
  Population population;
  for (int i = 0; i < 3; ++i)
    population.meet("shells", waiting, 1, base::from_ms(kStartMs), random);
  const auto due = population.take_due(base::from_ms(kStartMs + 720 * kHourMs));
  std::set<std::string> refs;
  for (const auto& one : due)
    refs.insert(one.ref);
  EXPECT_EQ(refs.size(), due.size());
}

SandboxOptions with_payers() {
  SandboxOptions options = RailsFixture::rails_options();
  options.population_speed = 3'600;  // an hour is a second
  return options;
}

TEST(Population, C3_EveryRailIsPaidByThem) {
  RailsFixture rails(with_payers());
  constexpr int kEach = 40;
  for (int i = 0; i < kEach; ++i) {
    rails.qpay_invoice();
    rails.stripe_code("usd", "wechat_pay");
    rails.razorpay_code();
    rails.mvola_push();
  }
  const auto paid = [&] {
    const auto count = [&](std::string_view rail, std::string_view kind, std::string_view name,
                           std::string_view value) {
      const auto objects = rails.bank().objects(rail, kind);
      return std::ranges::count_if(
          objects, [&](const base::Json& one) { return one[name].text_or_empty() == value; });
    };
    return std::array{count("qpay", "payment", "status", "PAID"),
                      count("stripe", "payment_intent", "status", "succeeded"),
                      count("razorpay", "payment", "status", "captured"),
                      count("mvola", "push", "state", "completed")};
  };
  rails.advance(1'000);
  rails.bank().send_payers();
  for (const auto count : paid()) {
    EXPECT_GT(count, 0);
    EXPECT_LT(count, kEach * 3 / 5) << "30 % in the first hour";
  }
  rails.advance(167'000);
  rails.bank().send_payers();
  for (const auto count : paid()) {
    EXPECT_GT(count, kEach / 2);
    EXPECT_LT(count, kEach) << "80 % in a week";
  }
}

TEST(Population, WhoeverComesTooLatePaysNothing) {
  SandboxOptions options = RailsFixture::rails_options();
  options.population_speed = 1;
  RailsFixture rails(options);
  for (int i = 0; i < 40; ++i)
    rails.mvola_push();
  rails.advance(720 * kHourMs);
  EXPECT_EQ(rails.bank().send_payers(), 0) << "every push was over after ten minutes";
}

TEST(Population, NobodyComesUnlessTheyAreSetUpAndAResetSendsThemHome) {
  RailsFixture quiet;
  quiet.stripe_code("usd", "wechat_pay");
  quiet.advance(720 * kHourMs);
  EXPECT_EQ(quiet.bank().send_payers(), 0);
  RailsFixture rails(with_payers());
  for (int i = 0; i < 40; ++i)
    rails.stripe_code("usd", "wechat_pay");
  ASSERT_TRUE(rails.bank().reset());
  EXPECT_EQ(rails.bank().faults().population_speed, 3'600) << "as it was started";
  rails.advance(720'000);
  EXPECT_EQ(rails.bank().send_payers(), 0);
}

TEST(Population, C3_ThereAreNoneInALiveEnvironment) {
  RailsFixture fixture;
  SandboxOptions options = with_payers();
  options.environment = "live";
  const auto live = Sandbox::open(options, fixture.clock(), fixture.random(), fixture.log());
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().code, base::ErrorCode::forbidden);
}

}  // namespace
}  // namespace quittance::sandbox
