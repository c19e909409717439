#include "unit/detect/sync_fixture.hpp"

#include <gtest/gtest.h>

namespace quittance::detect {

Puller::Puller() { bank->lists = true; }
Puller::~Puller() = default;

base::Result<storage::SyncRun> Puller::try_pull() { return run(sync->run_once("bakong", "sokha")); }
storage::SyncRun Puller::pull() {
  auto done = try_pull();
  EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message + done.error().detail);
  return done.value_or(storage::SyncRun{});
}

providers::ListedPayment& Puller::list(std::string ref, std::string reference, core::Money amount,
                                       providers::PaymentState state) {
  providers::ListedPayment payment{.payment_ref = std::move(ref),
                                   .provider_ref = "",
                                   .merchant_reference = std::move(reference),
                                   .state = state,
                                   .amount = amount,
                                   .refunded = core::Money::zero(amount.currency()),
                                   .payer = "payer@bank",
                                   .created_at = clock.now(),
                                   .raw = R"({"notes":[]})"};
  if (has_money(payment)) payment.paid_at = clock.now();
  bank->listed.push_back(std::move(payment));
  return bank->listed.back();
}
providers::ListedPayment& Puller::list(std::string ref, core::SessionId id) {
  const core::Session of = session(id);
  return list(std::move(ref), of.session_id, of.amount);
}

storage::ProviderPayment Puller::record(const std::string& ref) {
  return read<std::optional<storage::ProviderPayment>>(
             [&](storage::Books& books) { return books.provider_payment("bakong", ref); })
      .value();
}
storage::SyncHead Puller::head() {
  return read<storage::SyncHead>([](storage::Books& books) { return books.sync_head("bakong"); });
}
std::vector<storage::SyncRun> Puller::runs() {
  return read<std::vector<storage::SyncRun>>(
      [](storage::Books& books) { return books.sync_runs("bakong", std::nullopt, 1'000); });
}
std::vector<std::string> Puller::actions(const char* subject, std::int64_t id) {
  std::vector<std::string> names;
  for (const auto& entry : read<std::vector<storage::AuditEntry>>(
           [&](storage::Books& books) { return books.audit_of(subject, id); }))
    names.push_back(entry.action);
  return names;
}

}  // namespace quittance::detect
