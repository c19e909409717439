// The QPay adapter with a scripted wire.
#pragma once

#include <gtest/gtest.h>

#include "providers/providers.hpp"
#include "support/virtual_world.hpp"
#include "unit/providers/scripted_client.hpp"

namespace quittance::providers {

inline const std::string kInvoiceId = "11111111-2222-4333-8444-555555555555";
inline const std::string kPaymentId = "900000000000001";

struct QpayFixture : testing::VirtualWorld {
  explicit QpayFixture(QpayOptions changes = {});
  ~QpayFixture();

  static core::Money tugrik(std::string text);
  core::Session session();
  SessionDraft draft();
  std::int64_t now_s() const;
  std::string token_body(std::string access, std::int64_t expires_in, std::string refresh = "");
  /// The next reply is a token for a day.
  void token(std::string access = "token-1", std::string refresh = "refresh-1");
  Answer ask();
  std::string sent(std::size_t call, std::string_view header = "Authorization") const;
  base::Json sent_body(std::size_t call) const;
  static std::string check_body(std::string rows);
  static std::string row(std::string status, std::string amount = "\"100.00\"",
                         std::string currency = "MNT");

  ScriptedClient client;
  std::unique_ptr<Provider> qpay;
};

std::optional<UnknownReason> qpay_unknown(const Answer& answer);

}  // namespace quittance::providers
