#include "unit/notify/post_office.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quittance::notify {

Endpoints::Endpoints(const base::Clock& clock) : clock_(clock) {}
Endpoints::~Endpoints() = default;

base::Task<base::Result<base::HttpReply>> Endpoints::send(base::HttpCall call) {
  const std::string url = call.url;
  const base::Duration timeout = call.timeout;
  heard[url].push_back({.call = std::move(call), .at = clock_.now()});
  most_open[url] = std::max(most_open[url], ++open[url]);
  const Manner manner = manners[url];
  co_await base::Sleep{manner.status == 0 ? timeout : manner.latency};
  --open[url];
  if (manner.status == 0) co_return base::fail(base::ErrorCode::timeout, "scripted");
  if (manner.status < 0) {
    co_return base::fail(base::ErrorCode::provider_unavailable, "scripted");
  }
  co_return base::HttpReply{.status = manner.status, .headers = {}, .body = ""};
}

base::Task<Posted> Mailbox::post(Mail mail) {
  const Posted said = answer;
  if (silent || said.taken) mails.push_back(std::move(mail));
  if (silent) co_await base::Sleep{std::chrono::hours(24 * 365)};
  if (latency > base::Duration{0}) co_await base::Sleep{latency};
  co_return said;
}

PostOffice::PostOffice() = default;
PostOffice::~PostOffice() = default;

std::unique_ptr<Outbox> PostOffice::opened(std::vector<std::string> urls, bool mail) {
  Carriers carriers;
  for (std::string& url : urls) {
    carriers.push_back(make_merchant_webhook(
        {.url = std::move(url), .secrets = {base::Secret(kKey)}}, endpoints, clock));
  }
  if (mail) {
    carriers.push_back(make_receipt_mail({.mail_from = "shop@shop.example",
                                          .merchant_name = "Silk & Sons",
                                          .public_url = "https://shop.example"},
                                         mailbox, *store, clock));
  }
  return std::make_unique<Outbox>(
      LaneParts{.store = *store, .clock = clock, .random = random, .log = log},
      std::move(carriers));
}

void PostOffice::tick(Outbox& outbox) {
  run(outbox.tick());
  settle_down();
}

core::CustomerId PostOffice::add_customer(std::string email) {
  return write<core::CustomerId>([&](storage::WritableBooks& books) {
    return books.insert_customer({.name = "Sok", .email = email}, clock.now());
  });
}

core::OrderId PostOffice::sell(std::string email) {
  if (!silk) silk = add_product(100'000);
  std::optional<core::CustomerId> customer;
  if (!email.empty()) customer = add_customer(std::move(email));
  const testing::Placed placed = place(*silk, 1, customer);
  settle(money(placed.session, "ref-" + std::to_string(placed.order.value())));
  return placed.order;
}

std::vector<storage::Delivery> PostOffice::deliveries(core::OrderId id) {
  return read<std::vector<storage::Delivery>>(
      [id](auto& books) { return books.deliveries_of_order(id); });
}

storage::Delivery PostOffice::delivery(core::OrderId id, std::string destination) {
  for (storage::Delivery& one : deliveries(id)) {
    if (one.destination == destination) return std::move(one);
  }
  ADD_FAILURE() << "no delivery to " << destination;
  return {};
}

std::int64_t PostOffice::count(std::string_view state) {
  static constexpr storage::Sql kCount{"SELECT COUNT(*) AS n FROM deliveries WHERE state = $1"};
  return (*database.open(true)->run(kCount, {state})).front().integer("n");
}

}  // namespace quittance::notify
