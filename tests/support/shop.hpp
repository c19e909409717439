// A shop in virtual time: books in a temporary file, a scripted bank, and the detector between.
#pragma once

#include "detect/detect.hpp"
#include "support/open_books.hpp"
#include "support/scripted_provider.hpp"

namespace quittance::testing {

/// What a test usually needs of an order.
struct Placed {
  core::OrderId order;
  core::SessionId session;
};

class Shop : public OpenBooks {
 public:
  explicit Shop(providers::CallBudget budget = {}) {
    auto made = std::make_unique<ScriptedProvider>();
    bank = made.get();
    bank->budget = budget;
    registry.add(std::move(made));
    make_detector();
  }
  /// One more provider that the shop takes money by.
  void add_rail(std::unique_ptr<providers::Provider> rail) {
    registry.add(std::move(rail));
    make_detector();
  }

  /// One more puller of lists, as another process would have.
  std::unique_ptr<detect::Sync> make_sync() {
    return std::make_unique<detect::Sync>(
        detect::SyncParts{*store, registry, *asker, context, bulletin, log, detect::SyncOptions{}});
  }

  core::ProductId add_product(std::int64_t stock, core::Money price = usd(1'000)) {
    return write<core::ProductId>([=](storage::WritableBooks& books) {
      return books.insert_product(
          {.name = "Silk", .description = "", .picture = "", .price = price, .stock = stock});
    });
  }
  /// An order for `quantity` of a product, its goods set aside for a day, one QR for all of it.
  Placed place(core::ProductId product, std::int64_t quantity = 1,
               std::optional<core::CustomerId> customer = {}) {
    const core::Money price = this->product(product).price;
    const core::Money total = *price.times(quantity);
    const base::Time now = clock.now();
    const std::string transaction_id = random.hex(16);
    const auto id =
        write<core::OrderId>([=](storage::WritableBooks& books) -> base::Result<core::OrderId> {
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
  core::SessionId open_session(std::optional<core::OrderId> order, core::Money amount) {
    const std::string bill = random.hex(4);
    return write<core::SessionId>([&](storage::WritableBooks& books) {
      return books.insert_session(draft(order, amount, bill));
    });
  }
  core::Session draft(std::optional<core::OrderId> order, core::Money amount, std::string bill) {
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

  core::Order order(core::OrderId id) {
    return read<std::optional<core::Order>>([id](auto& books) { return books.order(id); }).value();
  }
  core::Session session(core::SessionId id) {
    return read<std::optional<core::Session>>([id](auto& books) { return books.session(id); })
        .value();
  }
  storage::Product product(core::ProductId id) {
    return read<std::optional<storage::Product>>([id](auto& books) { return books.product(id); })
        .value();
  }
  std::vector<storage::Settlement> settlements(core::OrderId id) {
    return read<std::vector<storage::Settlement>>(
        [id](auto& books) { return books.settlements_of_order(id); });
  }
  std::vector<storage::SeenEvidence> evidence_of(core::OrderId id) {
    return read<std::vector<storage::SeenEvidence>>(
        [id](auto& books) { return books.evidence_of_order(id); });
  }
  std::vector<storage::Query> queries(core::OrderId id) {
    return read<std::vector<storage::Query>>(
        [id](auto& books) { return books.queries_of_order(id, 100); });
  }
  std::vector<storage::AuditEntry> audit(core::OrderId id) {
    return read<std::vector<storage::AuditEntry>>(
        [id](auto& books) { return books.audit_of("order", id.value()); });
  }
  std::optional<storage::Pass> pass(core::OrderId id) {
    return read<std::optional<storage::Pass>>(
        [id](auto& books) { return books.pass_of_order(id); });
  }

  /// Money as the bank confirms it: all that the session asks for, now, unless changed.
  core::Evidence money(core::SessionId id, std::string ref,
                       core::EvidenceSource source = core::EvidenceSource::poll) {
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
  base::Task<base::Result<detect::Settled>> settling(core::Evidence evidence) {
    std::move_only_function<base::Result<detect::Settled>(storage::WritableBooks&)> work =
        [this, evidence = std::move(evidence)](storage::WritableBooks& books) {
          return detect::settle(books, context, evidence);
        };
    return store->write<detect::Settled>(std::move(work));
  }
  detect::Settled settle(core::Evidence evidence) {
    auto settled = run(settling(std::move(evidence)));
    EXPECT_TRUE(settled.has_value()) << (settled ? "" : settled.error().detail);
    return std::move(settled.value());
  }
  /// The bank says from now on that this session is paid.
  void bank_has_money(core::SessionId id, std::string ref) {
    const core::Evidence evidence = money(id, std::move(ref));
    bank->answers.insert_or_assign(session(id).md5_hash,
                                   providers::Paid{.provider_ref = evidence.provider_ref,
                                                   .amount = evidence.amount,
                                                   .receiver = evidence.receiver,
                                                   .payer = evidence.payer,
                                                   .paid_at = evidence.paid_at,
                                                   .raw = evidence.raw});
  }
  detect::Asked ask(core::SessionId id,
                    detect::AskReason reason = detect::AskReason::verify_instantly) {
    auto asked = run(asker->ask_now(session(id), reason));
    EXPECT_TRUE(asked.has_value());
    return std::move(asked.value());
  }
  base::Result<detect::CancelResult> cancel(core::OrderId id) {
    return run(detect::cancel_order(*store, *asker, bulletin, clock, id, "customer 1"));
  }
  base::Result<detect::Settled> mark_paid(core::OrderId id, std::string reason = "cash counted") {
    return run(manual->mark_paid(id, {.actor = "sokha", .reason = std::move(reason)}));
  }

  base::SigningKey key = base::SigningKey::from_seed(base::Secret(std::string(32, 's'))).value();
  detect::SettleContext context{.clock = clock, .random = random, .pass_key = key};
  ScriptedProvider* bank = nullptr;
  providers::Registry registry;
  detect::Bulletin bulletin;
  std::unique_ptr<detect::Asker> asker;
  std::unique_ptr<detect::Notices> notices;
  std::unique_ptr<detect::Poller> poller;
  std::unique_ptr<detect::Sync> sync;
  std::unique_ptr<detect::Manual> manual;

 private:
  void make_detector() {
    asker = std::make_unique<detect::Asker>(
        detect::AskerParts{*store, registry, context, core::CheckPolicy{}, bulletin, log});
    manual = std::make_unique<detect::Manual>(*store, context, bulletin);
    notices = std::make_unique<detect::Notices>(
        detect::NoticeParts{*store, registry, *asker, context, bulletin, log});
    sync = make_sync();
    poller = std::make_unique<detect::Poller>(*store, registry, *asker, clock, log,
                                              detect::PollerOptions{});
  }
};

}  // namespace quittance::testing
