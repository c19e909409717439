// The cash desk finds out nothing by itself.
#include <gtest/gtest.h>

#include "providers/providers.hpp"
#include "support/virtual_world.hpp"

namespace quittance::providers {
namespace {

core::Money ariary(std::string_view text) {
  return *core::Money::parse(text, *core::Currency::from_code("MGA"));
}

TEST(Cash, ThereIsNothingToScanAndNobodyToAsk) {
  testing::VirtualWorld world;
  const auto cash = make_cash("live");
  EXPECT_EQ(cash->name(), "cash");
  EXPECT_EQ(cash->environment(), "live");
  const auto shown = world.run(cash->present({.amount = ariary("500000")}));
  ASSERT_TRUE(shown.has_value());
  EXPECT_EQ(shown->qr_data + shown->provider_ref + shown->md5_hash, "");
  const core::Session session{.amount = ariary("500000")};
  const auto answers = world.run(cash->query({session, session}));
  ASSERT_EQ(answers.size(), 2U);
  for (const Answer& answer : answers)
    EXPECT_TRUE(std::holds_alternative<NotYet>(answer));
  EXPECT_EQ(cash->health().alarm, "");
}

TEST(Cash, WhatADeskCannotDoItSaysBeforehand) {
  testing::VirtualWorld world;
  const auto cash = make_cash("sandbox");
  const Capabilities can = cash->capabilities();
  EXPECT_FALSE(can.presents_remotely || can.lists || can.notifies || can.cancels || can.refunds);
  EXPECT_FALSE(can.issues_receipts || can.makes_deep_links);
  EXPECT_EQ(can.polling, PollingRule::rare_bounded_sweep);
  constexpr auto unsupported = base::ErrorCode::unsupported;
  EXPECT_EQ(cash->read_notice({}).error().code, unsupported);
  EXPECT_EQ(world.run(cash->list({}, "")).error().code, unsupported);
  EXPECT_EQ(world.run(cash->issue_receipt({})).error().code, unsupported);
  EXPECT_EQ(world.run(cash->void_receipt("v1/x")).error().code, unsupported);
  EXPECT_EQ(world.run(cash->present({.amount = ariary("0")})).error().param, "amount");
}

}  // namespace
}  // namespace quittance::providers
