// Chaos by seed: a plan that can be repeated, and knobs that follow it.
#include "sandbox/chaos.hpp"

#include <algorithm>
#include <set>

#include "unit/sandbox/rails_fixture.hpp"

namespace quittance::sandbox {
namespace {

using base::Json;

/// Of `chaos_text` for seed 7: a plan that somebody wrote down can be played again later.
constexpr std::string_view kPinnedPlan =
    "6f5bab64831b7abb3d07121937ca38b65bbe6a6233a44d8e5ba968dbfd925f9f";
const std::vector<std::string> kRails{"bakong", "mvola", "qpay", "stripe", "razorpay"};

TEST(Chaos, TheSameSeedMakesTheSamePlan) {
  EXPECT_EQ(chaos_text(plan_chaos(7, kRails)), chaos_text(plan_chaos(7, kRails)));
  EXPECT_NE(chaos_text(plan_chaos(7, kRails)), chaos_text(plan_chaos(8, kRails)));
}

TEST(Chaos, APlanIsTheSameOnEveryMachine) {
  const auto plan = plan_chaos(7, kRails);
  ASSERT_FALSE(plan.empty());
  EXPECT_EQ(base::sha256_hex(chaos_text(plan)), kPinnedPlan);
}

TEST(Chaos, ARailsSpellsDoNotDependOnTheOthers) {
  const std::vector<std::string> alone{"qpay"};
  std::vector<Spell> of_qpay = plan_chaos(7, kRails);
  std::erase_if(of_qpay, [](const Spell& spell) { return spell.rail != "qpay"; });
  EXPECT_EQ(chaos_text(of_qpay), chaos_text(plan_chaos(7, alone)));
}

TEST(Chaos, EverySpellIsOfAKnobThatIsThereAndQuietLiesBetween) {
  std::set<std::string> kinds;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::string rail;
    base::Duration quiet_since{0};
    for (const Spell& spell : plan_chaos(seed, kRails)) {
      if (spell.rail != rail) quiet_since = base::Duration{0};
      rail = spell.rail;
      EXPECT_GE(spell.from - quiet_since, base::Duration{5'000}) << seed;
      EXPECT_GE(spell.until - spell.from, base::Duration{3'000});
      EXPECT_LE(spell.until, kChaosLength);
      quiet_since = spell.until;
      const bool good = rail == kBankRail
                            ? changed_faults(Faults{}, spell.knobs).has_value()
                            : changed_faults(RailFaults{}, {}, spell.knobs).has_value();
      EXPECT_TRUE(good) << rail << " " << spell.knobs.dump();
      kinds.insert(spell.what.substr(0, spell.what.find(" (")));
    }
  }
  for (const char* kind :
       {"slow answers", "answers are lost", "gateway errors", "internal errors",
        "too many requests", "403 web pages", "garbage", "answers cut short", "expired tokens",
        "payments show late", "notices come twice", "notices come late",
        "notices overtake each other", "notices are lost", "forged notices"}) {
    EXPECT_TRUE(kinds.contains(kind)) << kind;
  }
}

SandboxOptions with_chaos() {
  SandboxOptions options = RailsFixture::rails_options();
  options.chaos_seed = 7;
  return options;
}

struct Stormy : RailsFixture {
  Stormy() : RailsFixture(with_chaos()) {}
  Json knobs(const std::string& rail) {
    return json_of(
        get(rail == kBankRail ? "/control/faults" : "/control/rails/" + rail + "/faults"));
  }
};

TEST(Chaos, TheKnobsFollowThePlanRoundByRound) {
  Stormy stormy;
  const std::vector<Spell> plan = stormy.bank().chaos_plan();
  const Json quiet = stormy.knobs("qpay");
  const auto first = std::ranges::find(plan, "qpay", &Spell::rail);
  ASSERT_NE(first, plan.end());
  for (int round = 0; round < 2; ++round) {
    stormy.advance(first->from.count());
    const Json in_spell = stormy.knobs("qpay");
    for (const auto& [name, value] : first->knobs.object())
      EXPECT_EQ(in_spell[name].dump(), value.dump()) << name;
    stormy.advance((first->until - first->from).count());
    EXPECT_EQ(stormy.knobs("qpay").dump(), quiet.dump()) << "and back to what they were";
    stormy.advance((kChaosLength - first->until).count());
  }
}

TEST(Chaos, KnobsThatAPersonTurnedStandAgainAfterwards) {
  Stormy stormy;
  const Json changes = Json::object({{"retry_after_s", 9}, {"latency_ms", 3}});
  ASSERT_TRUE(stormy.bank().change_rail_faults("stripe", changes));
  std::int64_t now_ms = 0;
  for (const Spell& spell : stormy.bank().chaos_plan()) {
    if (spell.rail != "stripe") continue;
    stormy.advance(spell.from.count() - now_ms);
    stormy.knobs("stripe");
    stormy.advance((spell.until - spell.from).count());
    now_ms = spell.until.count();
    const Json after = stormy.knobs("stripe");
    EXPECT_EQ(after["retry_after_s"].integer(), 9) << spell.what;
    EXPECT_EQ(after["latency_ms"].integer(), 3) << spell.what;
  }
}

TEST(Chaos, WithoutASeedNothingTurns) {
  RailsFixture calm;
  EXPECT_TRUE(calm.bank().chaos_plan().empty());
  EXPECT_TRUE(chaos_text({}).empty());
}

TEST(Chaos, ALiveInstallationHasNone) {
  RailsFixture fixture;
  SandboxOptions options = with_chaos();
  options.environment = "live";
  const auto live = Sandbox::open(options, fixture.clock(), fixture.random(), fixture.log());
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().code, base::ErrorCode::forbidden);
}

}  // namespace
}  // namespace quittance::sandbox
