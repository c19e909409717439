// What a provider cannot do has a name of its own.
#include <gtest/gtest.h>

#include "unit/providers/bakong_fixture.hpp"

namespace quittance::providers {
namespace {

TEST(Port, WhatAProviderHasNotFailsAsUnsupported) {
  BakongFixture fixture;
  Provider& bakong = *fixture.bakong;
  const Capabilities can = bakong.capabilities();
  EXPECT_FALSE(can.lists || can.notifies || can.cancels || can.refunds || can.presents_remotely);
  EXPECT_EQ(can.polling, PollingRule::everything);
  constexpr auto unsupported = base::ErrorCode::unsupported;
  const core::Session session = BakongFixture::session("md5");
  EXPECT_EQ(bakong.read_notice({}).error().code, unsupported);
  EXPECT_EQ(fixture.run(bakong.list({}, "")).error().code, unsupported);
  EXPECT_EQ(fixture.run(bakong.cancel(session)).error().code, unsupported);
  RefundDraft draft{.session = session, .payment_ref = "hash", .amount = session.amount};
  EXPECT_EQ(fixture.run(bakong.refund(std::move(draft))).error().code, unsupported);
}

TEST(Port, EveryPaymentStateHasAWord) {
  EXPECT_EQ(to_text(PaymentState::pending), "pending");
  EXPECT_EQ(to_text(PaymentState::authorized), "authorized");
  EXPECT_EQ(to_text(PaymentState::paid), "paid");
  EXPECT_EQ(to_text(PaymentState::failed), "failed");
  EXPECT_EQ(to_text(PaymentState::canceled), "canceled");
  EXPECT_EQ(to_text(PaymentState::refunded), "refunded");
}

}  // namespace
}  // namespace quittance::providers
