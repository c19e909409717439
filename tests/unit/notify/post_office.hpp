// A shop whose news is delivered in virtual time: endpoints and a mail server that do as told.
#pragma once

#include <map>

#include "notify/notify.hpp"
#include "support/shop.hpp"

namespace quittance::notify {

/// Merchants' programs by their addresses.
class Endpoints final : public base::HttpClient {
 public:
  explicit Endpoints(const base::Clock& clock) : clock_(clock) {}

  /// How one answers; status 0: never within the time that it is given.
  struct Manner {
    int status = 200;
    base::Duration latency{0};
  };
  struct Heard {
    base::HttpCall call;
    base::Time at;
  };
  std::map<std::string, Manner> manners;
  std::map<std::string, std::vector<Heard>> heard;
  std::map<std::string, int> open;
  std::map<std::string, int> most_open;

  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
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

 private:
  const base::Clock& clock_;
};

/// A mail server. What it says it took, it took; it may also take a mail and never say so.
class Mailbox final : public MailServer {
 public:
  Posted answer{.taken = true, .status = 250};
  base::Duration latency{0};
  /// Whether the next mail is taken although no answer ever comes: the moment of doubt.
  bool silent = false;
  std::vector<Mail> mails;  ///< taken

  base::Task<Posted> post(Mail mail) override {
    const Posted said = answer;
    if (silent || said.taken) mails.push_back(std::move(mail));
    if (silent) co_await base::Sleep{std::chrono::hours(24 * 365)};
    if (latency > base::Duration{0}) co_await base::Sleep{latency};
    co_return said;
  }
};

constexpr const char* kFirst = "https://first.example/hook";
constexpr const char* kSecond = "https://second.example/hook";
constexpr const char* kKey = "a secret of 24 letters..";

struct PostOffice : testing::Shop {
  using Carriers = std::vector<std::unique_ptr<Carrier>>;

  std::unique_ptr<Outbox> opened(std::vector<std::string> urls, bool mail = true) {
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
  /// Distributes, starts what is due, and lets it end as far as it needs no time.
  void tick(Outbox& outbox) {
    run(outbox.tick());
    settle_down();
  }

  core::CustomerId add_customer(std::string email) {
    return write<core::CustomerId>([&](storage::WritableBooks& books) {
      return books.insert_customer({.name = "Sok", .email = email}, clock.now());
    });
  }
  /// An order that is paid by now; its customer gave this address, or none.
  core::OrderId sell(std::string email = "sok@mail.example") {
    if (!silk) silk = add_product(100'000);
    std::optional<core::CustomerId> customer;
    if (!email.empty()) customer = add_customer(std::move(email));
    const testing::Placed placed = place(*silk, 1, customer);
    settle(money(placed.session, "ref-" + std::to_string(placed.order.value())));
    return placed.order;
  }

  std::vector<storage::Delivery> deliveries(core::OrderId id) {
    return read<std::vector<storage::Delivery>>(
        [id](auto& books) { return books.deliveries_of_order(id); });
  }
  storage::Delivery delivery(core::OrderId id, std::string destination) {
    for (storage::Delivery& one : deliveries(id)) {
      if (one.destination == destination) return std::move(one);
    }
    ADD_FAILURE() << "no delivery to " << destination;
    return {};
  }
  std::int64_t count(std::string_view state) {
    static constexpr storage::Sql kCount{"SELECT COUNT(*) AS n FROM deliveries WHERE state = $1"};
    return (*database.open(true)->run(kCount, {state})).front().integer("n");
  }

  Endpoints endpoints{clock};
  Mailbox mailbox;
  std::optional<core::ProductId> silk;
};

}  // namespace quittance::notify
