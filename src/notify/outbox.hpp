// The outbox: what settling announced is made into a delivery for each destination, and brought
// there by the lanes. At least once, each attempt under the event's own id.
#pragma once

#include <memory>
#include <vector>

#include "notify/lane.hpp"

namespace quittance::notify {

/// News that becomes deliveries in one write.
inline constexpr std::int64_t kDistributedAtOnce = 256;
/// Of a receipt that staff send once more; merchants are not told of it.
inline constexpr std::string_view kReceiptRequested = "receipt.requested";

/// Who wants an order's mail sent once more.
struct Resend {
  core::OrderId order_id;
  std::string actor;  ///< as the audit log names them
};

/// Tells everybody who is to be told. All of it runs on one executor.
class Outbox {
 public:
  Outbox(LaneParts parts, std::vector<std::unique_ptr<Carrier>> carriers);

  /// Makes deliveries of up to kDistributedAtOnce pieces of news; how many pieces that were.
  base::Task<base::Result<std::int64_t>> distribute();
  /// Distributes, and starts what is due; how many deliveries that were.
  base::Task<std::int64_t> tick();
  /// Starts the jobs that do so until stop().
  void start(base::Executor& executor);
  void stop();

  /// Whether mail is set up.
  bool sends_mail() const;
  /// Has the receipt of a completed order sent again, as a delivery of its own. not_found, or
  /// conflict when there is nothing to send, nobody to send it to, or no mail set up.
  base::Task<base::Result<std::int64_t>> resend(Resend resend);

 private:
  base::Task<void> run();
  base::Task<void> bury_overdue();

  LaneParts parts_;
  std::vector<std::unique_ptr<Carrier>> carriers_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  /// Not right after a start: what waited while no server ran has its chance first.
  base::Time next_burial_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace quittance::notify
