#include "bench/in_process.hpp"

namespace quittance::bench {
namespace {

using base::Result;
using base::Task;
using detect::Settled;
using storage::WritableBooks;

using Funnel = storage::Together<detect::Claim, Settled>;

Task<bool> settle_one(storage::Store& store, const Funnel& funnel, detect::SettleContext& context,
                      const core::Evidence& evidence, core::OrderId order) {
  detect::Claim claim = detect::make_claim(context, evidence, order);
  const auto settled = co_await store.write_together(funnel, std::move(claim));
  co_return settled && settled->order_status == core::OrderStatus::completed;
}

}  // namespace

Settles settle_in_process(const std::string& database, const Shop& shop, Tools& tools,
                          Settling how) {
  const auto store = open_store(database, tools, how.audit);
  base::EventLoops loops(2);
  detect::SettleContext context = tools.settle_context();
  const Funnel funnel{
      [&context](WritableBooks& books, std::span<const detect::Claim* const> claims) {
        return detect::settle(books, context, claims);
      }};
  const auto operation = [&](std::size_t i) {
    return settle_one(*store, funnel, context, shop.evidence[i], shop.orders[i]);
  };
  const Elapsed elapsed = run_operations(loops, how.concurrency, how.count, operation);
  if (elapsed.failures > 0) give_up("not every order was settled in process");
  const auto counters = store->counters();
  return {
      .per_second = static_cast<double>(how.count) / elapsed.seconds,
      .group_size = static_cast<double>(counters.writes) / static_cast<double>(counters.commits)};
}

}  // namespace quittance::bench
