// Disputes at Stripe: what the payer's bank has taken back, as a question, the list and a notice
// tell it.
#include "providers/stripe_wire.hpp"
#include "unit/providers/stripe_fixture.hpp"

namespace quittance::providers {
namespace {

using namespace std::chrono_literals;

/// What the adapter says of one payment by now.
ListedPayment told(StripeStreet& street, const core::Session& session) {
  const auto payment = street.run(street.provider->payment(session.provider_ref));
  EXPECT_TRUE(payment && *payment);
  return payment.value().value();
}

TEST(StripeDispute, S4_WhatThePayersBankTookBackIsTold) {
  StripeStreet street;
  const core::Session session = street.show(money("12.50", "USD"));
  ASSERT_TRUE(street.act(session, "pay").has_value());
  EXPECT_EQ(told(street, session).disputed, std::nullopt) << "nobody disputes it";
  ASSERT_TRUE(street.act(session, "dispute").has_value());
  EXPECT_EQ(told(street, session).disputed, money("12.50", "USD"));
  EXPECT_EQ(told(street, session).refunded, money("0.00", "USD")) << "we gave nothing back";
  EXPECT_EQ(told(street, session).state, PaymentState::paid) << "it did come once";
  ASSERT_TRUE(street.act(session, "win").has_value());
  EXPECT_EQ(told(street, session).disputed, money("0.00", "USD"));
}

TEST(StripeDispute, S4_AnInquiryTakesNothingAndAPartIsAPart) {
  StripeStreet street;
  const core::Session session = street.show(money("12.50", "USD"));
  ASSERT_TRUE(street.act(session, "pay").has_value());
  ASSERT_TRUE(street.act(session, "inquire").has_value());
  EXPECT_EQ(told(street, session).disputed, money("0.00", "USD"));
  ASSERT_TRUE(street.act(session, "dispute", "2.50").has_value());
  EXPECT_EQ(told(street, session).disputed, money("2.50", "USD"));
}

TEST(StripeDispute, S4_ADisputeIsInTheListHoweverOldItsPayment) {
  StripeStreet street;
  const core::Session session = street.show(money("2.00", "USD"));
  ASSERT_TRUE(street.act(session, "pay").has_value());
  street.advance(24h * 40);
  ASSERT_TRUE(street.act(session, "dispute").has_value());
  const ListWindow window{.since = street.clock.now() - 1h, .until = street.clock.now() + 1h};
  const auto page = street.run(street.provider->list(window, ""));
  ASSERT_TRUE(page.has_value());
  ASSERT_EQ(page->payments.size(), 1U) << "two events tell of it, it is asked about once";
  EXPECT_EQ(page->payments[0].payment_ref, session.provider_ref);
  EXPECT_EQ(page->payments[0].disputed, money("2.00", "USD"));
  EXPECT_TRUE(page->unreadable.empty());
}

TEST(StripeDispute, N12_ItsNoticeIsSignedAndNamesThePayment) {
  StripeStreet street;
  const core::Session session = street.show(money("2.00", "USD"));
  ASSERT_TRUE(street.act(session, "pay").has_value());
  ASSERT_TRUE(street.act(session, "dispute").has_value());
  std::vector<std::string> kinds;
  for (const RawNotice& raw : street.notices()) {
    const auto notice = street.provider->read_notice(raw);
    ASSERT_TRUE(notice.has_value());
    if (!notice->kind.starts_with("charge.dispute.")) continue;
    kinds.push_back(notice->kind);
    EXPECT_EQ(notice->payment_ref, session.provider_ref);
  }
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"charge.dispute.created", "charge.dispute.funds_withdrawn"}));
}

TEST(StripeDispute, S4_TheWordDecidesAndElseTheAccountsEntries) {
  const auto usd = [](std::int64_t minor) {
    return core::Money::from_minor(minor, *core::Currency::from_code("USD")).value();
  };
  const ListedPayment payment{.payment_ref = "pi_1",
                              .provider_ref = "pi_1",
                              .merchant_reference = "",
                              .amount = usd(1'000),
                              .refunded = usd(300),
                              .payer = "",
                              .created_at = {},
                              .raw = ""};
  const auto taken = [&](const std::string& disputes) {
    return stripe::taken_by(base::Json::parse("{\"data\":[" + disputes + "]}").value(), payment);
  };
  const auto dispute = [](std::string_view status, std::string_view amount, std::string_view more) {
    return R"({"object":"dispute","currency":"usd","status":")" + std::string(status) +
           R"(","amount":)" + std::string(amount) + std::string(more) + "}";
  };
  for (const char* status : {"needs_response", "under_review", "lost"})
    EXPECT_EQ(taken(dispute(status, "500", "")), usd(500)) << status;
  for (const char* status : {"warning_needs_response", "warning_under_review", "warning_closed",
                             "won", "prevented", "a_word_of_tomorrow"}) {
    EXPECT_EQ(taken(dispute(status, "500", "")), usd(0)) << status;
  }
  const std::string out = R"(,"balance_transactions":[{"amount":-470}])";
  const std::string back = R"(,"balance_transactions":[{"amount":-470},{"amount":470}])";
  EXPECT_EQ(taken(dispute("appeal_under_review", "500", out)), usd(500));
  EXPECT_EQ(taken(dispute("appeal_under_review", "500", back)), usd(0));
  EXPECT_EQ(taken(dispute("lost", "200", "") + "," + dispute("lost", "100", "")), usd(300));
  EXPECT_EQ(taken(dispute("lost", "900", "")), usd(700)) << "no more than is left of it";
  EXPECT_EQ(taken(""), usd(0));
  EXPECT_EQ(taken(dispute("lost", "\"many\"", "")), std::nullopt);
  EXPECT_EQ(taken(R"({"status":"lost","amount":500,"currency":"inr"})"), std::nullopt)
      << "of another currency: how much of ours that is, nobody says";
  EXPECT_EQ(stripe::taken_by(base::Json::parse("{}").value(), payment), std::nullopt);
}

}  // namespace
}  // namespace quittance::providers
