// Tax receipts that a provider registers with the state for a payment (e-Barimt in Mongolia).
#pragma once

#include <optional>
#include <string>

#include "core/core.hpp"

namespace quittance::providers {

enum class ReceiptReceiver { citizen, company };

struct ReceiptDraft {
  std::string payment_ref;  ///< `Paid::provider_ref`
  ReceiptReceiver receiver_type = ReceiptReceiver::citizen;
  std::string receiver;  ///< phone of a citizen, register number of a company
  /// With both of these the newer kind of receipt is asked for, without them the older one.
  std::string district_code;
  std::string classification_code;
};

struct TaxReceipt {
  std::string receipt_ref;  ///< what `void_receipt` takes
  std::string receipt_id;   ///< the state's number; may be empty
  std::string status;       ///< the provider's word
  std::optional<core::Money> amount;
  std::optional<core::Money> vat;
  std::optional<core::Money> city_tax;
  std::string merchant_tin;
  std::string district_code;
  /// For the printed receipt only: the tax rules forbid keeping them elsewhere (one source).
  base::Secret qr_data;
  base::Secret lottery;  ///< citizens only
};

}  // namespace quittance::providers
