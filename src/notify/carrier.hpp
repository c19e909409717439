// The port between the outbox and whoever takes news to one destination.
#pragma once

#include <string>

#include "storage/storage.hpp"

namespace quittance::notify {

/// What one attempt brought.
struct Attempt {
  enum class Outcome {
    delivered,
    failed,   ///< may go right another time
    refused,  ///< the same again would be refused again
    gone,     ///< the endpoint wants nothing more, ever
  };
  Outcome outcome = Outcome::failed;
  std::string error{};  ///< a stable word for staff, e.g. `timeout`, `http_500`
  /// Whether the destination as a whole is to blame, so that the rest had better wait too.
  bool destination_down = false;
};

/// Takes news to one destination. Used from one executor; outlives its Lane.
class Carrier {
 public:
  virtual ~Carrier() = default;
  /// Names the destination in the books: an endpoint's address, or `mail`.
  virtual const std::string& destination() const = 0;
  virtual storage::DeliveryKind kind() const = 0;
  /// Whether this destination is told this; `order` is the one concerned, if there is one.
  virtual base::Result<bool> wants(storage::Books& books, const storage::OutboxEntry& news,
                                   const core::Order* order) const = 0;
  /// Attempts side by side, and how long one lasts at most.
  virtual std::int64_t at_once() const = 0;
  virtual base::Duration timeout() const = 0;
  virtual base::Task<Attempt> carry(storage::Delivery delivery) = 0;
};

}  // namespace quittance::notify
