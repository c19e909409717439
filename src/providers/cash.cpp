// The cash desk: nobody on a network to ask. A person who counted the money is the evidence
// (detect/manual), so there is never anything that this adapter could find out by itself.
#include "providers/providers.hpp"

namespace quittance::providers {
namespace {

using base::Result;
using base::Task;

constexpr std::size_t kAtOnce = 50;

class Cash final : public Provider {
 public:
  explicit Cash(std::string environment) : environment_(std::move(environment)) {}

  std::string_view name() const override { return "cash"; }
  std::string_view environment() const override { return environment_; }
  Capabilities capabilities() const override {
    // Nobody is called, so nobody has to be spared.
    return {.bulk_limit = kAtOnce,
            .budget = {.calls_per_second = 1'000, .burst = 1'000},
            .polling = PollingRule::rare_bounded_sweep};
  }

  /// Nothing to scan: the payer goes to the desk and names the bill.
  Task<Result<Presentation>> present(SessionDraft draft) override {
    if (draft.amount.is_zero()) {
      co_return base::fail(base::ErrorCode::invalid_request, "There is nothing to pay.", "amount");
    }
    co_return Presentation{};
  }

  /// What nobody has written down has not come. Time may end a request by this answer; money that a
  /// person enters later still counts.
  Task<std::vector<Answer>> query(std::vector<core::Session> sessions) override {
    co_return std::vector<Answer>(sessions.size(), NotYet{});
  }

  Health health() const override { return {}; }

 private:
  std::string environment_;
};

/// A desk takes real money where the rest of the shop does.
Result<std::vector<ReadyProvider>> read(const Settings& settings, const ShopFacts&) {
  const std::string desk = settings.find("QUITTANCE_CASH_DESK").value_or("off");
  if (desk != "on" && desk != "off") return wrong("QUITTANCE_CASH_DESK", "must be on or off.");
  std::vector<ReadyProvider> ready;
  if (desk == "on") {
    ready.push_back({.environment = "sandbox", .make = [](const ProviderParts& parts) {
                       return make_cash(parts.environment);
                     }});
  }
  return ready;
}

}  // namespace

extern const Adapter kCash{.name = "cash", .read = read};

std::unique_ptr<Provider> make_cash(std::string environment) {
  return std::make_unique<Cash>(std::move(environment));
}

}  // namespace quittance::providers
