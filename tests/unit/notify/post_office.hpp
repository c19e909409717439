// A shop whose news is delivered in virtual time: endpoints and a mail server that do as told.
#pragma once

#include <map>

#include "notify/notify.hpp"
#include "support/shop.hpp"

namespace quittance::notify {

/// Merchants' programs by their addresses.
class Endpoints final : public base::HttpClient {
 public:
  explicit Endpoints(const base::Clock& clock);
  ~Endpoints() override;

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

  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override;

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

  base::Task<Posted> post(Mail mail) override;
};

constexpr const char* kFirst = "https://first.example/hook";
constexpr const char* kSecond = "https://second.example/hook";
constexpr const char* kKey = "a secret of 24 letters..";

struct PostOffice : testing::Shop {
  using Carriers = std::vector<std::unique_ptr<Carrier>>;

  PostOffice();
  ~PostOffice();

  std::unique_ptr<Outbox> opened(std::vector<std::string> urls, bool mail = true);
  /// Distributes, starts what is due, and lets it end as far as it needs no time.
  void tick(Outbox& outbox);

  core::CustomerId add_customer(std::string email);
  /// An order that is paid by now; its customer gave this address, or none.
  core::OrderId sell(std::string email = "sok@mail.example");

  std::vector<storage::Delivery> deliveries(core::OrderId id);
  storage::Delivery delivery(core::OrderId id, std::string destination);
  std::int64_t count(std::string_view state);

  Endpoints endpoints{clock};
  Mailbox mailbox;
  std::optional<core::ProductId> silk;
};

}  // namespace quittance::notify
