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

Task<bool> mark_one(detect::Manual& manual, core::OrderId id) {
  detect::Hand hand{.actor = "admin", .reason = "measured by the bench"};
  const auto settled = co_await manual.mark_paid(id, std::move(hand));
  co_return settled && settled->order_status == core::OrderStatus::completed;
}

}  // namespace

Settles settle_in_process(const std::filesystem::path& file, const Shop& shop, Tools& tools,
                          Settling how) {
  const auto store = open_store(file, tools, how.audit);
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

Recording record_settles(const std::filesystem::path& file, const Shop& shop, Tools& tools,
                         std::size_t concurrency, std::size_t count) {
  return record([&] { settle_in_process(file, shop, tools, {concurrency, count}); });
}

Recording record_marking_paid(const std::filesystem::path& file, const Shop& shop, Tools& tools,
                              std::size_t concurrency) {
  return record([&] {
    const auto store = open_store(file, tools);
    base::EventLoops loops(2);
    detect::SettleContext context = tools.settle_context();
    detect::Bulletin bulletin;
    detect::Manual manual(*store, context, bulletin);
    const auto operation = [&](std::size_t i) { return mark_one(manual, shop.orders[i]); };
    const Elapsed elapsed = run_operations(loops, concurrency, shop.orders.size(), operation);
    if (elapsed.failures > 0) give_up("not every order was marked as paid");
  });
}

}  // namespace quittance::bench
