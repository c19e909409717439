#include "notify/outbox.hpp"

#include <algorithm>
#include <map>

#include "notify/retry.hpp"

namespace quittance::notify {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;
using storage::OutboxEntry;
using storage::WritableBooks;

constexpr base::Duration kRest{200};
constexpr base::Duration kRestAfterFailure{2'000};
constexpr base::Duration kBurialInterval = std::chrono::hours(1);
/// Longer than any lane keeps anything.
constexpr base::Duration kOverdueAfter = kDeliveryLife + kLongestPause;

std::optional<core::OrderId> order_of(const OutboxEntry& news) {
  const auto payload = Json::parse(news.payload);
  const auto id = payload ? (*payload)["order_id"].integer() : std::nullopt;
  return id ? std::optional(core::OrderId(*id)) : std::nullopt;
}

/// The orders that news is about, by their ids.
Result<std::map<core::OrderId, core::Order>> orders_of(storage::Books& books,
                                                       const std::vector<OutboxEntry>& news) {
  std::vector<core::OrderId> ids;
  for (const OutboxEntry& entry : news) {
    if (const auto id = order_of(entry)) ids.push_back(*id);
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  std::map<core::OrderId, core::Order> orders;
  if (ids.empty()) return orders;
  TRY(std::vector<core::Order> found, books.orders(ids));
  for (core::Order& order : found)
    orders.emplace(order.id, std::move(order));
  return orders;
}

Result<std::int64_t> write_deliveries(WritableBooks& books,
                                      const std::vector<std::unique_ptr<Carrier>>& carriers,
                                      base::Time now) {
  TRY(const auto news, books.undistributed_outbox(kDistributedAtOnce));
  TRY(const auto orders, orders_of(books, news));
  std::vector<storage::NewDelivery> deliveries;
  for (const auto& carrier : carriers) {
    TRY(const bool ended, books.endpoint_ended(carrier->destination()));
    if (ended) continue;
    for (const OutboxEntry& entry : news) {
      const auto id = order_of(entry);
      const auto found = id ? orders.find(*id) : orders.end();
      const core::Order* order = found == orders.end() ? nullptr : &found->second;
      TRY(const bool wanted, carrier->wants(books, entry, order));
      if (!wanted) continue;
      deliveries.push_back({.outbox_id = entry.id,
                            .destination = carrier->destination(),
                            .kind = carrier->kind(),
                            .order_id = order ? std::optional(order->id) : std::nullopt});
    }
  }
  TRY_VOID(books.insert_deliveries(deliveries, now));
  TRY_VOID(books.mark_distributed(news, now));
  return static_cast<std::int64_t>(news.size());
}

/// Writes the request; what cannot be sent is refused with what to do about it.
Result<std::int64_t> request_receipt(WritableBooks& books, const Resend& resend, std::string key,
                                     base::Time now) {
  TRY(const auto order, books.order(resend.order_id));
  if (!order) return fail(ErrorCode::not_found, "There is no such order.");
  if (order->status != core::OrderStatus::completed) {
    return fail(ErrorCode::conflict, "Only a completed order has a receipt to send.");
  }
  TRY(const auto customer, order->customer_id ? books.customer(*order->customer_id)
                                              : std::optional<storage::Customer>());
  if (!customer || customer->email.empty()) {
    return fail(ErrorCode::conflict, "The customer of this order gave no e-mail address.");
  }
  const Json payload = Json::object({{"order_id", resend.order_id.value()}});
  const OutboxEntry entry{.topic = std::string(kReceiptRequested),
                          .dedupe_key = std::move(key),
                          .payload = payload.dump(),
                          .created_at = now};
  TRY_VOID(books.insert_outbox(std::span(&entry, 1)));
  TRY_VOID(books.insert_audit({.created_at = now,
                               .actor = resend.actor,
                               .action = std::string(kReceiptRequested),
                               .subject_type = "order",
                               .subject_id = resend.order_id.value(),
                               .details = "{}"}));
  return resend.order_id.value();
}

}  // namespace

Outbox::Outbox(LaneParts parts, std::vector<std::unique_ptr<Carrier>> carriers)
    : parts_(parts),
      carriers_(std::move(carriers)),
      next_burial_(parts.clock.now() + kBurialInterval) {
  for (const auto& carrier : carriers_)
    lanes_.push_back(std::make_unique<Lane>(parts_, *carrier));
}

bool Outbox::sends_mail() const {
  return std::ranges::any_of(carriers_, [](const auto& carrier) {
    return carrier->kind() == storage::DeliveryKind::mail;
  });
}

Task<Result<std::int64_t>> Outbox::distribute() {
  storage::Reading<bool> look = [](storage::Books& books) { return books.outbox_waits(); };
  CO_TRY(const bool waits, co_await parts_.store.read(std::move(look)));
  if (!waits) co_return 0;
  std::move_only_function<Result<std::int64_t>(WritableBooks&)> work =
      [this, now = parts_.clock.now()](WritableBooks& books) {
        return write_deliveries(books, carriers_, now);
      };
  co_return co_await parts_.store.write<std::int64_t>(std::move(work));
}

Task<std::int64_t> Outbox::tick() {
  const auto distributed = co_await distribute();
  if (!distributed) {
    parts_.log.error("outbox.distribute_failed", {{"detail", distributed.error().detail}});
  }
  std::int64_t started = 0;
  for (const auto& lane : lanes_)
    started += co_await lane->tick();
  co_return started;
}

void Outbox::start(base::Executor& executor) {
  base::spawn(executor, run());
  for (const auto& lane : lanes_)
    base::spawn(executor, lane->run());
}

void Outbox::stop() {
  stopping_ = true;
  for (const auto& lane : lanes_)
    lane->stop();
}

Task<void> Outbox::run() {
  while (!stopping_) {
    const auto distributed = co_await distribute();
    if (!distributed) {
      parts_.log.error("outbox.distribute_failed", {{"detail", distributed.error().detail}});
    }
    co_await bury_overdue();
    if (distributed && *distributed == kDistributedAtOnce) continue;
    co_await base::Sleep{distributed ? kRest : kRestAfterFailure};
  }
}

Task<void> Outbox::bury_overdue() {
  const base::Time now = parts_.clock.now();
  if (now < next_burial_ && next_burial_ - now <= kBurialInterval) co_return;
  next_burial_ = now + kBurialInterval;
  std::move_only_function<Result<std::int64_t>(WritableBooks&)> work = [now](WritableBooks& books) {
    return books.bury_overdue_deliveries(now - kOverdueAfter, now);
  };
  const auto buried = co_await parts_.store.write<std::int64_t>(std::move(work));
  if (!buried) parts_.log.error("delivery.burial_failed", {{"detail", buried.error().detail}});
  if (buried && *buried > 0) parts_.log.warning("delivery.overdue", {{"deliveries", *buried}});
}

Task<Result<std::int64_t>> Outbox::resend(Resend resend) {
  if (!sends_mail()) {
    co_return fail(ErrorCode::conflict,
                   "No mail is set up here: set QUITTANCE_SMTP_URL and QUITTANCE_MAIL_FROM.");
  }
  // Every request is news of its own.
  std::string key = std::string(kReceiptRequested) + ":" + parts_.random.uuid();
  std::move_only_function<Result<std::int64_t>(WritableBooks&)> work =
      [resend = std::move(resend), key = std::move(key), now = parts_.clock.now()](
          WritableBooks& books) { return request_receipt(books, resend, key, now); };
  co_return co_await parts_.store.write<std::int64_t>(std::move(work));
}

}  // namespace quittance::notify
