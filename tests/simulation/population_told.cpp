// What people do when a scenario tells them to: the same acts, with nothing drawn.
#include <algorithm>

#include "simulation/population.hpp"
#include "simulation/post.hpp"

namespace quittance::simulation {

using base::Task;
using storage::Books;

/// Something new comes into the shop; it is the last of `dollar_products` once that is
/// acknowledged.
void Population::sell(Engine& engine, core::Money price, std::int64_t stock) {
  storage::Product product{
      .name = "Told " + std::to_string(++tickets_), .price = price, .stock = stock};
  base::spawn(engine.executor, put_up(engine, std::move(product)));
}

void Population::buy(Engine& engine, std::int64_t product_id, std::int64_t quantity, bool by_mail) {
  checkout::OrderDraft draft;
  draft.items.push_back({core::ProductId(product_id), quantity});
  draft.payment_method = "KHQR";
  draft.customer_name = "Customer " + std::to_string(++tickets_);
  if (by_mail) {
    draft.customer_email = "customer" + std::to_string(tickets_) + std::string(kKnownDomain);
  }
  stage_.facts.unanswered[tickets_] = {.items = {{product_id, quantity}},
                                       .email = draft.customer_email};
  base::spawn(engine.executor, place(engine, std::move(draft), tickets_));
}

void Population::show_another(Engine& engine, std::size_t order) {
  base::spawn(engine.executor, open_another(engine, order));
}

void Population::open_page(Engine& engine, std::size_t order) {
  base::spawn(engine.executor, heat(engine, orders_[order].sessions.back()));
}

void Population::bring_screenshot(Engine& engine, std::size_t order, std::size_t qr) {
  base::spawn(engine.executor, bring_code(engine, orders_[order].qrs[qr]));
}

void Population::state_paid_by(Engine& engine, std::size_t order, std::string reference) {
  const std::int64_t id = orders_[order].id;
  stage_.facts.manual_asked.insert(id);
  base::spawn(engine.executor, state_paid(engine, id, std::move(reference)));
}

/// All that is left of one sum goes back.
void Population::return_all(Engine& engine, std::size_t order, std::string against) {
  base::spawn(engine.executor, return_one(engine, orders_[order].id, std::move(against)));
}

Task<void> Population::return_one(Engine& engine, std::int64_t id, std::string against) {
  const core::OrderId order(id);
  const auto settlements = engine.store->read_here<std::vector<storage::Settlement>>(
      [order](Books& books) { return books.settlements_of_order(order); });
  if (!settlements) co_return;
  const auto money = std::ranges::find(*settlements, against, &storage::Settlement::provider_ref);
  if (money == settlements->end()) co_return;
  ReturnAsked asked{.order_id = id,
                    .kind = "refund",
                    .against = std::move(against),
                    .amount_minor = money->counted.minor() + money->excess.minor()};
  storage::Settlement given = *money;
  co_await give(engine, std::move(asked), std::move(given));
}

}  // namespace quittance::simulation
