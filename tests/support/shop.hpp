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
  explicit Shop(providers::CallBudget budget = {});
  ~Shop();
  /// One more provider that the shop takes money by.
  void add_rail(std::unique_ptr<providers::Provider> rail);

  /// One more puller of lists, as another process would have.
  std::unique_ptr<detect::Sync> make_sync();

  core::ProductId add_product(std::int64_t stock, core::Money price = usd(1'000));
  /// An order for `quantity` of a product, its goods set aside for a day, one QR for all of it.
  Placed place(core::ProductId product, std::int64_t quantity = 1,
               std::optional<core::CustomerId> customer = {});
  core::SessionId open_session(std::optional<core::OrderId> order, core::Money amount);
  core::Session draft(std::optional<core::OrderId> order, core::Money amount, std::string bill);

  core::Order order(core::OrderId id);
  core::Session session(core::SessionId id);
  storage::Product product(core::ProductId id);
  std::vector<storage::Settlement> settlements(core::OrderId id);
  std::vector<storage::SeenEvidence> evidence_of(core::OrderId id);
  std::vector<storage::Query> queries(core::OrderId id);
  std::vector<storage::AuditEntry> audit(core::OrderId id);
  std::optional<storage::Pass> pass(core::OrderId id);

  /// Money as the bank confirms it: all that the session asks for, now, unless changed.
  core::Evidence money(core::SessionId id, std::string ref,
                       core::EvidenceSource source = core::EvidenceSource::poll);
  base::Task<base::Result<detect::Settled>> settling(core::Evidence evidence);
  detect::Settled settle(core::Evidence evidence);
  /// The bank says from now on that this session is paid.
  void bank_has_money(core::SessionId id, std::string ref);
  detect::Asked ask(core::SessionId id,
                    detect::AskReason reason = detect::AskReason::verify_instantly);
  base::Result<detect::CancelResult> cancel(core::OrderId id);
  base::Result<detect::Settled> mark_paid(core::OrderId id, std::string reason = "cash counted");

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
  std::unique_ptr<detect::Refunds> refunds;

 private:
  void make_detector();
};

}  // namespace quittance::testing
