// An id of one thing is not an id of another, and not a number.
#include <gtest/gtest.h>

#include <concepts>
#include <type_traits>

#include "core/core.hpp"

namespace quittance::core {
namespace {

template <class From, class To>
constexpr bool kConvertible = std::is_convertible_v<From, To>;

static_assert(!kConvertible<OrderId, SessionId> && !kConvertible<SessionId, OrderId>);
static_assert(!kConvertible<OrderId, CustomerId> && !kConvertible<ProductId, OrderId>);
static_assert(!kConvertible<EvidenceId, SettlementId> && !kConvertible<UserId, CustomerId>);
static_assert(!kConvertible<std::int64_t, OrderId> && !kConvertible<OrderId, std::int64_t>);
static_assert(!std::is_constructible_v<OrderId, SessionId>);
static_assert(!std::is_assignable_v<OrderId&, SessionId>);
static_assert(!std::equality_comparable_with<OrderId, SessionId>);
static_assert(!std::equality_comparable_with<OrderId, std::int64_t>);
static_assert(std::is_constructible_v<OrderId, std::int64_t>);

TEST(Ids, AreOrderedByTheirNumber) {
  EXPECT_LT(OrderId(1), OrderId(2));
  EXPECT_EQ(OrderId(7), OrderId(7));
  EXPECT_EQ(OrderId(7).value(), 7);
  EXPECT_EQ(OrderId(), OrderId(0));
}

}  // namespace
}  // namespace quittance::core
