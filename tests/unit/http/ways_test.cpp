// Which session a page shows, and how ways are spoken of.
#include "http/ways.hpp"

#include <gtest/gtest.h>

#include "http/order_page.hpp"
#include "support/shop.hpp"

namespace quittance::http {
namespace {

using core::SessionStatus;

core::Session session(std::string id, SessionStatus status, std::string provider_ref = "ref") {
  return {.session_id = std::move(id),
          .provider_ref = std::move(provider_ref),
          .amount = testing::usd(100),
          .status = status};
}

std::string shown(const std::vector<core::Session>& sessions, std::string_view wanted = "") {
  const auto one = shown_session(sessions, wanted);
  return one ? one->session_id : "none";
}

TEST(ShownSession, TheWantedOneElseTheNewestThatCanBePaid) {
  EXPECT_EQ(shown({}), "none");
  const std::vector<core::Session> two{session("b", SessionStatus::open),
                                       session("a", SessionStatus::open)};
  EXPECT_EQ(shown(two), "b");
  EXPECT_EQ(shown(two, "a"), "a");
  EXPECT_EQ(shown(two, "of another order"), "b");
}

TEST(ShownSession, Law5_AFailedOrUnshownOneLeavesTheEarlierCodeOnThePage) {
  EXPECT_EQ(shown({session("b", SessionStatus::failed), session("a", SessionStatus::open)}), "a");
  core::Session refused = session("b", SessionStatus::open);
  refused.last_answer = "final_no";
  EXPECT_EQ(shown({refused, session("a", SessionStatus::open)}), "a");
  EXPECT_EQ(shown({session("b", SessionStatus::open, ""), session("a", SessionStatus::expired)}),
            "a");
  EXPECT_EQ(shown({session("b", SessionStatus::processing), session("a", SessionStatus::open)}),
            "b");
  EXPECT_EQ(shown({session("b", SessionStatus::failed), session("a", SessionStatus::canceled)}),
            "b")
      << "the newest, when nothing can be paid";
}

TEST(ShownSession, WhatIsPaidInPartComesFirst) {
  EXPECT_EQ(shown({session("b", SessionStatus::settled), session("a", SessionStatus::open)}), "b");
}

TEST(Ways, BakongIsCalledKhqrAndOthersByTheirNames) {
  EXPECT_EQ(way_of_provider("bakong"), "khqr");
  EXPECT_EQ(way_of_provider("qpay"), "qpay");
  EXPECT_EQ(words_of_way("khqr").title, "KHQR");
  EXPECT_EQ(words_of_way("made_up").title, "made_up") << "a provider that came later";
  EXPECT_TRUE(words_of_way("made_up").text.empty());
  EXPECT_FALSE(words_of_way("made_up").how.empty());
}

}  // namespace
}  // namespace quittance::http
