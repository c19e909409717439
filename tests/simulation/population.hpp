// The people: customers who order, look, pay and come back, staff who verify and mark as paid.
// Each act runs as a task of the engine that is alive; when that dies, nobody hears an answer.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sandbox/sandbox.hpp"
#include "simulation/engine.hpp"
#include "simulation/facts.hpp"
#include "simulation/model.hpp"
#include "simulation/trace.hpp"

namespace quittance::simulation {

/// An order as its customer remembers it: with every QR ever shown for it (law 5).
struct Remembered {
  std::int64_t id = 0;
  std::string transaction_id;
  core::Money total;
  std::vector<std::string> qrs;
  std::vector<core::SessionId> sessions;
};

/// What people work with.
struct Stage {
  base::Random& dice;
  const base::Clock& clock;      ///< the engine's
  const base::Clock& true_time;  ///< the bank's
  base::Random& engine_random;
  sandbox::Sandbox& bank;
  Facts& facts;
  Trace& trace;
  checkout::CheckoutPolicy checkout;
  base::Duration hot_for;
  std::int64_t payers_speed = 1;
  bool only_told = false;  ///< nobody pays but when a scenario says so
  std::vector<std::int64_t> dollar_products;
  std::vector<std::int64_t> riel_products;
  /// Tells the auditor of a product.
  std::function<void(std::int64_t id, Shelf shelf)> shelve;
};

class Population {
 public:
  explicit Population(Stage stage) : stage_(std::move(stage)) {}
  /// One person does one thing; the engine works on it from now on.
  void act(Engine& engine);
  /// Everybody wants something of one order in the same millisecond (N1).
  void crowd(Engine& engine);

  // What a scenario tells people to do (population_told.cpp). Orders go by their place in `orders`.
  void sell(Engine& engine, core::Money price, std::int64_t stock);
  void buy(Engine& engine, std::int64_t product_id, std::int64_t quantity, bool by_mail);
  void show_another(Engine& engine, std::size_t order);
  void open_page(Engine& engine, std::size_t order);
  void bring_screenshot(Engine& engine, std::size_t order, std::size_t qr);
  void notice_of(Engine& engine, std::size_t order, std::size_t qr);
  void state_paid_by(Engine& engine, std::size_t order, std::string reference);
  void return_all(Engine& engine, std::size_t order, std::string against);
  void clean(Engine& engine);
  void pay(const std::string& qr, sandbox::PaymentTerms terms);
  /// A transfer that paid this QR, as the bank shows it now; null when there is none.
  const sandbox::Transfer* transfer_for(const std::string& qr);
  const std::vector<Remembered>& orders() const { return orders_; }
  const std::vector<std::int64_t>& dollar_products() const { return stage_.dollar_products; }

 private:
  using Acts = void (Population::*)(Engine&);

  void order(Engine& engine);
  void order_one(Engine& engine);
  void look(Engine& engine);
  void pay_again(Engine& engine);
  void open_session(Engine& engine);
  void ask_without_order(Engine& engine);
  void recover(Engine& engine);
  void cancel(Engine& engine);
  void verify(Engine& engine);
  void mark_paid(Engine& engine);
  void second_look(Engine& engine);
  void give_back(Engine& engine);
  void notice(Engine& engine);
  void reverse(Engine& engine);
  void restock(Engine& engine);
  void send_receipt(Engine& engine);

  base::Task<void> place(Engine& engine, checkout::OrderDraft draft, std::uint64_t ticket);
  base::Task<void> heat(Engine& engine, core::SessionId id);
  base::Task<void> open_another(Engine& engine, std::size_t index);
  base::Task<void> open_alone(Engine& engine, core::Money amount);
  base::Task<void> bring_code(Engine& engine, std::string text);
  base::Task<void> ask(Engine& engine, std::int64_t id);
  base::Task<void> cancel_one(Engine& engine, std::int64_t id);
  base::Task<void> state_paid(Engine& engine, std::int64_t id, std::string reference);
  base::Task<void> look_again(Engine& engine, std::int64_t id, bool confirms);
  base::Task<void> return_some(Engine& engine, std::int64_t id, bool takes_back);
  base::Task<void> return_one(Engine& engine, std::int64_t id, std::string against);
  base::Task<void> give(Engine& engine, ReturnAsked asked, storage::Settlement money);
  base::Task<void> take_notice(Engine& engine, core::Evidence evidence);
  base::Task<void> put_up(Engine& engine, storage::Product product);
  base::Task<void> clean_now(Engine& engine);
  base::Task<void> send_again(Engine& engine, std::int64_t id);

  /// Where a customer wants the receipt to go, if anywhere.
  std::string draw_email();
  /// The customer decides how to pay this QR, if at all.
  void plan_payment(const std::string& qr, core::Money amount);
  void heard(std::int64_t order_id, core::OrderStatus status);
  Remembered* somebody();
  std::int64_t one_of(const std::vector<std::int64_t>& ids);
  Stage stage_;
  std::vector<Remembered> orders_;
  std::deque<sandbox::Transfer> transfers_;
  std::set<std::string> reversed_;
  std::vector<std::int64_t> claimed_;  ///< orders whose claim waits for a second person
  std::vector<std::int64_t> stated_;   ///< orders that a person said were paid
  std::uint64_t tickets_ = 0;
};

}  // namespace quittance::simulation
