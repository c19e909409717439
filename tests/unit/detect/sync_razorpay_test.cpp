// Sync against the sandbox's Razorpay: the list, the look at one payment, and the books (S4.2 to
// S4.5).
#include <gtest/gtest.h>

#include "rails.hpp"
#include "unit/detect/sync_fixture.hpp"
#include "unit/providers/razorpay_fixture.hpp"

namespace quittance::detect {
namespace {

using base::Json;
using core::OrderStatus;
using providers::inr;
using storage::SyncRun;
using testing::Placed;
using namespace std::chrono_literals;

/// A shop that takes rupees, and the sandbox on the other side of the wire.
struct RupeeShop : Puller {
  RupeeShop() {
    sandbox::SandboxOptions options;
    options.token_key = base::Secret("a key for tests only");
    options.rails = sandbox::rails();
    options.accounts["razorpay"] = {.key_id = "rzp_test_shop",
                                    .secret = base::Secret("key secret"),
                                    .notice_secrets = {},
                                    .notice_url = ""};
    other_side = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
    wire = std::make_unique<providers::WireToSandbox>(*other_side, clock);
    auto made = providers::make_razorpay(providers::RazorpayStreet::settings(), *wire, clock);
    razorpay = made.get();
    bank->lists = false;
    add_rail(std::move(made));
  }
  SyncRun pull() {
    auto done = run(sync->run_once("razorpay", "sokha"));
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message + done.error().detail);
    return done.value_or(SyncRun{});
  }
  /// An order whose code Razorpay has shown.
  Placed place(core::ProductId silk) {
    const Placed placed = Puller::place(silk);
    core::Session session = draft(placed.order, product(silk).price, random.hex(4));
    session.provider = "razorpay";
    session.receiver = "";
    const auto shown = run(razorpay->present({.amount = session.amount,
                                              .bill_number = session.bill_number,
                                              .merchant_reference = session.session_id,
                                              .description = "Silk",
                                              .object_type = "order",
                                              .created_at = clock.now(),
                                              .expires_at = clock.now() + 2h}));
    EXPECT_TRUE(shown.has_value());
    session.provider_ref = shown.value().provider_ref;
    return {.order = placed.order,
            .session = write<core::SessionId>([&session](storage::WritableBooks& books) {
              return books.insert_session(session);
            })};
  }
  std::string act(const std::string& ref, std::string choice, Json details = {}) {
    auto done = other_side->act("razorpay", ref,
                                {.choice = std::move(choice),
                                 .amount = ref == "page" ? std::optional("100") : std::nullopt,
                                 .details = std::move(details)});
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
    return done.value_or(Json())["id"].text_or_empty();
  }
  std::string code(const Placed& placed) { return session(placed.session).provider_ref; }
  void faults(std::initializer_list<std::pair<std::string, Json>> changes) {
    ASSERT_TRUE(other_side->change_rail_faults("razorpay", Json::object(changes)).has_value());
  }
  std::int64_t settled() {
    static constexpr storage::Sql kSettlements{"SELECT COUNT(*) AS n FROM settlements"};
    return number(kSettlements);
  }

  std::unique_ptr<sandbox::Sandbox> other_side;
  std::unique_ptr<providers::WireToSandbox> wire;
  providers::Provider* razorpay = nullptr;
};

TEST(SyncRazorpay, S4_5_WhatWasPaidByACodeIsFoundByTheCode) {
  RupeeShop shop;
  const Placed placed = shop.place(shop.add_product(3, inr(25'000)));
  shop.act(shop.code(placed), "pay");
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.settled, 1) << run.error;
  EXPECT_EQ(run.unmatched, 0);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
}

TEST(SyncRazorpay, S4_3_PaymentsOfThePaymentPageFitNoSessionWithNotesOrWithout) {
  RupeeShop shop;
  shop.act("page", "pay");
  shop.act("page", "pay",
           Json::object({{"notes", Json::object({{"name", "Asha"}, {"roll_number", "7"}})}}));
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.fetched, 2);
  EXPECT_EQ(run.unmatched, 2);
  EXPECT_EQ(run.unreadable, 0);
  const std::size_t calls = shop.wire->calls.size();
  shop.pull();
  EXPECT_EQ(shop.wire->calls.size(), calls + 1) << "whose they are is asked once";
}

TEST(SyncRazorpay, T4_C30_TwoHundredAndFiftyInADay) {
  RupeeShop shop;
  const Placed placed = shop.place(shop.add_product(3, inr(25'000)));
  shop.act(shop.code(placed), "pay");
  for (int i = 0; i < 250; ++i) {
    shop.act("page", i % 10 == 0 ? "fail" : "pay");
    shop.clock.advance(1s);
  }
  const SyncRun run = shop.pull();
  EXPECT_EQ(run.fetched, 251);
  EXPECT_EQ(run.created, 251);
  EXPECT_EQ(run.unmatched, 225);
  EXPECT_EQ(run.settled, 1);
  EXPECT_EQ(run.state, "done") << run.error;
}

TEST(SyncRazorpay, T4_AuthorizedThenCaptured) {
  RupeeShop shop;
  const Placed placed = shop.place(shop.add_product(3, inr(25'000)));
  const std::string payment = shop.act(shop.code(placed), "authorize");
  EXPECT_EQ(shop.pull().settled, 0);
  shop.act(payment, "pay");
  EXPECT_EQ(shop.pull().settled, 1);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::completed);
}

TEST(SyncRazorpay, N5_TroubleChangesNothingAndTheNextRunFindsAll) {
  RupeeShop shop;
  const Placed placed = shop.place(shop.add_product(3, inr(25'000)));
  shop.act(shop.code(placed), "pay");
  for (const char* knob : {"server_error_percent", "forbidden_html_percent", "garbage_percent",
                           "too_many_requests_percent"}) {
    shop.faults({{knob, 100}});
    EXPECT_EQ(shop.pull().state, "failed") << knob;
    shop.faults({{knob, 0}});
  }
  EXPECT_EQ(shop.settled(), 0);
  EXPECT_EQ(shop.order(placed.order).status, OrderStatus::pending);
  EXPECT_EQ(shop.pull().settled, 1);
}

}  // namespace
}  // namespace quittance::detect
