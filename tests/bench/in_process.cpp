#include "bench/in_process.hpp"

namespace quittance::bench {
namespace {

using base::Result;
using base::Task;
using detect::Settled;
using storage::WritableBooks;

using Settling = storage::Together<detect::Claim, Settled>;

Task<bool> settle_one(storage::Store& store, const Settling& settling,
                      detect::SettleContext& context, const core::Evidence& evidence,
                      core::OrderId order) {
  detect::Claim claim = detect::make_claim(context, evidence, order);
  const auto settled = co_await store.write_together(settling, std::move(claim));
  co_return settled && settled->order_status == core::OrderStatus::completed;
}

Task<bool> mark_one(detect::Manual& manual, core::OrderId id) {
  detect::Hand hand{.actor = "admin", .reason = "measured by the bench"};
  const auto settled = co_await manual.mark_paid(id, std::move(hand));
  co_return settled && settled->order_status == core::OrderStatus::completed;
}

/// Without the transactions that belong to opening the books.
Recording newest(Recording recording, std::size_t count) {
  if (recording.transactions.size() < count) give_up("a settle was not recorded");
  const auto surplus = static_cast<std::ptrdiff_t>(recording.transactions.size() - count);
  recording.transactions.erase(recording.transactions.begin(),
                               recording.transactions.begin() + surplus);
  return recording;
}

}  // namespace

Settles settle_in_process(const std::filesystem::path& file, const Shop& shop, Tools& tools,
                          std::size_t concurrency, std::size_t count) {
  const auto store = open_store(file, tools);
  base::EventLoops loops(2);
  detect::SettleContext context = tools.settle_context();
  const Settling settling{
      [&context](WritableBooks& books, std::span<const detect::Claim* const> claims) {
        return detect::settle(books, context, claims);
      }};
  const auto operation = [&](std::size_t i) {
    return settle_one(*store, settling, context, shop.evidence[i], shop.orders[i]);
  };
  const Elapsed elapsed = run_operations(loops, concurrency, count, operation);
  if (elapsed.failures > 0) give_up("not every order was settled in process");
  const auto counters = store->counters();
  return {
      .per_second = static_cast<double>(count) / elapsed.seconds,
      .group_size = static_cast<double>(counters.writes) / static_cast<double>(counters.commits)};
}

Recording record_settles(const std::filesystem::path& file, const Shop& shop, Tools& tools) {
  const std::size_t count = shop.evidence.size();
  return newest(record([&] { settle_in_process(file, shop, tools, 1, count); }), count);
}

Recording record_marking_paid(const std::filesystem::path& file, const Shop& shop, Tools& tools) {
  const auto mark_all = [&] {
    const auto store = open_store(file, tools);
    base::EventLoops loops(1);
    detect::SettleContext context = tools.settle_context();
    detect::Bulletin bulletin;
    detect::Manual manual(*store, context, bulletin);
    const auto operation = [&](std::size_t i) { return mark_one(manual, shop.orders[i]); };
    const Elapsed elapsed = run_operations(loops, 1, shop.orders.size(), operation);
    if (elapsed.failures > 0) give_up("not every order was marked as paid");
  };
  return newest(record(mark_all), shop.orders.size());
}

}  // namespace quittance::bench
