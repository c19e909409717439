// Every statement of the books at least once: what goes in comes out.
#include <gtest/gtest.h>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::Result;
using core::OrderStatus;
using testing::khr;
using testing::kStart;
using testing::OpenBooks;
using testing::usd;
using namespace std::chrono_literals;

core::ProductId add_silk(OpenBooks& books, std::int64_t stock) {
  return books.write<core::ProductId>([stock](WritableBooks& writable) {
    return writable.insert_product({.name = "Silk",
                                    .description = "A krama",
                                    .picture = "/assets/silk.svg",
                                    .price = usd(1'250),
                                    .stock = stock});
  });
}

core::Order draft_order(std::string transaction_id, std::optional<core::CustomerId> customer) {
  return {.transaction_id = std::move(transaction_id),
          .order_secret = "secret",
          .customer_id = customer,
          .total = usd(2'500),
          .paid = usd(0),
          .refunded = usd(0),
          .payment_method = "khqr",
          .created_at = kStart,
          .reserved_until = kStart + 24h};
}

core::OrderId add_order(OpenBooks& books, std::string transaction_id,
                        std::optional<core::CustomerId> customer = std::nullopt) {
  return books.write<core::OrderId>([&](WritableBooks& writable) {
    return writable.insert_order(draft_order(transaction_id, customer));
  });
}

core::CustomerId add_customer(OpenBooks& books, std::string name) {
  return books.write<core::CustomerId>([&](WritableBooks& writable) {
    return writable.insert_customer({.name = name, .email = name + "@example.com"}, kStart);
  });
}

TEST(Products, AreListedByIdAndFound) {
  OpenBooks books;
  const auto first = add_silk(books, 5);
  const auto second = books.write<core::ProductId>([](WritableBooks& writable) {
    return writable.insert_product({.name = "ក្រមា", .price = khr(8'000), .stock = 0});
  });
  const auto all = books.read<std::vector<Product>>([](Books& b) { return b.products(); });
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, first);
  EXPECT_EQ(all[0].name, "Silk");
  EXPECT_EQ(all[0].description, "A krama");
  EXPECT_EQ(all[0].picture, "/assets/silk.svg");
  EXPECT_EQ(all[0].price, usd(1'250));
  EXPECT_EQ(all[0].available(), 5);
  EXPECT_EQ(all[1].id, second);
  EXPECT_EQ(all[1].name, "ក្រមា");
  EXPECT_EQ(all[1].price, khr(8'000));
  EXPECT_FALSE(
      books.read<std::optional<Product>>([](Books& b) { return b.product(core::ProductId(99)); }));
}

TEST(Products, C12_StockMovesInNamedStepsAndNeverBelowZero) {
  OpenBooks books;
  const auto id = add_silk(books, 5);
  const auto expect_stock = [&](std::int64_t stock, std::int64_t reserved) {
    const auto product =
        books.read<std::optional<Product>>([id](Books& b) { return b.product(id); }).value();
    EXPECT_EQ(product.stock, stock);
    EXPECT_EQ(product.reserved, reserved);
  };
  const auto yes = [&](auto step) { return books.write<bool>(std::move(step)); };
  EXPECT_TRUE(yes([id](WritableBooks& b) { return b.reserve(id, 3); }));
  EXPECT_FALSE(yes([id](WritableBooks& b) { return b.reserve(id, 3); }));
  expect_stock(5, 3);
  const auto change = [id](std::int64_t stock, std::int64_t reserved) {
    return [=](WritableBooks& b) {
      return b.change_stock(
          testing::just<StockChange>({.id = id, .stock = stock, .reserved = reserved}));
    };
  };
  books.write<Rows>(change(-2, 0));
  expect_stock(3, 3);
  books.write<Rows>([id](WritableBooks& b) { return b.release(id, 1); });
  books.write<Rows>(change(-2, -2));
  expect_stock(1, 0);
  for (const auto& [stock, reserved] : {std::pair(0, -1), std::pair(-2, 0)}) {
    const auto refused = books.try_write<Rows>(change(stock, reserved));
    ASSERT_FALSE(refused.has_value()) << stock;
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  }
  expect_stock(1, 0);
}

TEST(Orders, AreReadBackAsTheyWereWritten) {
  OpenBooks books;
  const auto customer = add_customer(books, "Sokha");
  const auto silk = add_silk(books, 9);
  const auto id = add_order(books, "tx-1", customer);
  books.write<std::int64_t>([=](WritableBooks& b) {
    return b.insert_order_item(
        id, {.product_id = silk, .name = "Silk", .quantity = 2, .price = usd(1'250)});
  });
  books.write<Rows>([id](WritableBooks& b) { return b.set_order_session(id, "session-uuid"); });
  const auto order =
      books.read<std::optional<core::Order>>([id](Books& b) { return b.order(id); }).value();
  EXPECT_EQ(order.id, id);
  EXPECT_EQ(order.transaction_id, "tx-1");
  EXPECT_EQ(order.order_secret, "secret");
  EXPECT_EQ(order.customer_id, customer);
  EXPECT_EQ(order.status, OrderStatus::pending);
  EXPECT_EQ(order.stock_state, core::StockState::reserved);
  EXPECT_EQ(order.attention, core::Attention::none);
  EXPECT_EQ(order.total, usd(2'500));
  EXPECT_EQ(order.paid, usd(0));
  EXPECT_EQ(order.payment_method, "khqr");
  EXPECT_EQ(order.created_at, kStart);
  EXPECT_EQ(order.reserved_until, kStart + 24h);
  EXPECT_EQ(order.completed_at, std::nullopt);
  const auto items =
      books.read<std::vector<core::OrderItem>>([&](Books& b) { return b.order_items(order); });
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].product_id, silk);
  EXPECT_EQ(items[0].quantity, 2);
  EXPECT_EQ(items[0].price, usd(1'250));
  static constexpr Sql kLinked{
      "SELECT COUNT(*) AS n FROM orders WHERE payment_session_id = 'session-uuid'"};
  EXPECT_EQ(books.number(kLinked), 1);
}

TEST(Orders, ATransactionIdIsUsedOnce) {
  OpenBooks books;
  add_order(books, "tx-1");
  const auto again = books.try_write<core::OrderId>(
      [](WritableBooks& b) { return b.insert_order(draft_order("tx-1", std::nullopt)); });
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
}

TEST(Orders, AreListedNewestFirstByCustomerStatusAndCursor) {
  OpenBooks books;
  const auto sokha = add_customer(books, "Sokha");
  std::vector<core::OrderId> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(add_order(books, "tx-" + std::to_string(i),
                            i % 2 == 0 ? std::optional(sokha) : std::nullopt));
  }
  auto completed =
      books.read<std::optional<core::Order>>([&](Books& b) { return b.order(ids[2]); }).value();
  const auto pending = completed;
  completed.status = OrderStatus::completed;
  EXPECT_TRUE(
      books.write<bool>([&](WritableBooks& b) { return b.update_order(completed, pending); }));
  const auto listed = [&](OrderFilter filter) {
    std::vector<core::OrderId> found;
    for (const auto& summary :
         books.read<std::vector<OrderSummary>>([&](Books& b) { return b.orders(filter); })) {
      found.push_back(summary.order.id);
    }
    return found;
  };
  using Ids = std::vector<core::OrderId>;
  EXPECT_EQ(listed({}), (Ids{ids[4], ids[3], ids[2], ids[1], ids[0]}));
  EXPECT_EQ(listed({.limit = 2}), (Ids{ids[4], ids[3]}));
  EXPECT_EQ(listed({.before = ids[3], .limit = 2}), (Ids{ids[2], ids[1]}));
  EXPECT_EQ(listed({.customer_id = sokha}), (Ids{ids[4], ids[2], ids[0]}));
  EXPECT_EQ(listed({.status = OrderStatus::completed}), (Ids{ids[2]}));
  EXPECT_EQ(listed({.customer_id = sokha, .status = OrderStatus::pending}), (Ids{ids[4], ids[0]}));
  const auto counts = [&](std::optional<core::CustomerId> customer) {
    return books.read<OrderCounts>([&](Books& b) { return b.order_counts(customer); });
  };
  EXPECT_EQ(counts(std::nullopt).pending, 4);
  EXPECT_EQ(counts(std::nullopt).completed, 1);
  EXPECT_EQ(counts(std::nullopt).canceled, 0);
  EXPECT_EQ(counts(sokha).pending, 2);
  // N10: a list does not wait for a million to be counted.
  const auto capped =
      books.read<OrderCounts>([](Books& b) { return b.order_counts(std::nullopt, 3); });
  EXPECT_EQ(capped.pending, 3);
  EXPECT_EQ(capped.completed, 1);
}

TEST(Orders, C33_ThoseThatNeedAPersonAreListedAmongAll) {
  OpenBooks books;
  std::vector<core::OrderId> ids;
  for (const char* name : {"tx-0", "tx-1", "tx-2", "tx-3"})
    ids.push_back(add_order(books, name));
  const auto flag = [&](core::OrderId id, core::AttentionSet attention, OrderStatus status) {
    auto order =
        books.read<std::optional<core::Order>>([id](Books& b) { return b.order(id); }).value();
    const auto before = order;
    order.attention = attention;
    order.status = status;
    EXPECT_TRUE(books.write<bool>([&](WritableBooks& b) { return b.update_order(order, before); }));
  };
  flag(ids[0], core::Attention::underpaid | core::Attention::mismatch, OrderStatus::pending);
  flag(ids[2], core::Attention::excess, OrderStatus::refunded);
  const auto flagged = [&](OrderFilter filter) {
    filter.needs_attention = true;
    std::vector<core::OrderId> found;
    for (const auto& summary :
         books.read<std::vector<OrderSummary>>([&](Books& b) { return b.orders(filter); })) {
      found.push_back(summary.order.id);
    }
    return found;
  };
  using Ids = std::vector<core::OrderId>;
  EXPECT_EQ(flagged({}), (Ids{ids[2], ids[0]}));
  EXPECT_EQ(flagged({.limit = 1}), (Ids{ids[2]}));
  EXPECT_EQ(flagged({.before = ids[2]}), (Ids{ids[0]}));
  EXPECT_EQ(flagged({.status = OrderStatus::refunded}), (Ids{ids[2]}));
  EXPECT_EQ(flagged({.status = OrderStatus::completed}), Ids{});
  const auto count = [&] {
    return books.read<std::int64_t>([](Books& b) { return b.flagged_order_count(); });
  };
  EXPECT_EQ(count(), 2);
  flag(ids[0], {}, OrderStatus::pending);
  EXPECT_EQ(count(), 1);
  const auto counts =
      books.read<OrderCounts>([](Books& b) { return b.order_counts(std::nullopt); });
  EXPECT_EQ(counts.refunded, 1);
  EXPECT_EQ(counts.all(), 4);
}

TEST(Orders, ASummaryNamesTheCustomerAndCountsPieces) {
  OpenBooks books;
  const auto silk = add_silk(books, 9);
  const auto id = add_order(books, "tx-1", add_customer(books, "Sokha"));
  for (const std::int64_t quantity : {2, 3}) {
    books.write<std::int64_t>([=](WritableBooks& b) {
      return b.insert_order_item(
          id, {.product_id = silk, .name = "", .quantity = quantity, .price = usd(1)});
    });
  }
  const auto all =
      books.read<std::vector<OrderSummary>>([](Books& b) { return b.orders(OrderFilter{}); });
  EXPECT_EQ(all.at(0).customer_name, "Sokha");
  EXPECT_EQ(all.at(0).item_count, 5);
}

TEST(Orders, Law2_AnUpdateNeedsTheStatusAndTheSumItWasDecidedOn) {
  OpenBooks books;
  const auto id = add_order(books, "tx-1");
  auto order =
      books.read<std::optional<core::Order>>([id](Books& b) { return b.order(id); }).value();
  auto expected = order;
  order.status = OrderStatus::completed;
  order.stock_state = core::StockState::committed;
  order.attention = core::Attention::excess;
  order.paid = usd(2'500);
  order.completed_at = kStart + 1s;
  order.refunded = usd(500);
  const auto update = [&](OrderStatus status, core::Money paid, core::Money refunded) {
    expected.status = status;
    expected.paid = paid;
    expected.refunded = refunded;
    return books.write<bool>([&](WritableBooks& b) { return b.update_order(order, expected); });
  };
  EXPECT_FALSE(update(OrderStatus::canceled, usd(0), usd(0)));
  EXPECT_FALSE(update(OrderStatus::pending, usd(1), usd(0)));
  EXPECT_FALSE(update(OrderStatus::pending, usd(0), usd(1)));
  EXPECT_TRUE(update(OrderStatus::pending, usd(0), usd(0)));
  EXPECT_FALSE(update(OrderStatus::pending, usd(0), usd(0))) << "only the first one";
  const auto updated =
      books.read<std::optional<core::Order>>([id](Books& b) { return b.order(id); }).value();
  EXPECT_EQ(updated.status, OrderStatus::completed);
  EXPECT_EQ(updated.stock_state, core::StockState::committed);
  EXPECT_EQ(updated.attention, core::Attention::excess);
  EXPECT_EQ(updated.paid, usd(2'500));
  EXPECT_EQ(updated.refunded, usd(500));
  EXPECT_EQ(updated.completed_at, kStart + 1s);
}

TEST(Users, AreKeptByNameAndTheirRole) {
  OpenBooks books;
  const auto customer = add_customer(books, "Sokha");
  EXPECT_EQ(books.read<std::optional<Customer>>([&](Books& b) { return b.customer(customer); })
                .value()
                .email,
            "Sokha@example.com");
  for (const Role role : {Role::customer, Role::staff, Role::admin}) {
    EXPECT_EQ(role_from(to_text(role)), role);
    books.write<Rows>([=](WritableBooks& b) {
      return b.upsert_user({.username = "sokha",
                            .password_hash = "hash " + std::string(to_text(role)),
                            .role = role,
                            .customer_id = customer},
                           kStart);
    });
    const auto user =
        books.read<std::optional<User>>([](Books& b) { return b.user("sokha"); }).value();
    EXPECT_EQ(user.role, role);
    EXPECT_EQ(user.password_hash, "hash " + std::string(to_text(role)));
    EXPECT_EQ(user.customer_id, customer);
  }
  EXPECT_EQ(role_from("root"), std::nullopt);
  EXPECT_FALSE(books.read<std::optional<User>>([](Books& b) { return b.user("nobody"); }));
}

TEST(Logins, LastUntilTheirMomentAndCarryTheRole) {
  OpenBooks books;
  books.write<Rows>([](WritableBooks& b) {
    return b.upsert_user({.username = "boss", .password_hash = "", .role = Role::admin}, kStart);
  });
  const auto boss =
      books.read<std::optional<User>>([](Books& b) { return b.user("boss"); }).value();
  const auto guest = add_customer(books, "Guest");
  books.write<Rows>([&](WritableBooks& b) -> Result<Rows> {
    TRY_VOID(b.insert_login({.token_hash = "staff",
                             .user_id = boss.id,
                             .csrf_token = "csrf",
                             .created_at = kStart,
                             .expires_at = kStart + 1h}));
    return b.insert_login({.token_hash = "guest",
                           .customer_id = guest,
                           .csrf_token = "other",
                           .created_at = kStart,
                           .expires_at = kStart + 1h});
  });
  const auto login = [&](const char* hash, base::Time now) {
    return books.read<std::optional<Login>>([=](Books& b) { return b.login(hash, now); });
  };
  EXPECT_EQ(login("staff", kStart)->role, Role::admin);
  EXPECT_EQ(login("staff", kStart)->username, "boss");
  EXPECT_EQ(login("staff", kStart)->csrf_token, "csrf");
  EXPECT_EQ(login("guest", kStart)->role, Role::customer);
  EXPECT_EQ(login("guest", kStart)->customer_id, guest);
  EXPECT_EQ(login("guest", kStart)->username, "");
  EXPECT_TRUE(login("staff", kStart + 1h - 1ms));
  EXPECT_FALSE(login("staff", kStart + 1h));
  EXPECT_FALSE(login("nobody", kStart));
  books.write<Rows>([](WritableBooks& b) { return b.delete_login("staff"); });
  EXPECT_FALSE(login("staff", kStart));
  EXPECT_TRUE(login("guest", kStart));
  for (const char* hash : {"phone", "desk"}) {
    books.write<Rows>([&](WritableBooks& b) {
      return b.insert_login({.token_hash = hash, .user_id = boss.id, .expires_at = kStart + 1h});
    });
  }
  EXPECT_TRUE(login("phone", kStart));
  books.write<Rows>([](WritableBooks& b) { return b.delete_logins_of("boss"); });
  EXPECT_FALSE(login("phone", kStart));
  EXPECT_FALSE(login("desk", kStart));
  EXPECT_TRUE(login("guest", kStart)) << "nobody else is logged out";
}

TEST(Idempotency, TheFirstAnswerStaysUntilItIsStale) {
  OpenBooks books;
  const auto insert = [&](std::string hash, base::Time at) {
    return books
        .write<Rows>([=](WritableBooks& b) {
          return b.insert_idempotency({.scope = "guest /api/orders",
                                       .idempotency_key = "k",
                                       .request_hash = hash,
                                       .status = 201,
                                       .body = "{}",
                                       .created_at = at});
        })
        .changed;
  };
  EXPECT_EQ(insert("one", kStart), 1);
  EXPECT_EQ(insert("two", kStart), 0);
  const auto found = [&](const char* scope) {
    return books.read<std::optional<IdempotencyRecord>>(
        [=](Books& b) { return b.idempotency(scope, "k"); });
  };
  EXPECT_EQ(found("guest /api/orders")->request_hash, "one");
  EXPECT_EQ(found("guest /api/orders")->status, 201);
  EXPECT_FALSE(found("boss /api/orders")) << "keys of two people do not meet";
  books.write<Rows>(
      [](WritableBooks& b) { return b.insert_login({.token_hash = "old", .expires_at = kStart}); });
  const auto stale = [&](base::Time now, base::Time keys_since) {
    return books.write<std::int64_t>(
        [=](WritableBooks& b) { return b.delete_stale_rows(now, keys_since); });
  };
  EXPECT_EQ(stale(kStart - 1ms, kStart), 0);
  EXPECT_EQ(stale(kStart, kStart + 1ms), 2);
  EXPECT_FALSE(found("guest /api/orders"));
}

}  // namespace
}  // namespace quittance::storage
