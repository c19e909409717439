// The naive model: what an honest clerk with a pencil would have in the books. It shares no code
// with the engine's settling.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "simulation/facts.hpp"

namespace quittance::simulation {

/// A product on its shelf.
struct Shelf {
  std::int64_t price_minor = 0;
  std::string currency;
  std::int64_t stock = 0;
  std::int64_t reserved = 0;
};

/// One sum of money that came, and what of it went back.
struct Piece {
  std::int64_t counted = 0;
  std::int64_t excess = 0;
  std::int64_t counted_back = 0;
  std::int64_t excess_back = 0;
  bool by_hand = false;
  bool taken_back = false;  ///< by a void
};

/// What went back at one time.
struct Returned {
  std::int64_t order_id = 0;
  std::int64_t from_counted = 0;
  std::int64_t from_excess = 0;
};

/// An order as it should be.
struct ModelOrder {
  std::int64_t id = 0;
  std::string email;  ///< the customer's; empty: none was given
  std::vector<Item> items;
  std::vector<std::int64_t> missing;  ///< of each item: handed over without being there
  std::int64_t total = 0;
  std::string currency;
  std::int64_t paid = 0;                ///< counted, ever
  std::int64_t refunded = 0;            ///< of that
  std::map<std::string, Piece> pieces;  ///< by reference
  std::int64_t returns = 0;
  std::string status = "pending";
  std::string goods = "reserved";
  std::set<std::string> flags;
  std::int64_t completions = 0;
  std::int64_t rejections = 0;
  bool pass = false;                 ///< somebody holds a valid one
  std::int64_t revocations = 0;      ///< how often it was taken back
  std::int64_t receipts_wanted = 0;  ///< sent once more because staff asked for it

  std::int64_t excess_left() const;
  /// The flags as the books spell them.
  std::string attention() const;
  /// Mails that the customer is owed, as far as there is still something to tell.
  std::int64_t mails() const { return email.empty() ? 0 : completions + receipts_wanted; }
};

/// Money that comes.
struct Income {
  std::string reference;
  std::int64_t amount = 0;
  bool late = false;  ///< paid after the interactive window
  bool by_hand = false;
};

/// The clerk's books. Orders must be placed before anything else is said of them.
class Model {
 public:
  /// `late_to_staff`: the merchant decides himself about what was paid late.
  explicit Model(bool late_to_staff) : late_to_staff_(late_to_staff) {}
  void shelve(std::int64_t product_id, Shelf shelf) { shelves_[product_id] = std::move(shelf); }
  /// What a cart costs by the clerk's own price list.
  std::int64_t price(const std::vector<Item>& items) const;
  void place(std::int64_t id, Wish wish);
  /// The hold on the goods ends.
  void release(std::int64_t id);
  void cancel(std::int64_t id);
  /// Money came for this order.
  void receive(std::int64_t id, const Income& income);
  /// Staff hand over what was paid late: as much as there is.
  void hand_over(std::int64_t id);
  /// So much of a sum that came goes back; by a void the order owes it again. False: there is not
  /// so much left of it.
  bool give_back(std::int64_t id, const std::string& against, std::int64_t amount,
                 const std::string& kind, const std::string& reference);
  void flag(std::int64_t id, const std::string& word) { orders_.at(id).flags.insert(word); }
  void unflag(std::int64_t id, const std::string& word) { orders_.at(id).flags.erase(word); }
  void reject(std::int64_t id);
  void want_receipt(std::int64_t id) { ++orders_.at(id).receipts_wanted; }
  std::int64_t owed(std::int64_t id) const;
  /// What persons said of an order and nobody took back.
  std::int64_t stated(std::int64_t id) const;

  const std::map<std::int64_t, ModelOrder>& orders() const { return orders_; }
  const std::map<std::int64_t, Shelf>& shelves() const { return shelves_; }
  /// By kind and reference, parted by a colon.
  const std::map<std::string, Returned>& returns() const { return returns_; }
  bool knows(std::int64_t id) const { return orders_.contains(id); }
  /// What every merchant's program has to be told, and how often.
  const std::map<std::string, std::int64_t>& news() const { return news_; }

 private:
  bool goods_are_there(const ModelOrder& order) const;
  void complete(ModelOrder& order);
  void take_back_goods(ModelOrder& order);
  bool give_back_silently(ModelOrder& order, const std::string& against, std::int64_t amount,
                          const std::string& kind, const std::string& reference);

  bool late_to_staff_;
  std::map<std::int64_t, ModelOrder> orders_;
  std::map<std::int64_t, Shelf> shelves_;
  std::map<std::string, Returned> returns_;
  std::map<std::string, std::int64_t> news_;
};

}  // namespace quittance::simulation
