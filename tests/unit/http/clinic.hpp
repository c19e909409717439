// A clinic that bills by QPay: the edge, the detector, the adapter and the simulator in one process
// and in virtual time.
#pragma once

#include <gtest/gtest.h>

#include "rails.hpp"
#include "support/edge.hpp"
#include "unit/providers/rail_street.hpp"

namespace quittance::http {

using base::Json;

core::Money tugrik(std::int64_t whole);

struct Clinic : testing::Edge {
  explicit Clinic(std::string environment = "sandbox", core::SettlePolicy settling = {});
  ~Clinic();
  /// What carries wishes for tax receipts, as one more process would.
  std::unique_ptr<detect::Receipts> make_receipts(detect::ReceiptOptions options);
  /// Tax receipts that stand at the simulator.
  std::int64_t standing_receipts();
  void fault(std::string name, Json value);

  /// A POST of the desk; `status` is the answer's.
  Json post(std::string path, const Json& body, bool logged_in = true);
  Json get(std::string path);
  /// Whoever is logged in asks this.
  void log_in(base::HttpRequest& request);
  /// `POST /api/invoices/{id}/settlement`.
  Json settle_invoice(const Json& body, bool logged_in = true);
  Json ask_for(const Json& amount);
  std::string qpay_invoice(std::int64_t amount);
  Json check(const std::string& id);
  std::string pay(const std::string& id, std::optional<std::string> amount = {});
  /// The callback reaches the edge, and what came is worked off.
  void hear();
  core::Order billed();

  std::unique_ptr<sandbox::Sandbox> qpay_bank;
  std::unique_ptr<providers::WireToSandbox> wire;
  testing::ToTheEdge edge{*this};
  std::unique_ptr<detect::Receipts> receipts;
  std::unique_ptr<detect::Closing> closing;
  std::int64_t invoice = 0;
  int status = 0;
  std::string who = "desk";  ///< is logged in
  std::string request_key;   ///< the Idempotency-Key of what is sent
};

}  // namespace quittance::http
