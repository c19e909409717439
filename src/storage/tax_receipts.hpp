// Rows about tax receipts (e-Barimt): who wants one, and how far each is.
#pragma once

#include <optional>
#include <string>

#include "core/core.hpp"

namespace quittance::storage {

/// Somebody wants a receipt for an order, once it is paid in full.
struct ReceiptWish {
  core::OrderId order_id;
  std::string receiver_type = "citizen";  ///< or `company`
  std::string receiver{};                 ///< phone of a citizen, register number of a company
  std::string asked_by{};
  base::Time asked_at{};
};

/// What we know of a receipt at its provider.
enum class ReceiptState {
  waiting,  ///< nothing was asked, or the provider refused for now
  asked,    ///< asked, and no answer is written: there may be one
  issued,
  voided,   ///< none stands
  refused,  ///< the provider does not make it; a person may look
};
std::string_view to_text(ReceiptState state);

/// The receipt of one counted payment.
struct StoredReceipt {
  core::SettlementId settlement_id;
  core::OrderId order_id;
  std::string provider;
  std::string payment_ref;
  std::string receiver_type;
  std::string receiver;
  bool wanted = true;  ///< false since its money went back
  ReceiptState state = ReceiptState::waiting;
  std::int64_t attempts = 0;  ///< begun so far
  std::optional<base::Time> next_attempt_at{};
  std::string last_error{};   ///< a stable word
  std::string receipt_ref{};  ///< what the provider voids it by
  std::string receipt_id{};   ///< the state's number
  std::string details{};      ///< JSON of sums and codes
  base::Secret qr_data{};     ///< for the printed receipt
  base::Secret lottery{};     ///< the same
  base::Time created_at{};
  std::optional<base::Time> issued_at{};
  std::optional<base::Time> voided_at{};
};

}  // namespace quittance::storage
