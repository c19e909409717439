// What staff do, and what the bank sends by itself: at the worst moment, as a rule.
#include <algorithm>

#include "simulation/population.hpp"

namespace quittance::simulation {

using base::Result;
using base::Task;
using core::Money;
using storage::Books;
using storage::WritableBooks;

namespace {

constexpr std::string_view kFirst = "staff";
constexpr std::string_view kSecond = "manager";

std::string text_of(std::int64_t value) { return std::to_string(value); }

/// What a notice of the bank says of a transfer.
core::Evidence evidence_of(const sandbox::Transfer& transfer, core::SessionId session,
                           base::Time now) {
  const auto currency = core::Currency::from_code(currency_code(transfer.amount.currency));
  return {.source = core::EvidenceSource::webhook,
          .session_id = session,
          .provider = "bakong",
          .provider_ref = transfer.hash,
          .amount = *Money::from_minor(transfer.amount.minor, *currency),
          .receiver = transfer.receiver,
          .payer = transfer.payer,
          .paid_at = transfer.created_at,
          .seen_at = now,
          .actor = "system",
          .reason = "noticed by the bank"};
}

std::int64_t left_of(const storage::Settlement& settlement,
                     const std::vector<storage::Refund>& refunds) {
  std::int64_t left = settlement.counted.minor() + settlement.excess.minor();
  for (const storage::Refund& refund : refunds) {
    if (refund.settlement_id != settlement.id) continue;
    left -= refund.from_counted.minor() + refund.from_excess.minor();
  }
  return left;
}

}  // namespace

const sandbox::Transfer* Population::transfer_for(const std::string& qr) {
  for (sandbox::Transfer& one : stage_.bank.transactions(transfers_.size()))
    transfers_.push_back(std::move(one));
  const std::string md5 = base::md5_hex(qr);
  const sandbox::Transfer* found = nullptr;
  for (const sandbox::Transfer& one : transfers_) {
    const bool there = one.visible_at <= stage_.true_time.now() &&
                       one.status == sandbox::TransferStatus::succeeded;
    // Any of those that paid it, the bank does not mind which.
    if (one.md5 == md5 && there && (!found || stage_.dice.below(2) == 0)) found = &one;
  }
  return found;
}

void Population::mark_paid(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  stage_.facts.manual_asked.insert(one->id);
  // The worst moment: the money is on its way.
  if (stage_.dice.below(2) == 0) pay(one->qrs.back(), {.delay = base::Duration{1'500}});
  std::string reference;
  const sandbox::Transfer* seen = transfer_for(one->qrs.back());
  if (seen && seen->amount.minor == one->total.minor() && stage_.dice.below(2) == 0 &&
      currency_code(seen->amount.currency) == one->total.currency().code()) {
    reference = seen->hash;
  }
  base::spawn(engine.executor, state_paid(engine, one->id, std::move(reference)));
}

Task<void> Population::state_paid(Engine& engine, std::int64_t id, std::string reference) {
  detect::Hand hand{.actor = std::string(kFirst), .reason = "seen on the account statement"};
  const auto settled =
      co_await engine.manual->mark_paid(core::OrderId(id), std::move(hand), std::move(reference));
  stage_.trace.line(
      "staff mark order " + text_of(id) + " as paid: " +
      std::string(settled ? to_text(settled->outcome) : error_row(settled.error().code).wire));
  if (!settled) co_return;
  if (settled->order_status) heard(id, *settled->order_status);
  std::vector<std::int64_t>& later =
      settled->outcome == core::Outcome::awaiting_approval ? claimed_ : stated_;
  later.push_back(id);
}

/// One of those of whom something is awaited, the latest as a rule; else anybody.
std::int64_t Population::one_of(const std::vector<std::int64_t>& ids) {
  if (!ids.empty() && stage_.dice.below(5) != 0) {
    return ids[ids.size() - 1 - stage_.dice.below(std::min<std::size_t>(ids.size(), 3))];
  }
  const Remembered* one = somebody();
  return one ? one->id : 0;
}

/// A second person looks at what the first one said.
void Population::second_look(Engine& engine) {
  const std::int64_t id = one_of(claimed_);
  if (id == 0) return;
  const bool confirms = stage_.dice.below(3) != 0;
  (confirms ? stage_.facts.second_person_asked : stage_.facts.rejection_asked).insert(id);
  base::spawn(engine.executor, look_again(engine, id, confirms));
}

Task<void> Population::look_again(Engine& engine, std::int64_t id, bool confirms) {
  const core::OrderId order(id);
  const auto seen = engine.store->read_here<std::vector<storage::SeenEvidence>>(
      [order](Books& books) { return books.evidence_of_order(order); });
  if (!seen) co_return;
  std::optional<core::EvidenceId> claim;
  for (const storage::SeenEvidence& one : *seen) {
    if (one.outcome == core::Outcome::awaiting_approval) claim = one.id;
  }
  if (!claim) co_return;
  // Now and then the first person tries it alone.
  const std::string_view actor = stage_.dice.below(5) == 0 ? kFirst : kSecond;
  detect::Hand hand{.actor = std::string(actor), .reason = "looked at the statement too"};
  // Not one co_await in a choice: g++ 12 miscompiles that.
  Result<detect::Settled> answer = base::fail(base::ErrorCode::not_found, "");
  if (confirms) {
    answer = co_await engine.manual->confirm(order, *claim, std::move(hand));
  } else {
    answer = co_await engine.manual->reject(order, *claim, std::move(hand));
  }
  stage_.trace.line(
      "the manager looks at order " + text_of(id) + ": " +
      std::string(answer ? to_text(answer->outcome) : error_row(answer.error().code).wire));
  if (answer && answer->order_status) heard(id, *answer->order_status);
}

void Population::give_back(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  base::spawn(engine.executor, return_some(engine, one->id, stage_.dice.below(4) == 0));
  // A double click, now and then.
  if (stage_.dice.below(8) == 0) base::spawn(engine.executor, return_some(engine, one->id, false));
}

/// A refund of some or all of one sum that came, or a void of what a person said.
Task<void> Population::return_some(Engine& engine, std::int64_t id, bool takes_back) {
  const core::OrderId order(id);
  const auto settlements = engine.store->read_here<std::vector<storage::Settlement>>(
      [order](Books& books) { return books.settlements_of_order(order); });
  const auto refunds = engine.store->read_here<std::vector<storage::Refund>>(
      [order](Books& books) { return books.refunds_of_order(order); });
  if (!settlements || settlements->empty() || !refunds) co_return;
  const storage::Settlement* picked = &(*settlements)[stage_.dice.below(settlements->size())];
  for (const storage::Settlement& one : *settlements) {
    // Who takes a word back knows whose it was, as a rule.
    const bool by_hand = one.verification_method == "manual";
    if (takes_back && by_hand && stage_.dice.below(4) != 0) picked = &one;
  }
  const storage::Settlement& money = *picked;
  const std::int64_t left = left_of(money, *refunds);
  ReturnAsked asked{.order_id = id,
                    .kind = takes_back ? "void" : "refund",
                    .against = money.provider_ref,
                    .amount_minor = left};
  if (!takes_back && left > 1 && stage_.dice.below(2) == 0) {
    asked.amount_minor =
        1 + static_cast<std::int64_t>(stage_.dice.below(static_cast<std::uint64_t>(left)));
  }
  // Nothing is left, or more than that: the engine has to say no.
  if (asked.amount_minor <= 0 || stage_.dice.below(12) == 0) asked.amount_minor = left + 1;
  if (takes_back) asked.amount_minor = money.counted.minor() + money.excess.minor();
  storage::Settlement against = money;
  co_await give(engine, std::move(asked), std::move(against));
}

/// Gives back what was asked for of this money, and remembers what was said about it.
Task<void> Population::give(Engine& engine, ReturnAsked asked, storage::Settlement money) {
  const core::OrderId order(asked.order_id);
  stage_.facts.returns_asked.push_back(asked);
  detect::Hand hand{.actor = std::string(kFirst), .reason = "the customer asked for it"};
  Result<detect::Settled> answer = base::fail(base::ErrorCode::not_found, "");
  if (asked.kind == "void") {
    answer = co_await engine.manual->take_back(order, money.id, std::move(hand));
  } else {
    detect::GivenBack given{
        .settlement_id = money.id,
        .amount = *Money::from_minor(asked.amount_minor, money.counted.currency())};
    if (stage_.dice.below(2) == 0) {
      given.provider_ref = "return-" + text_of(static_cast<std::int64_t>(++tickets_));
      const std::string name = "refund:" + given.provider_ref;
      answer = co_await engine.manual->refund(order, std::move(given), std::move(hand));
      if (answer) stage_.facts.said_returned.insert(name);
    } else {
      answer = co_await engine.manual->refund(order, std::move(given), std::move(hand));
    }
  }
  stage_.trace.line(
      asked.kind + " of order " + text_of(asked.order_id) + ": " +
      std::string(answer ? to_text(answer->outcome) : error_row(answer.error().code).wire));
}

/// The bank sends a notice: for the first time, again, or long after all is over (N4).
void Population::notice(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  const std::size_t at = stage_.dice.below(one->qrs.size());
  const sandbox::Transfer* seen = transfer_for(one->qrs[at]);
  if (!seen) return;
  const core::Evidence evidence = evidence_of(*seen, one->sessions[at], stage_.clock.now());
  const std::uint64_t times = 1 + stage_.dice.below(2);
  for (std::uint64_t i = 0; i < times; ++i)
    base::spawn(engine.executor, take_notice(engine, evidence));
}

/// The bank sends a notice of what paid this QR, if it shows any.
void Population::notice_of(Engine& engine, std::size_t order, std::size_t qr) {
  const Remembered& one = orders_[order];
  const sandbox::Transfer* seen = transfer_for(one.qrs[qr]);
  if (!seen) return;
  core::Evidence evidence = evidence_of(*seen, one.sessions[qr], stage_.clock.now());
  base::spawn(engine.executor, take_notice(engine, std::move(evidence)));
}

/// The bank takes money back that it had given us, and says so once or twice.
void Population::reverse(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  const std::size_t at = stage_.dice.below(one->qrs.size());
  const sandbox::Transfer* seen = transfer_for(one->qrs[at]);
  if (!seen || !reversed_.insert(seen->hash).second) return;
  core::Evidence evidence = evidence_of(*seen, one->sessions[at], stage_.clock.now());
  evidence.kind = core::EvidenceKind::reversal;
  evidence.against = seen->hash;
  evidence.provider_ref = "reversal-" + seen->hash.substr(0, 32);
  evidence.paid_at = stage_.true_time.now();
  stage_.facts.returns_asked.push_back({.order_id = one->id,
                                        .kind = "reversal",
                                        .against = seen->hash,
                                        .amount_minor = seen->amount.minor});
  const std::uint64_t times = 1 + stage_.dice.below(2);
  for (std::uint64_t i = 0; i < times; ++i)
    base::spawn(engine.executor, take_notice(engine, evidence));
}

Task<void> Population::take_notice(Engine& engine, core::Evidence evidence) {
  const std::string name =
      std::string(to_text(evidence.kind)) + " " + evidence.provider_ref.substr(0, 17);
  std::move_only_function<Result<detect::Settled>(WritableBooks&)> work =
      [&engine, evidence = std::move(evidence)](WritableBooks& books) {
        return detect::settle(books, engine.settle, evidence);
      };
  const auto settled = co_await engine.store->write<detect::Settled>(std::move(work));
  stage_.trace.line(
      "notice of " + name + ": " +
      std::string(settled ? to_text(settled->outcome) : error_row(settled.error().code).wire));
  if (settled && settled->order_status) heard(settled->order_id->value(), *settled->order_status);
}

/// Something new comes into the shop, and what has long been there goes out of fashion.
void Population::restock(Engine& engine) {
  const bool riel = stage_.dice.below(3) == 0;
  const std::uint64_t price =
      riel ? 4'000 + 500 * stage_.dice.below(40) : 199 + stage_.dice.below(5'000);
  const auto currency = core::Currency::from_code(riel ? "KHR" : "USD");
  storage::Product product{
      .name = "Product " + text_of(static_cast<std::int64_t>(++tickets_)),
      .price = *Money::from_minor(static_cast<std::int64_t>(price), *currency),
      .stock = static_cast<std::int64_t>(4 + stage_.dice.below(stage_.dice.below(2) ? 40 : 300))};
  base::spawn(engine.executor, put_up(engine, std::move(product)));
}

Task<void> Population::put_up(Engine& engine, storage::Product product) {
  const storage::Product copy = product;
  std::move_only_function<Result<core::ProductId>(WritableBooks&)> work =
      [copy, now = stage_.clock.now()](WritableBooks& books) {
        return checkout::add_product(books, copy, "admin", now);
      };
  const auto id = co_await engine.store->write<core::ProductId>(std::move(work));
  if (!id) co_return;
  const std::string_view currency = product.price.currency().code();
  stage_.shelve(id->value(), {.price_minor = product.price.minor(),
                              .currency = std::string(currency),
                              .stock = product.stock});
  std::vector<std::int64_t>& shown =
      currency == "KHR" ? stage_.riel_products : stage_.dollar_products;
  if (shown.size() > 4) shown.erase(shown.begin());
  shown.push_back(id->value());
}

/// A customer says that no receipt came, and staff have it sent once more.
void Population::send_receipt(Engine& engine) {
  const Remembered* one = somebody();
  if (!one) return;
  stage_.facts.receipt_asked.insert(one->id);
  base::spawn(engine.executor, send_again(engine, one->id));
}

Task<void> Population::send_again(Engine& engine, std::int64_t id) {
  notify::Resend resend{.order_id = core::OrderId(id), .actor = std::string(kFirst)};
  const auto sent = co_await engine.outbox->resend(std::move(resend));
  if (sent) ++stage_.facts.said_receipts[id];
  stage_.trace.line("receipt of order " + text_of(id) + ": " +
                    std::string(sent ? "sent again" : error_row(sent.error().code).wire));
}

}  // namespace quittance::simulation
