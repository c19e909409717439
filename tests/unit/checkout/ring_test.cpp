// A request to pay that rings a phone: another number is another request beside the first, and a
// phone is rung only so often.
#include <gtest/gtest.h>

#include "checkout/checkout.hpp"
#include "support/open_books.hpp"
#include "support/scripted_provider.hpp"

namespace quittance::checkout {
namespace {

using base::ErrorCode;
using base::Result;
using storage::Books;
using storage::WritableBooks;
using testing::usd;
using namespace std::chrono_literals;

constexpr const char* kWrong = "0343500003";
constexpr const char* kRight = "0343500004";

struct Exchange : testing::OpenBooks {
  Exchange() {
    push.presents_remotely = true;
    push.rings_phone = true;
    policy.rings = &limit;
    silk = write<core::ProductId>([](WritableBooks& b) {
      return b.insert_product({.name = "Silk", .price = usd(900), .stock = 1'000});
    });
  }
  Result<PlacedOrder> try_place(std::string phone) {
    OrderDraft draft{.items = {{silk, 1}},
                     .payment_method = "mvola",
                     .customer_id = std::nullopt,
                     .customer_name = "Rivo",
                     .customer_email = "",
                     .payer_phone = std::move(phone)};
    AlsoWrite nothing = [](WritableBooks&, const PlacedOrder&) {
      return Result<storage::Rows>(storage::Rows());
    };
    return run(
        place_order(*store, push, policy, clock, random, std::move(draft), std::move(nothing)));
  }
  PlacedOrder place(std::string phone) {
    auto placed = try_place(std::move(phone));
    EXPECT_TRUE(placed.has_value()) << (placed ? "" : placed.error().message);
    return std::move(placed.value());
  }
  Result<core::Session> ask(core::OrderId order, std::string phone) {
    ShowTo to{.payer_phone = std::move(phone)};
    return run(open_order_session(*store, push, policy, clock, random, order, usd(900), "",
                                  std::move(to)));
  }
  Result<core::Session> ask_freely(std::string phone) {
    ShowTo to{.payer_phone = std::move(phone)};
    return run(open_free_session(*store, push, policy, clock, random, usd(900), "", std::move(to)));
  }
  std::vector<core::Session> sessions_of(core::OrderId order) {
    return read<std::vector<core::Session>>(
        [order](Books& b) { return b.sessions_of_order(order); });
  }
  std::string written_phone(core::SessionId id) {
    const auto beside =
        read<std::optional<std::string>>([id](Books& b) { return b.presentation(id); });
    const auto json = base::Json::parse(beside.value_or(""));
    return json ? (*json)["payer_phone"].text_or_empty() : std::string();
  }
  std::int64_t number_of_sessions() {
    static constexpr storage::Sql kSql{"SELECT COUNT(*) AS n FROM payment_sessions"};
    return number(kSql);
  }
  std::size_t rung() const { return push.drafts.size(); }

  testing::ScriptedProvider push{"mvola"};
  RingLimit limit{clock};
  CheckoutPolicy policy;
  core::ProductId silk;
};

TEST(Ring, Law5_AnotherNumberIsAnotherRequestBesideTheFirst) {
  Exchange shop;
  const PlacedOrder placed = shop.place(kWrong);
  const auto again = shop.ask(placed.order.id, "+261 34 35 000 03");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->session_id, placed.session.session_id) << "the same phone: it rings already";
  EXPECT_EQ(shop.rung(), 1U);

  const auto right = shop.ask(placed.order.id, kRight);
  ASSERT_TRUE(right.has_value());
  EXPECT_NE(right->session_id, placed.session.session_id);
  EXPECT_NE(right->provider_ref, placed.session.provider_ref);
  ASSERT_EQ(shop.rung(), 2U);
  EXPECT_EQ(shop.push.drafts[1].payer_phone, kRight);
  EXPECT_NE(shop.push.drafts[1].merchant_reference, shop.push.drafts[0].merchant_reference);

  const auto sessions = shop.sessions_of(placed.order.id);
  ASSERT_EQ(sessions.size(), 2U);
  for (const core::Session& session : sessions) {
    EXPECT_EQ(session.status, core::SessionStatus::open);
    EXPECT_TRUE(session.next_check_at.has_value()) << "both are asked about";
  }
  // Each number leads to its own from now on.
  EXPECT_EQ(shop.ask(placed.order.id, "034 35 000 04")->session_id, right->session_id);
  EXPECT_EQ(shop.ask(placed.order.id, "034 35 000 03")->session_id, placed.session.session_id);
  EXPECT_EQ(shop.ask(placed.order.id, "")->session_id, right->session_id)
      << "who names no phone sees the newest";
  EXPECT_EQ(shop.rung(), 2U);
}

TEST(Ring, TheNumberIsInTheBooksBeforeThePhoneRings) {
  Exchange shop;
  // The push is lost on the way back: the phone may ring, and we know no reference of it.
  shop.push.cannot_present = base::Error{ErrorCode::timeout, "No answer."};
  const PlacedOrder placed = shop.place(kWrong);
  EXPECT_FALSE(placed.session.presented());
  EXPECT_EQ(shop.written_phone(placed.session.id), kWrong);
  EXPECT_FALSE(shop.sessions_of(placed.order.id).front().presented());
  shop.push.cannot_present.reset();

  const auto right = shop.ask(placed.order.id, kRight);
  ASSERT_TRUE(right.has_value());
  EXPECT_NE(right->session_id, placed.session.session_id) << "the first stays the wrong phone's";
  EXPECT_EQ(shop.written_phone(right->id), kRight) << "also when it was presented";
  const auto same = shop.ask(placed.order.id, "+261 34 35 000 03");
  ASSERT_TRUE(same.has_value());
  EXPECT_NE(same->session_id, placed.session.session_id) << "the lost one may ring all the same";
  EXPECT_NE(shop.push.drafts.back().merchant_reference, shop.push.drafts[0].merchant_reference);
  const auto first = shop.sessions_of(placed.order.id).back();
  EXPECT_EQ(first.session_id, placed.session.session_id);
  EXPECT_TRUE(first.provider_ref.empty()) << "a late callback can still tell whose it is";
  EXPECT_EQ(first.status, core::SessionStatus::open);
}

TEST(Ring, ARequestOfUnknownPhoneIsNobodysButOneThatRangNoneIsTaken) {
  Exchange shop;
  const PlacedOrder placed = shop.place(kWrong);
  // As written by a version that kept no numbers.
  shop.write<bool>([&](WritableBooks& b) -> Result<bool> {
    core::Session old = placed.session;
    old.session_id = "11111111-2222-4333-8444-000000000001";
    old.payment_id = "11111111-2222-4333-8444-000000000002";
    old.provider_ref.clear();
    old.qr_data.clear();
    old.md5_hash.clear();
    TRY(old.id, b.insert_session(old));
    old.provider_ref = "old-push";
    return b.present_session(old, "{}");
  });
  const auto asked = shop.ask(placed.order.id, kRight);
  ASSERT_TRUE(asked.has_value());
  EXPECT_NE(asked->provider_ref, "old-push");
  EXPECT_NE(asked->session_id, placed.session.session_id);

  const PlacedOrder other = shop.place("0343500009");
  const auto silent = shop.write<core::SessionId>([&](WritableBooks& b) {
    core::Session never = other.session;
    never.session_id = "11111111-2222-4333-8444-000000000003";
    never.payment_id = "11111111-2222-4333-8444-000000000004";
    never.provider_ref.clear();
    never.qr_data.clear();
    never.md5_hash.clear();
    return b.insert_session(never);
  });
  const auto taken = shop.ask(other.order.id, kRight);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->id, silent);
  EXPECT_EQ(shop.written_phone(silent), kRight);
}

TEST(Ring, ARefusedPushIsFollowedByAnother) {
  Exchange shop;
  const PlacedOrder placed = shop.place(kRight);
  shop.write<storage::Rows>([&](WritableBooks& b) {
    return b.note_check(placed.session.id, "final_no", shop.clock.now(), std::nullopt);
  });
  const auto again = shop.ask(placed.order.id, kRight);
  ASSERT_TRUE(again.has_value());
  EXPECT_NE(again->session_id, placed.session.session_id);
  EXPECT_EQ(shop.rung(), 2U);
}

TEST(Ring, WhereNoPhoneIsRungNoNumberIsKept) {
  Exchange shop;
  shop.push.rings_phone = false;
  const PlacedOrder placed = shop.place(kWrong);
  EXPECT_EQ(shop.written_phone(placed.session.id), "");
  EXPECT_EQ(shop.ask(placed.order.id, kRight)->session_id, placed.session.session_id);
}

TEST(Ring, Law9_APhoneIsRungOnlySoOftenWhoeverAsks) {
  Exchange shop;
  for (std::size_t i = 0; i < kRingsMost; ++i)
    shop.place(kRight);
  const std::int64_t before = shop.number_of_sessions();
  const auto refused = shop.try_place("+261 34 35 000 04");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::rate_limited);
  EXPECT_EQ(refused.error().param, "payer_phone");
  EXPECT_EQ(shop.ask_freely(kRight).error().code, ErrorCode::rate_limited);
  const PlacedOrder other = shop.place(kWrong);
  EXPECT_EQ(shop.ask(other.order.id, kRight).error().code, ErrorCode::rate_limited);
  EXPECT_EQ(shop.number_of_sessions(), before + 1) << "nothing is written for what may not ring";
  EXPECT_EQ(shop.rung(), kRingsMost + 1);
  EXPECT_EQ(shop.ask(other.order.id, kWrong)->session_id, other.session.session_id)
      << "what rings already is shown";
  shop.clock.advance(kRingsWithin);
  EXPECT_TRUE(shop.ask(other.order.id, kRight).has_value());
}

TEST(Ring, Law9_APushWhoseAnswerIsLostCountsToo) {
  Exchange shop;
  shop.push.cannot_present = base::Error{ErrorCode::timeout, "No answer."};
  const PlacedOrder placed = shop.place(kRight);
  for (std::size_t i = 1; i < kRingsMost; ++i)
    EXPECT_EQ(shop.ask(placed.order.id, kRight).error().code, ErrorCode::timeout);
  EXPECT_EQ(shop.ask(placed.order.id, kRight).error().code, ErrorCode::rate_limited);
  EXPECT_EQ(shop.rung(), kRingsMost);
  EXPECT_EQ(shop.sessions_of(placed.order.id).size(), kRingsMost) << "one for each push";
}

TEST(Ring, Law9_AnOrderRingsOnlySoManyPhonesInADay) {
  Exchange shop;
  const auto phone = [](std::size_t n) { return "034350001" + std::to_string(n); };
  const PlacedOrder placed = shop.place(phone(0));
  for (std::size_t i = 1; i < kPhonesPerOrder; ++i)
    ASSERT_TRUE(shop.ask(placed.order.id, phone(i)).has_value()) << i;
  const auto refused = shop.ask(placed.order.id, phone(kPhonesPerOrder));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::rate_limited);
  EXPECT_EQ(refused.error().param, "payer_phone");
  EXPECT_EQ(shop.rung(), kPhonesPerOrder);
  EXPECT_TRUE(shop.ask(placed.order.id, phone(0)).has_value())
      << "a phone that rings is no new one";
  EXPECT_EQ(shop.rung(), kPhonesPerOrder);
  shop.clock.advance(20min);
  ASSERT_TRUE(shop.ask(placed.order.id, phone(0)).has_value()) << "rung again: its time was over";
  EXPECT_EQ(shop.rung(), kPhonesPerOrder + 1);
  EXPECT_FALSE(shop.ask(placed.order.id, phone(kPhonesPerOrder)).has_value());
  shop.place(phone(kPhonesPerOrder));  // of another order
  shop.clock.advance(kPhonesWithin);
  EXPECT_TRUE(shop.ask(placed.order.id, phone(kPhonesPerOrder)).has_value());
}

TEST(Ring, WithoutANumberNothingIsWritten) {
  Exchange shop;
  for (const char* phone : {"", " ", "call me"}) {
    EXPECT_EQ(shop.ask_freely(phone).error().param, "payer_phone") << phone;
    EXPECT_EQ(shop.try_place(phone).error().code, ErrorCode::invalid_request) << phone;
  }
  EXPECT_EQ(shop.number_of_sessions(), 0);
  EXPECT_EQ(shop.rung(), 0U);
}

}  // namespace
}  // namespace quittance::checkout
