// From a cart to an order with a QR: all of it, or nothing.
#include "checkout/checkout.hpp"

#include <gtest/gtest.h>

#include "support/open_books.hpp"
#include "support/scripted_provider.hpp"

namespace quittance::checkout {
namespace {

using base::ErrorCode;
using base::Result;
using storage::Books;
using storage::Sql;
using storage::WritableBooks;
using testing::khr;
using testing::kStart;
using testing::usd;
using namespace std::chrono_literals;

constexpr Sql kOrders{"SELECT COUNT(*) AS n FROM orders"};
constexpr Sql kSessions{"SELECT COUNT(*) AS n FROM payment_sessions"};
constexpr Sql kCustomers{"SELECT COUNT(*) AS n FROM customers"};

struct Counter : testing::OpenBooks {
  testing::ScriptedProvider bank;
  CheckoutPolicy policy;

  core::ProductId add(std::string name, std::int64_t stock, core::Money price = usd(1'250)) {
    return write<core::ProductId>([&](WritableBooks& b) {
      return b.insert_product({.name = name, .price = price, .stock = stock});
    });
  }
  storage::Product product(core::ProductId id) {
    return read<std::optional<storage::Product>>([id](Books& b) { return b.product(id); }).value();
  }
  base::Task<Result<PlacedOrder>> placing(std::vector<CartItem> items) {
    OrderDraft draft{.items = std::move(items),
                     .payment_method = "khqr",
                     .customer_name = "Sokha",
                     .customer_email = "sokha@example.com"};
    AlsoWrite nothing_else = [](WritableBooks&, const PlacedOrder&) -> Result<storage::Rows> {
      return storage::Rows();
    };
    return place_order(*store, bank, policy, clock, random, std::move(draft),
                       std::move(nothing_else));
  }
  Result<PlacedOrder> place(std::vector<CartItem> items) { return run(placing(std::move(items))); }
};

TEST(PlaceOrder, S0_5_S1_25_WritesOrderItemsReservationAndQr) {
  Counter counter;
  const auto silk = counter.add("Silk", 10);
  const auto rice = counter.add("Rice", 10, usd(300));
  const auto placed = counter.place({{rice, 2}, {silk, 3}});
  ASSERT_TRUE(placed.has_value());
  EXPECT_EQ(placed->order.total, usd(3 * 1'250 + 2 * 300));
  const auto order =
      counter.read<std::optional<core::Order>>([&](Books& b) { return b.order(placed->order.id); })
          .value();
  EXPECT_EQ(order.status, core::OrderStatus::pending);
  EXPECT_EQ(order.stock_state, core::StockState::reserved);
  EXPECT_EQ(order.total, placed->order.total);
  EXPECT_EQ(order.reserved_until, kStart + 24h);
  EXPECT_EQ(order.transaction_id.size(), 32U);  // C7
  EXPECT_EQ(order.transaction_id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(order.order_secret, order.transaction_id);
  const auto items =
      counter.read<std::vector<core::OrderItem>>([&](Books& b) { return b.order_items(order); });
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].product_id, silk);
  EXPECT_EQ(items[0].quantity, 3);
  EXPECT_EQ(items[0].price, usd(1'250));
  EXPECT_EQ(counter.product(silk).reserved, 3);
  EXPECT_EQ(counter.product(silk).stock, 10) << "C12: stock leaves only when paid";

  const auto session = counter
                           .read<std::optional<core::Session>>(
                               [&](Books& b) { return b.session(placed->session.id); })
                           .value();
  EXPECT_EQ(session.order_id, order.id);
  EXPECT_EQ(session.amount, order.total);
  EXPECT_EQ(session.expires_at, kStart + 15min);
  EXPECT_EQ(session.next_check_at, kStart + 60s) << "S1.8";
  EXPECT_EQ(session.md5_hash, base::md5_hex(session.qr_data));
  EXPECT_TRUE(session.bill_number.starts_with("BILL_"));
  EXPECT_LE(session.bill_number.size(), 25U) << "what KHQR 62-01 holds";
  EXPECT_GE(session.bill_number.size(), 13U);
  const auto audit = counter.read<std::vector<storage::AuditEntry>>(
      [&](Books& b) { return b.audit_of("order", order.id.value()); });
  EXPECT_EQ(audit.at(0).action, "order.placed");
  const auto customer = counter.read<std::optional<storage::Customer>>(
      [&](Books& b) { return b.customer(order.customer_id.value()); });
  EXPECT_EQ(customer->name, "Sokha");
}

TEST(PlaceOrder, S3AuditTheLogHoldsAllThatWasWritten) {
  Counter counter;
  const auto silk = counter.write<core::ProductId>([](WritableBooks& b) {
    return add_product(b, {.name = "Silk", .picture = "silk", .price = usd(1'250), .stock = 10},
                       "sokha", kStart);
  });
  const auto added = counter.read<std::vector<storage::AuditEntry>>(
      [&](Books& b) { return b.audit_of("product", silk.value()); });
  ASSERT_EQ(added.size(), 1U);
  EXPECT_EQ(added[0].actor, "sokha");
  EXPECT_EQ(added[0].action, "product.added");
  EXPECT_EQ(added[0].details,
            R"({"name":"Silk","description":"","picture":"silk","price_minor":1250,)"
            R"("currency":"USD","stock":10})");

  const auto placed = counter.place({{silk, 3}});
  ASSERT_TRUE(placed.has_value());
  const auto entries = counter.read<std::vector<storage::AuditEntry>>(
      [&](Books& b) { return b.audit_of("order", placed->order.id.value()); });
  ASSERT_EQ(entries.size(), 1U);
  const auto details = *base::Json::parse(entries[0].details);
  EXPECT_EQ(details["transaction_id"], base::Json(placed->order.transaction_id));
  EXPECT_EQ(details["order_secret_sha256"],
            base::Json(base::sha256_hex(placed->order.order_secret)));
  EXPECT_EQ(entries[0].details.find(placed->order.order_secret), std::string::npos);
  EXPECT_EQ(details["customer_id"], base::Json(placed->order.customer_id->value()));
  EXPECT_EQ(details["total_minor"], base::Json(3'750));
  EXPECT_EQ(details["reserved_until"], base::Json(base::to_ms(placed->order.reserved_until)));
  EXPECT_EQ(details["items"].dump(),
            R"([{"row":1,"product_id":1,"name":"Silk","quantity":3,"price_minor":1250}])");
  EXPECT_EQ(details["stock"].dump(), R"([{"product_id":1,"stock":0,"reserved":3}])");
  EXPECT_EQ(details["session"]["row"], base::Json(placed->session.id.value()));
  EXPECT_EQ(details["session"]["session_id"], base::Json(placed->session.session_id));
  EXPECT_EQ(details["session"]["amount_minor"], base::Json(3'750));
}

TEST(PlaceOrder, ABadCartIsRefusedByTheItemAtFault) {
  Counter counter;
  const auto silk = counter.add("Silk", 10'000);
  const auto riel = counter.add("Riel", 10, khr(4'000));
  const auto dear = counter.add("Gold", 10'000, usd(core::Money::kLimitMinor / 10));
  const auto free = counter.add("Smile", 10, usd(0));
  const struct {
    std::vector<CartItem> items;
    const char* param;
  } cases[] = {{{}, "items"},
               {std::vector<CartItem>(51, {silk, 1}), "items"},
               {{{silk, 1}, {silk, 0}}, "items[1]"},
               {{{silk, -1}}, "items[0]"},
               {{{silk, 1'000}}, "items[0]"},
               {{{core::ProductId(999), 1}}, "items[0]"},
               {{{silk, 1}, {riel, 1}}, "items[1]"},
               {{{dear, 999}}, "items[0]"},
               {{{free, 1}}, "items"}};
  for (const auto& one : cases) {
    const auto refused = counter.place(one.items);
    ASSERT_FALSE(refused.has_value()) << one.items.size();
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
    EXPECT_EQ(refused.error().param, one.param) << refused.error().message;
  }
  EXPECT_EQ(counter.number(kOrders), 0);
  EXPECT_EQ(counter.product(silk).reserved, 0);
  EXPECT_TRUE(counter.place({{silk, 999}}).has_value());
  EXPECT_TRUE(counter.place(std::vector<CartItem>(50, {silk, 1})).has_value());
  EXPECT_EQ(counter.product(silk).reserved, 999 + 50);
}

TEST(PlaceOrder, OutOfStockNamesTheItemAndSetsNothingAside) {
  Counter counter;
  const auto silk = counter.add("Silk", 10);
  const auto rice = counter.add("Rice", 2);
  const auto refused = counter.place({{rice, 3}, {silk, 1}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::out_of_stock);
  EXPECT_EQ(refused.error().param, "items[0]");
  EXPECT_EQ(refused.error().message, "Only 2 of Rice are left.");
  EXPECT_EQ(counter.product(silk).reserved, 0);
  EXPECT_EQ(counter.product(rice).reserved, 0);
  for (const Sql* sql : {&kOrders, &kSessions, &kCustomers})
    EXPECT_EQ(counter.number(*sql), 0);
}

TEST(PlaceOrder, C12_CartsAtOnceNeverOversell) {
  Counter counter;
  const auto silk = counter.add("Silk", 10);
  std::array<std::optional<Result<PlacedOrder>>, 8> answers;
  for (auto& answer : answers)
    counter.start(counter.placing({{silk, 3}}), answer);
  counter.settle_down();
  std::size_t placed = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    placed += answer->has_value() ? 1U : 0U;
    if (!answer->has_value()) {
      EXPECT_EQ(answer->error().code, ErrorCode::out_of_stock);
      EXPECT_EQ(answer->error().message, "Only 1 of Silk are left.");
    }
  }
  EXPECT_EQ(placed, 3U);
  EXPECT_EQ(counter.product(silk).reserved, 9);
  EXPECT_EQ(counter.number(kOrders), 3);
}

TEST(PlaceOrder, APriceThatChangesMeanwhileIsNotChargedUnseen) {
  Counter counter;
  const auto silk = counter.add("Silk", 10);
  std::optional<Result<PlacedOrder>> answer;
  counter.start(counter.placing({{silk, 1}}), answer);
  counter.executor.post([&counter] {
    static constexpr Sql kDearer{"UPDATE products SET price_minor = 9999"};
    const auto connection = counter.database.open();
    EXPECT_TRUE(connection->run(kDearer).has_value());
  });
  counter.settle_down();
  ASSERT_TRUE(answer);
  ASSERT_FALSE(answer->has_value());
  EXPECT_EQ(answer->error().code, ErrorCode::conflict);
  EXPECT_EQ(counter.number(kOrders), 0);
}

TEST(PlaceOrder, WhatIsWrittenBesideItIsPartOfIt) {
  Counter counter;
  const auto silk = counter.add("Silk", 10);
  const auto place_with = [&](bool failing) {
    OrderDraft draft{.items = {{silk, 1}}, .payment_method = "khqr"};
    AlsoWrite also = [failing](WritableBooks& b,
                               const PlacedOrder& placed) -> Result<storage::Rows> {
      if (failing) return base::fail(ErrorCode::conflict, "no");
      return b.insert_outbox(testing::just<storage::OutboxEntry>(
          {.topic = "placed",
           .dedupe_key = std::to_string(placed.order.id.value()),
           .payload = "",
           .created_at = kStart}));
    };
    return counter.run(place_order(*counter.store, counter.bank, counter.policy, counter.clock,
                                   counter.random, std::move(draft), std::move(also)));
  };
  EXPECT_EQ(place_with(true).error().code, ErrorCode::conflict);
  EXPECT_EQ(counter.number(kOrders), 0);
  EXPECT_EQ(counter.product(silk).reserved, 0);
  EXPECT_TRUE(place_with(false).has_value());
  static constexpr Sql kOutbox{"SELECT COUNT(*) AS n FROM outbox"};
  EXPECT_EQ(counter.number(kOutbox), 1);
}

class Reopening : public ::testing::Test, protected Counter {
 protected:
  core::ProductId silk = add("Silk", 10);
  PlacedOrder placed = place({{silk, 1}}).value();

  Result<core::Session> open(core::Money amount, core::OrderId id) {
    return run(open_order_session(*store, bank, policy, clock, random, id, amount, "", {}));
  }
  Result<core::Session> open(core::Money amount) { return open(amount, placed.order.id); }
  std::vector<core::Session> by_md5(const std::string& md5) {
    return read<std::vector<core::Session>>([&](Books& b) { return b.sessions_by_md5(md5); });
  }
};

TEST_F(Reopening, AnOpenSessionForWhatIsDueIsUsedAgain) {
  clock.advance(14min);
  EXPECT_EQ(open(usd(1'250))->id, placed.session.id);
  EXPECT_EQ(number(kSessions), 1);
}

TEST_F(Reopening, Law5_ANewQrNeverOrphansTheOldOne) {
  clock.advance(15min);
  const auto fresh = open(usd(1'250));
  ASSERT_TRUE(fresh.has_value());
  EXPECT_NE(fresh->id, placed.session.id);
  EXPECT_NE(fresh->md5_hash, placed.session.md5_hash);
  EXPECT_EQ(fresh->expires_at, clock.now() + 15min);
  EXPECT_EQ(fresh->customer_id, placed.order.customer_id);
  for (const auto& session : {placed.session, *fresh}) {
    const auto found = by_md5(session.md5_hash);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].order_id, placed.order.id);
    EXPECT_TRUE(found[0].next_check_at) << "both are asked about";
  }
  static constexpr Sql kPointsAtNew{
      "SELECT COUNT(*) AS n FROM orders o JOIN payment_sessions s ON s.session_id = "
      "o.payment_session_id WHERE s.id = 2"};
  EXPECT_EQ(number(kPointsAtNew), 1);
}

TEST_F(Reopening, OnlyForExactlyWhatIsDue) {
  for (const auto wrong : {usd(1'249), usd(1'251), khr(1'250)}) {
    const auto refused = open(wrong);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
    EXPECT_EQ(refused.error().param, "amount");
  }
  EXPECT_EQ(open(usd(1'250), core::OrderId(999)).error().code, ErrorCode::not_found);
  EXPECT_EQ(number(kSessions), 1);
}

TEST_F(Reopening, NotForAnOrderThatIsPaid) {
  auto order = placed.order;
  order.status = core::OrderStatus::completed;
  order.paid = order.total;
  ASSERT_TRUE(write<bool>([&](WritableBooks& b) { return b.update_order(order, placed.order); }));
  EXPECT_EQ(open(usd(1'250)).error().code, ErrorCode::conflict);
}

TEST_F(Reopening, N13_ATopUpAsksForTheRest) {
  auto order = placed.order;
  order.paid = usd(250);
  ASSERT_TRUE(write<bool>([&](WritableBooks& b) { return b.update_order(order, placed.order); }));
  EXPECT_FALSE(open(usd(1'250)).has_value());
  EXPECT_EQ(open(usd(1'000))->amount, usd(1'000));
}

TEST_F(Reopening, AFreeStandingSessionHasNoOrder) {
  const auto session =
      run(open_free_session(*store, bank, policy, clock, random, usd(500), "r-1", {}));
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->order_id, std::nullopt);
  EXPECT_EQ(session->reference_id, "r-1");
  const auto audit = read<std::vector<storage::AuditEntry>>(
      [&](Books& b) { return b.audit_of("session", session->id.value()); });
  EXPECT_EQ(audit.at(0).action, "session.opened");
  EXPECT_EQ((*base::Json::parse(audit.at(0).details))["session"]["amount_minor"], base::Json(500));
  const auto refused = run(open_free_session(*store, bank, policy, clock, random, usd(0), "", {}));
  EXPECT_EQ(refused.error().param, "amount");
}

TEST(PlaceOrder, AProviderThatDoesNotTakeTheCurrencyIsRefusedBeforeAnythingIsWritten) {
  Counter counter;
  static constexpr std::string_view kTugrik[] = {"MNT"};
  counter.bank.currencies = kTugrik;
  const auto silk = counter.add("Silk", 10);
  const auto refused = counter.place({{silk, 1}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(refused.error().param, "payment_method");
  EXPECT_EQ(counter.number(kOrders), 0);
  EXPECT_EQ(counter.product(silk).reserved, 0);
  static constexpr std::string_view kDollars[] = {"KHR", "USD"};
  counter.bank.currencies = kDollars;
  EXPECT_TRUE(counter.place({{silk, 1}}).has_value());
}

TEST(PlaceOrder, ThePhoneOfThePayerReachesTheProvider) {
  Counter counter;
  counter.bank.presents_remotely = true;
  counter.bank.rings_phone = true;
  const auto silk = counter.add("Silk", 10);
  OrderDraft draft{.items = {{silk, 1}},
                   .payment_method = "mvola",
                   .customer_name = "",
                   .customer_email = "",
                   .payer_phone = "0343500003"};
  AlsoWrite nothing_else = [](WritableBooks&, const PlacedOrder&) -> Result<storage::Rows> {
    return storage::Rows();
  };
  const auto placed =
      counter.run(place_order(*counter.store, counter.bank, counter.policy, counter.clock,
                              counter.random, std::move(draft), std::move(nothing_else)));
  ASSERT_TRUE(placed.has_value());
  EXPECT_TRUE(placed->session.presented());
  ASSERT_EQ(counter.bank.drafts.size(), 1u);
  EXPECT_EQ(counter.bank.drafts[0].payer_phone, "0343500003");
}

}  // namespace
}  // namespace quittance::checkout
