// What the auditor knows of the world without asking the engine: what was acknowledged to people,
// what people asked for, and what the bank's answers said when they reached the engine.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/base.hpp"
#include "simulation/letters.hpp"

namespace quittance::simulation {

/// So many pieces of one product.
struct Item {
  std::int64_t product_id = 0;
  std::int64_t quantity = 0;
  bool operator==(const Item&) const = default;
};

/// What a customer asks for, and where the receipt shall go; empty: nowhere.
struct Wish {
  std::vector<Item> items;
  std::string email;
  bool operator==(const Wish&) const = default;
};

/// An order that was acknowledged to its customer.
struct OrderFact {
  std::string transaction_id;
  Wish wish;
};

/// A QR that was acknowledged to its customer.
struct SessionFact {
  std::int64_t order_id = 0;  ///< 0: it stands by itself
  std::string md5;
  std::int64_t amount_minor = 0;
};

/// Money that somebody asked to be given back, or that the bank took back.
struct ReturnAsked {
  std::int64_t order_id = 0;
  std::string kind;     ///< `refund`, `reversal` or `void`
  std::string against;  ///< reference of the money
  std::int64_t amount_minor = 0;
  bool operator==(const ReturnAsked&) const = default;
};

/// Readable answers about one QR that reached the engine.
struct Told {
  // Both by the engine's clock.
  base::Time latest;
  std::set<base::Time> moments;
};

/// Everything is added by those who witness it; nothing is ever read from the engine's books.
struct Facts {
  std::map<std::int64_t, OrderFact> orders;
  std::map<std::string, SessionFact> sessions;  ///< by public session id
  std::map<std::uint64_t, Wish> unanswered;     ///< orders asked for, no answer (yet)
  std::set<std::int64_t> cancel_asked;
  std::set<std::int64_t> manual_asked;
  std::set<std::int64_t> said_completed;
  std::set<std::int64_t> said_canceled;
  std::set<std::int64_t> rejection_asked;
  std::set<std::int64_t> second_person_asked;
  std::vector<ReturnAsked> returns_asked;  ///< each good for one return
  std::set<std::string> said_returned;     ///< `kind:reference` of what is said to have gone back
  std::map<std::string, Told> told;        ///< by md5
  std::set<std::int64_t> receipt_asked;    ///< whose receipt staff want sent once more
  std::map<std::int64_t, std::int64_t> said_receipts;  ///< how often that was acknowledged
  Letters letters;
  /// An answer that no engine may give, whoever asks.
  std::vector<std::string> wrong_answers;
};

/// A rule that does not hold.
struct Violation {
  std::string rule;
  std::string expected;
  std::string found;
};

/// The engine's clock: true time, wrong by an offset that may change at any moment (N14).
class SkewedClock final : public base::Clock {
 public:
  explicit SkewedClock(const base::Clock& true_time) : true_time_(true_time) {}
  base::Time now() const override { return true_time_.now() + offset_; }
  base::Duration offset() const { return offset_; }
  void set_offset(base::Duration offset) { offset_ = offset; }

 private:
  const base::Clock& true_time_;
  base::Duration offset_{0};
};

}  // namespace quittance::simulation
