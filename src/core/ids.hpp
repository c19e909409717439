// A type per identifier: an OrderId is not a SessionId, and neither is a number by accident.
#pragma once

#include <compare>
#include <cstdint>

namespace quittance::core {

/// A database row's integer key, tagged with what it identifies.
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(std::int64_t value) : value_(value) {}
  constexpr std::int64_t value() const { return value_; }
  constexpr auto operator<=>(const Id&) const = default;

 private:
  std::int64_t value_ = 0;
};

using OrderId = Id<struct OrderTag>;
using SessionId = Id<struct SessionTag>;  ///< the row; the public `session_id` is a UUID text
using ProductId = Id<struct ProductTag>;
using CustomerId = Id<struct CustomerTag>;
using UserId = Id<struct UserTag>;
using EvidenceId = Id<struct EvidenceTag>;
using SettlementId = Id<struct SettlementTag>;
using RefundId = Id<struct RefundTag>;

}  // namespace quittance::core
