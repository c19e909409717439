// A place for whoever paid on a provider's own page: who gets one, who does not, and why.
#include <gtest/gtest.h>

#include "checkout/checkout.hpp"
#include "support/open_books.hpp"

namespace quittance::checkout {
namespace {

using base::Result;
using providers::ListedPayment;
using providers::PaymentState;
using providers::Registration;
using storage::Books;
using storage::Sql;
using storage::WritableBooks;
using namespace std::chrono_literals;
using Outcome = AdmissionOutcome;

constexpr Sql kOrders{"SELECT COUNT(*) AS n FROM orders"};
constexpr Sql kAttendees{"SELECT COUNT(*) AS n FROM attendees"};
constexpr Sql kReserved{"SELECT SUM(reserved) AS n FROM products"};

core::Money inr(std::int64_t paise) {
  return *core::Money::from_minor(paise, *core::Currency::from_code("INR"));
}

/// A club with an event of three places at 250 rupees, which takes those who name no event.
struct Club : testing::OpenBooks {
  Club() { event = add_event("Hackathon", 3, true); }

  std::int64_t add_event(std::string name, std::int64_t places, bool unnamed) {
    return write<std::int64_t>([&](WritableBooks& books) -> Result<std::int64_t> {
      TRY(const auto product, add_product(books,
                                          {.name = name,
                                           .description = "",
                                           .picture = "",
                                           .price = inr(25'000),
                                           .stock = places},
                                          "admin", clock.now()));
      TRY(const auto id, books.insert_event({.product_id = product,
                                             .name = name,
                                             .starts_at = clock.now() + 240h,
                                             .created_at = clock.now()}));
      if (unnamed) TRY_VOID(books.set_takes_unnamed(id, true));
      return id;
    });
  }
  ListedPayment paid(Registration answers, core::Money amount = inr(25'000)) {
    return {.payment_ref = "pay_" + std::to_string(++payments),
            .provider_ref = "",
            .merchant_reference = "",
            .state = PaymentState::paid,
            .amount = amount,
            .refunded = core::Money::zero(amount.currency()),
            .payer = "",
            .created_at = clock.now() - 20min,
            .paid_at = clock.now() - 20min,
            .raw = "{}",
            .registration = std::move(answers)};
  }
  Admission admit(const ListedPayment& payment) {
    return write<Admission>([&](WritableBooks& books) {
      const Admitting admitting{
          .provider = "razorpay", .environment = "sandbox", .payment = payment};
      return checkout::admit(books, policy, random, clock.now(), admitting);
    });
  }
  storage::Attendee attendee(const std::string& roll) {
    return read<std::optional<storage::Attendee>>(
               [&](Books& books) { return books.attendee(event, roll); })
        .value();
  }

  CheckoutPolicy policy;
  std::int64_t event = 0;
  int payments = 0;
};

const Registration kAsha{.name = "Asha", .roll_number = "21CS045", .email = "asha@mail.example"};

TEST(Admission, S4_5_WhoPaidGetsAnOrderASessionAndAPlace) {
  Club club;
  const Admission done = club.admit(club.paid(kAsha));
  ASSERT_TRUE(done.session.has_value()) << to_text(done.outcome);
  const core::Session& session = *done.session;
  EXPECT_EQ(session.amount, inr(25'000));
  EXPECT_EQ(session.bill_number, "pay_1");
  EXPECT_EQ(session.created_at, club.clock.now() - 20min) << "it began when the payment did";
  EXPECT_FALSE(session.next_check_at.has_value()) << "there is nothing to ask about";
  const auto order = club.read<std::optional<core::Order>>(
      [&](Books& books) { return books.order(*session.order_id); });
  EXPECT_EQ(order->status, core::OrderStatus::pending) << "only the funnel completes it";
  EXPECT_EQ(order->stock_state, core::StockState::reserved);
  const auto attendee = club.attendee("21CS045");
  EXPECT_EQ(attendee.order_id, order->id);
  EXPECT_EQ(attendee.name, "Asha");
  EXPECT_EQ(club.number(kReserved), 1);
}

TEST(Admission, S4_38_WhyNobodyIsAdmitted) {
  Club club;
  const std::int64_t other = club.add_event("Seminar", 1, false);
  struct Row {
    const char* what;
    Outcome outcome;
    std::function<void(ListedPayment&)> change;
  };
  const std::vector<Row> rows{
      {"nothing is filled in", Outcome::details_missing,
       [](ListedPayment& p) { p.registration.reset(); }},
      {"no name", Outcome::details_missing, [](ListedPayment& p) { p.registration->name = ""; }},
      {"a blank roll number", Outcome::details_missing,
       [](ListedPayment& p) { p.registration->roll_number = " \t"; }},
      {"an event that is none of ours", Outcome::no_event,
       [](ListedPayment& p) { p.registration->event_id = "77"; }},
      {"an event that is no number", Outcome::no_event,
       [](ListedPayment& p) { p.registration->event_id = "1x"; }},
      {"only authorized", Outcome::not_captured,
       [](ListedPayment& p) { p.state = PaymentState::authorized; }},
      {"failed", Outcome::refunded, [](ListedPayment& p) { p.state = PaymentState::failed; }},
      {"given back", Outcome::refunded, [](ListedPayment& p) { p.state = PaymentState::refunded; }},
      {"a rupee given back", Outcome::refunded, [](ListedPayment& p) { p.refunded = inr(100); }},
      {"a paisa too little", Outcome::below_price,
       [](ListedPayment& p) { p.amount = inr(24'999); }},
      {"dollars", Outcome::other_currency,
       [](ListedPayment& p) {
         p.amount = testing::usd(25'000);
         p.refunded = testing::usd(0);
       }},
  };
  for (const Row& row : rows) {
    ListedPayment payment = club.paid(kAsha);
    row.change(payment);
    const Admission done = club.admit(payment);
    EXPECT_EQ(done.outcome, row.outcome) << row.what << ": " << to_text(done.outcome);
    EXPECT_FALSE(done.session.has_value()) << row.what;
  }
  EXPECT_EQ(club.number(kOrders), 0) << "nothing of it is written";
  EXPECT_EQ(club.number(kReserved), 0);
  Registration elsewhere = kAsha;
  elsewhere.event_id = std::to_string(other);
  EXPECT_TRUE(club.admit(club.paid(elsewhere)).session.has_value()) << "the event that it names";
  EXPECT_EQ(club.admit(club.paid(elsewhere)).outcome, Outcome::registered_before);
  elsewhere.roll_number = "21CS046";
  EXPECT_EQ(club.admit(club.paid(elsewhere)).outcome, Outcome::event_full);
}

TEST(Admission, OneAttendeeUnderARollNumberHoweverItIsWritten) {
  Club club;
  EXPECT_TRUE(club.admit(club.paid(kAsha)).session.has_value());
  Registration again = kAsha;
  again.roll_number = " 21cs 045 ";
  EXPECT_EQ(club.admit(club.paid(again)).outcome, Outcome::registered_before);
  Registration friends = kAsha;  // One address for two: nobody is left out for that.
  friends.roll_number = "21CS046";
  EXPECT_TRUE(club.admit(club.paid(friends)).session.has_value());
  EXPECT_EQ(club.number(kAttendees), 2);
  EXPECT_EQ(club.number(kReserved), 2);
}

TEST(Admission, APlaceWhoseMoneyWentBackMayBeTakenAgain) {
  Club club;
  const Admission first = club.admit(club.paid(kAsha));
  const core::OrderId order = *first.session->order_id;
  club.write<storage::Rows>([&](WritableBooks& books) -> Result<storage::Rows> {
    TRY(auto found, books.order(order));
    found->status = core::OrderStatus::refunded;
    const storage::OrderChange change{
        .order = *found, .expected_paid = found->paid, .expected_refunded = found->refunded};
    TRY_VOID(books.update_orders(testing::just(change)));
    return storage::Rows();
  });
  const Admission second = club.admit(club.paid(kAsha));
  ASSERT_TRUE(second.session.has_value()) << to_text(second.outcome);
  EXPECT_EQ(club.attendee("21CS045").order_id, *second.session->order_id);
  EXPECT_EQ(club.number(kAttendees), 1) << "the same person";
}

TEST(Admission, TwoWritersUnderOneRollNumberTheSecondWritesNothing) {
  Club club;
  const Admission first = club.admit(club.paid(kAsha));
  ASSERT_TRUE(first.session.has_value());
  storage::Attendee late = club.attendee("21CS045");
  const core::OrderId held = late.order_id;
  late.name = "Somebody else";
  const auto lost = club.try_write<std::int64_t>(
      [&](WritableBooks& books) { return books.save_attendee(late, std::nullopt); });
  ASSERT_FALSE(lost.has_value()) << "it looked before the first had written";
  EXPECT_EQ(lost.error().code, base::ErrorCode::conflict);
  EXPECT_EQ(club.attendee("21CS045").name, "Asha");
  EXPECT_EQ(club.attendee("21CS045").order_id, held);
}

TEST(Admission, OneEventTakesThoseThatNameNone) {
  Club club;
  const std::int64_t next = club.add_event("Robotics", 3, true);
  const Admission done = club.admit(club.paid(kAsha));
  const auto event = club.read<std::optional<storage::Event>>(
      [&](Books& books) { return books.event_of_order(*done.session->order_id); });
  EXPECT_EQ(event->id, next) << "the one that was told last";
  club.write<storage::Rows>(
      [&](WritableBooks& books) { return books.set_takes_unnamed(next, false); });
  EXPECT_EQ(club.admit(club.paid(kAsha)).outcome, Outcome::no_event);
}

TEST(Admission, WhatNamesNoEventIsForNoneThatIsOver) {
  Club club;
  club.clock.advance(240h + 13h);
  ListedPayment late = club.paid(kAsha);
  late.created_at = club.clock.now();
  EXPECT_EQ(club.admit(late).outcome, Outcome::event_over);
  late.created_at -= 2h;
  EXPECT_TRUE(club.admit(late).session.has_value()) << "paid at the door";
  Registration named = kAsha;
  named.roll_number = "21CS046";
  named.event_id = std::to_string(club.event);
  ListedPayment stated = club.paid(named);
  stated.created_at = club.clock.now();
  EXPECT_TRUE(club.admit(stated).session.has_value()) << "it says which event it means";
}

TEST(Events, TheMomentIsShownAsTheClockOnItsWallReads) {
  storage::Event event{.starts_at = base::from_ms(1'796'439'600'000), .utc_offset_minutes = 330};
  EXPECT_EQ(storage::local_start(event), "2026-12-05T08:30:00+05:30");
  event.utc_offset_minutes = -210;
  EXPECT_EQ(storage::local_start(event), "2026-12-04T23:30:00-03:30");
  event.utc_offset_minutes = 0;
  EXPECT_EQ(storage::local_start(event), "2026-12-05T03:00:00+00:00");
}

}  // namespace
}  // namespace quittance::checkout
