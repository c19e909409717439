#include "support/shop.hpp"

#include <gtest/gtest.h>

namespace quittance::testing {

using base::Result;
using storage::WritableBooks;

Shop::Shop(providers::CallBudget budget) {
  auto made = std::make_unique<ScriptedProvider>();
  bank = made.get();
  bank->budget = budget;
  registry.add(std::move(made));
  make_detector();
}
Shop::~Shop() = default;

void Shop::add_rail(std::unique_ptr<providers::Provider> rail) {
  registry.add(std::move(rail));
  make_detector();
}

std::unique_ptr<detect::Sync> Shop::make_sync() {
  return std::make_unique<detect::Sync>(
      detect::SyncParts{*store, registry, *asker, context, bulletin, log, detect::SyncOptions{}});
}

void Shop::make_detector() {
  asker = std::make_unique<detect::Asker>(
      detect::AskerParts{*store, registry, context, core::CheckPolicy{}, bulletin, log});
  manual = std::make_unique<detect::Manual>(*store, context, bulletin);
  refunds = std::make_unique<detect::Refunds>(
      detect::RefundParts{*store, registry, context, bulletin, log});
  notices = std::make_unique<detect::Notices>(
      detect::NoticeParts{*store, registry, *asker, context, bulletin, log});
  sync = make_sync();
  poller = std::make_unique<detect::Poller>(*store, registry, *asker, clock, log,
                                            detect::PollerOptions{});
}

core::ProductId Shop::add_product(std::int64_t stock, core::Money price) {
  return write<core::ProductId>([=](WritableBooks& books) {
    return books.insert_product(
        {.name = "Silk", .description = "", .picture = "", .price = price, .stock = stock});
  });
}

Placed Shop::place(core::ProductId product, std::int64_t quantity,
                   std::optional<core::CustomerId> customer) {
  const core::Money price = this->product(product).price;
  const core::Money total = *price.times(quantity);
  const base::Time now = clock.now();
  const std::string transaction_id = random.hex(16);
  const auto id = write<core::OrderId>([=](WritableBooks& books) -> Result<core::OrderId> {
    TRY(const bool reserved, books.reserve(product, quantity));
    if (!reserved) return base::fail(base::ErrorCode::out_of_stock, "Sold out.");
    const core::Order order{.transaction_id = transaction_id,
                            .order_secret = transaction_id,
                            .customer_id = customer,
                            .total = total,
                            .paid = core::Money::zero(total.currency()),
                            .refunded = core::Money::zero(total.currency()),
                            .payment_method = "khqr",
                            .created_at = now,
                            .reserved_until = now + std::chrono::hours(24)};
    TRY(const core::OrderId made, books.insert_order(order));
    TRY_VOID(books.insert_order_item(
        made, {.product_id = product, .name = "Silk", .quantity = quantity, .price = price}));
    return made;
  });
  return {.order = id, .session = open_session(id, total)};
}

core::SessionId Shop::open_session(std::optional<core::OrderId> order, core::Money amount) {
  const std::string bill = random.hex(4);
  return write<core::SessionId>(
      [&](WritableBooks& books) { return books.insert_session(draft(order, amount, bill)); });
}

core::Session Shop::draft(std::optional<core::OrderId> order, core::Money amount,
                          std::string bill) {
  const base::Time now = clock.now();
  const std::string qr = "QR:" + bill + ":" + amount.text();
  return {.session_id = random.uuid(),
          .payment_id = random.uuid(),
          .order_id = order,
          .provider = "bakong",
          .environment = "sandbox",
          .receiver = "shop@bank",
          .amount = amount,
          .qr_data = qr,
          .md5_hash = base::md5_hex(qr),
          .bill_number = std::move(bill),
          .created_at = now,
          .expires_at = now + std::chrono::minutes(15),
          .next_check_at = now + std::chrono::seconds(60)};
}

core::Order Shop::order(core::OrderId id) {
  return read<std::optional<core::Order>>([id](auto& books) { return books.order(id); }).value();
}
core::Session Shop::session(core::SessionId id) {
  return read<std::optional<core::Session>>([id](auto& books) { return books.session(id); })
      .value();
}
storage::Product Shop::product(core::ProductId id) {
  return read<std::optional<storage::Product>>([id](auto& books) { return books.product(id); })
      .value();
}
std::vector<storage::Settlement> Shop::settlements(core::OrderId id) {
  return read<std::vector<storage::Settlement>>(
      [id](auto& books) { return books.settlements_of_order(id); });
}
std::vector<storage::SeenEvidence> Shop::evidence_of(core::OrderId id) {
  return read<std::vector<storage::SeenEvidence>>(
      [id](auto& books) { return books.evidence_of_order(id); });
}
std::vector<storage::Query> Shop::queries(core::OrderId id) {
  return read<std::vector<storage::Query>>(
      [id](auto& books) { return books.queries_of_order(id, 100); });
}
std::vector<storage::AuditEntry> Shop::audit(core::OrderId id) {
  return read<std::vector<storage::AuditEntry>>(
      [id](auto& books) { return books.audit_of("order", id.value()); });
}
std::optional<storage::Pass> Shop::pass(core::OrderId id) {
  return read<std::optional<storage::Pass>>([id](auto& books) { return books.pass_of_order(id); });
}

core::Evidence Shop::money(core::SessionId id, std::string ref, core::EvidenceSource source) {
  return {.source = source,
          .session_id = id,
          .provider = "bakong",
          .provider_ref = std::move(ref),
          .amount = session(id).amount,
          .receiver = "shop@bank",
          .payer = "payer@bank",
          .paid_at = clock.now(),
          .seen_at = clock.now(),
          .actor = "system",
          .reason = "confirmed by bakong",
          .raw = "{}"};
}

base::Task<Result<detect::Settled>> Shop::settling(core::Evidence evidence) {
  storage::Writing<detect::Settled> work = [this,
                                            evidence = std::move(evidence)](WritableBooks& books) {
    return detect::settle(books, context, evidence);
  };
  return store->write<detect::Settled>(std::move(work));
}

detect::Settled Shop::settle(core::Evidence evidence) {
  auto settled = run(settling(std::move(evidence)));
  EXPECT_TRUE(settled.has_value()) << (settled ? "" : settled.error().detail);
  return std::move(settled.value());
}

void Shop::bank_has_money(core::SessionId id, std::string ref) {
  const core::Evidence evidence = money(id, std::move(ref));
  bank->answers.insert_or_assign(session(id).md5_hash,
                                 providers::Paid{.provider_ref = evidence.provider_ref,
                                                 .amount = evidence.amount,
                                                 .receiver = evidence.receiver,
                                                 .payer = evidence.payer,
                                                 .paid_at = evidence.paid_at,
                                                 .raw = evidence.raw});
}

detect::Asked Shop::ask(core::SessionId id, detect::AskReason reason) {
  auto asked = run(asker->ask_now(session(id), reason));
  EXPECT_TRUE(asked.has_value());
  return std::move(asked.value());
}

Result<detect::CancelResult> Shop::cancel(core::OrderId id) {
  return run(detect::cancel_order(*store, *asker, bulletin, clock, id, "customer 1"));
}

Result<detect::Settled> Shop::mark_paid(core::OrderId id, std::string reason) {
  return run(manual->mark_paid(id, {.actor = "sokha", .reason = std::move(reason)}));
}

}  // namespace quittance::testing
