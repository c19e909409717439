// Providers that make the QR themselves: the session is in the books before they are called.
#include <gtest/gtest.h>

#include "checkout/checkout.hpp"
#include "support/open_books.hpp"
#include "support/scripted_provider.hpp"

namespace quittance::checkout {
namespace {

using base::ErrorCode;
using base::Result;
using storage::Books;
using testing::kStart;
using testing::usd;
using namespace std::chrono_literals;

struct Terminal : testing::OpenBooks {
  Terminal() {
    bank.presents_remotely = true;
    policy.public_url = "https://shop.example";
    policy.callback_key = base::Secret("a key for tests only");
  }
  Result<core::Session> open(std::int64_t minor = 500) {
    return run(open_free_session(*store, bank, policy, clock, random, usd(minor), "ref-7", {}));
  }
  core::Session stored(core::SessionId id) {
    return read<std::optional<core::Session>>([id](Books& b) { return b.session(id); }).value();
  }
  core::Session first() { return stored(core::SessionId(1)); }

  testing::ScriptedProvider bank{"remote"};
  CheckoutPolicy policy;
};

TEST(ShowSession, S2_WhatTheProviderGaveIsInTheBooks) {
  Terminal terminal;
  terminal.bank.ends_at = kStart + 2min;
  const auto session = terminal.open();
  ASSERT_TRUE(session.has_value());
  const core::Session stored = terminal.first();
  EXPECT_EQ(stored.provider_ref, "intent-1");
  EXPECT_EQ(stored.qr_data, session->qr_data);
  EXPECT_EQ(stored.md5_hash, base::md5_hex(stored.qr_data));
  EXPECT_EQ(stored.receiver, "shop@bank");
  EXPECT_EQ(stored.expires_at, kStart + 2min) << "the provider ends it before we would";
  const auto found = terminal.read<std::optional<core::Session>>(
      [](Books& b) { return b.session_by_provider_ref("remote", "intent-1"); });
  EXPECT_EQ(found->session_id, stored.session_id);
  const auto beside = terminal.read<std::optional<std::string>>(
      [](Books& b) { return b.presentation(core::SessionId(1)); });
  const auto json = base::Json::parse(beside.value()).value();
  EXPECT_EQ(json["picture"].text_or_empty(), "https://bank.example/qr.png");
  EXPECT_EQ(json["links"].array().at(0)["link"].text_or_empty(), "bank://pay");
}

TEST(ShowSession, OurWindowIsNotStretchedByALaterEndOfTheirs) {
  Terminal terminal;
  terminal.bank.ends_at = kStart + 48h;
  ASSERT_TRUE(terminal.open().has_value());
  EXPECT_EQ(terminal.first().expires_at, kStart + 15min);
}

TEST(ShowSession, TheProviderIsToldOurReferenceAndWhereToCallBack) {
  Terminal terminal;
  ASSERT_TRUE(terminal.open().has_value());
  const core::Session stored = terminal.first();
  const providers::SessionDraft& draft = terminal.bank.drafts.at(0);
  EXPECT_EQ(draft.merchant_reference, stored.session_id);
  EXPECT_EQ(draft.bill_number, stored.bill_number);
  EXPECT_EQ(draft.callback_url,
            "https://shop.example/api/scripted/callback?session=" + stored.session_id + "&token=" +
                providers::callback_token(terminal.policy.callback_key, stored.session_id));
  EXPECT_NE(providers::callback_token(terminal.policy.callback_key, stored.session_id),
            providers::callback_token(terminal.policy.callback_key, "another session"));
}

TEST(ShowSession, C16_ALostAnswerLeavesTheSessionWhereItIsFoundAgain) {
  Terminal terminal;
  terminal.bank.cannot_present = base::Error{ErrorCode::timeout, "No answer."};
  EXPECT_EQ(terminal.open().error().code, ErrorCode::timeout);
  const core::Session lost = terminal.first();
  EXPECT_EQ(lost.status, core::SessionStatus::open);
  EXPECT_FALSE(lost.presented());
  EXPECT_EQ(lost.next_check_at, kStart + 60s) << "it is asked about like any other";

  terminal.bank.cannot_present.reset();
  const auto again =
      terminal.run(show_session(*terminal.store, terminal.bank, terminal.policy, lost, {}));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->session_id, lost.session_id);
  EXPECT_TRUE(terminal.first().presented());
  EXPECT_EQ(terminal.bank.drafts.at(0).merchant_reference,
            terminal.bank.drafts.at(1).merchant_reference)
      << "so that a provider which can will not make a second invoice";
}

TEST(ShowSession, TwoWhoPresentAtOnceShowTheSameCode) {
  Terminal terminal;
  terminal.bank.cannot_present = base::Error{ErrorCode::timeout, "No answer."};
  ASSERT_FALSE(terminal.open().has_value());
  terminal.bank.cannot_present.reset();
  terminal.bank.latency = 100ms;
  const core::Session lost = terminal.first();
  std::vector<base::Task<Result<core::Session>>> both;
  both.push_back(show_session(*terminal.store, terminal.bank, terminal.policy, lost, {}));
  both.push_back(show_session(*terminal.store, terminal.bank, terminal.policy, lost, {}));
  const auto shown = terminal.run(base::gather(std::move(both)));
  ASSERT_TRUE(shown[0].has_value() && shown[1].has_value());
  EXPECT_EQ(terminal.bank.drafts.size(), 3U);
  EXPECT_EQ(shown[0]->provider_ref, shown[1]->provider_ref);
  EXPECT_EQ(terminal.first().provider_ref, shown[0]->provider_ref);
}

TEST(ShowSession, WhatWasShownIsNotPresentedAgain) {
  Terminal terminal;
  const core::Session session = terminal.open().value();
  const auto again =
      terminal.run(show_session(*terminal.store, terminal.bank, terminal.policy, session, {}));
  EXPECT_EQ(again->provider_ref, "intent-1");
  EXPECT_EQ(terminal.bank.drafts.size(), 1U);
}

TEST(ShowSession, AnOrderIsPlacedEvenWhenTheProviderIsAway) {
  Terminal terminal;
  const auto silk = terminal.write<core::ProductId>([](storage::WritableBooks& b) {
    return b.insert_product({.name = "Silk", .price = usd(900), .stock = 3});
  });
  terminal.bank.cannot_present = base::Error{ErrorCode::provider_unavailable, "Away."};
  OrderDraft draft{.items = {{silk, 1}},
                   .payment_method = "card",
                   .customer_id = std::nullopt,
                   .customer_name = "Bat",
                   .customer_email = ""};
  AlsoWrite nothing = [](storage::WritableBooks&, const PlacedOrder&) {
    return Result<storage::Rows>(storage::Rows());
  };
  const auto placed =
      terminal.run(place_order(*terminal.store, terminal.bank, terminal.policy, terminal.clock,
                               terminal.random, std::move(draft), std::move(nothing)));
  ASSERT_TRUE(placed.has_value());
  EXPECT_FALSE(placed->session.presented());

  terminal.bank.cannot_present.reset();
  const auto opened = terminal.run(
      open_order_session(*terminal.store, terminal.bank, terminal.policy, terminal.clock,
                         terminal.random, placed->order.id, usd(900), "", {}));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->session_id, placed->session.session_id) << "the same request, shown at last";
  EXPECT_TRUE(opened->presented());
  EXPECT_EQ(terminal.bank.drafts.back().description, "Order 1");
}

TEST(ShowSession, AnotherProvidersOpenCodeIsNotHandedOut) {
  Terminal terminal;
  const auto silk = terminal.write<core::ProductId>([](storage::WritableBooks& b) {
    return b.insert_product({.name = "Silk", .price = usd(900), .stock = 3});
  });
  testing::ScriptedProvider bakong;
  OrderDraft draft{.items = {{silk, 1}},
                   .payment_method = "khqr",
                   .customer_id = std::nullopt,
                   .customer_name = "Bat",
                   .customer_email = ""};
  AlsoWrite nothing = [](storage::WritableBooks&, const PlacedOrder&) {
    return Result<storage::Rows>(storage::Rows());
  };
  const auto placed =
      terminal.run(place_order(*terminal.store, bakong, terminal.policy, terminal.clock,
                               terminal.random, std::move(draft), std::move(nothing)));
  const auto opened = terminal.run(
      open_order_session(*terminal.store, terminal.bank, terminal.policy, terminal.clock,
                         terminal.random, placed->order.id, usd(900), "", {}));
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->provider, "remote");
  EXPECT_NE(opened->session_id, placed->session.session_id);
}

TEST(IsOver, WhatTheProviderEndedIsAskedForAnewAndACodeOfOursIsNot) {
  core::Session push{.provider_ref = "push-1", .amount = usd(100)};
  EXPECT_FALSE(is_over(push));
  push.last_answer = "final_no";
  EXPECT_TRUE(is_over(push));
  core::Session khqr{.amount = usd(100), .qr_data = "000201"};
  khqr.last_answer = "final_no";
  EXPECT_FALSE(is_over(khqr)) << "S0.65: the same code is paid again after a failed transfer";
  khqr.status = core::SessionStatus::canceled;
  EXPECT_TRUE(is_over(khqr));
}

}  // namespace
}  // namespace quittance::checkout
