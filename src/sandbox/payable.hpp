// What a scanned KHQR tells the sandbox bank.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/base.hpp"
#include "sandbox/amount.hpp"

namespace quittance::sandbox {

/// A KHQR that a bank app could pay.
struct Payable {
  std::string qr;             ///< the payload, byte for byte
  std::string md5;            ///< of the payload: the key of the Open API
  std::string account;        ///< tag 29 or 30, sub-tag 00: who is paid
  std::string merchant_name;  ///< tag 59
  std::string bill_number;    ///< tag 62-01; empty without one
  Currency currency = Currency::khr;
  std::optional<Amount> amount;          ///< absent: the payer says how much
  std::optional<base::Time> expires_at;  ///< tag 99-01
  bool dynamic = false;                  ///< false: many may pay it, md5 lookups are refused
};

/// A payload longer than this is refused.
inline constexpr std::size_t kPayloadLimitBytes = 4'096;

/// Reads a payload; white space around it (from pasting) is dropped. `invalid_request` on `qr`
/// says in plain words what is wrong with it.
base::Result<Payable> read_payable(std::string_view payload);

}  // namespace quittance::sandbox
