// One payment as the sandbox bank's books hold it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/base.hpp"
#include "sandbox/amount.hpp"

namespace quittance::sandbox {

/// What became of a transfer.
enum class TransferStatus {
  succeeded,  ///< the money is at the receiver's
  failed,     ///< refused on the way; no money moved (Bakong errorCode 3)
  refunded,   ///< arrived, then sent back (trackingStatus REFUNDED_BY_RECEIVER)
};
std::string_view transfer_status_word(TransferStatus status);
std::optional<TransferStatus> transfer_status_from_word(std::string_view word);

/// A payment. It exists from `created_at` on, which may lie ahead when it was scheduled, and the
/// Open API shows it from `visible_at` on.
struct Transfer {
  std::int64_t sequence = 0;  ///< 1, 2, 3 ... in the order of booking
  std::string hash;           ///< 64 hex; its first 8 characters are the short hash
  std::string md5;            ///< of the KHQR that was paid
  std::string payer;          ///< `name@bank`
  std::string receiver;       ///< `name@bank`
  Amount amount;
  base::Time created_at;
  base::Time visible_at;  ///< also shown as the moment of acknowledgement
  TransferStatus status = TransferStatus::succeeded;
  bool static_qr = false;  ///< md5 lookups answer errorCode 2
  std::string external_ref;
  std::optional<std::string> instruction_ref;
  std::optional<std::string> description;
  std::string attempt;  ///< names one press of the Pay button; empty when there was none

  bool operator==(const Transfer&) const = default;
};

base::Json to_json(const Transfer& transfer);
base::Result<Transfer> transfer_from_json(const base::Json& json);

/// A KHQR the bank has heard of, through generate_deeplink_by_qr or by being paid.
struct KnownQr {
  std::string md5;
  std::string qr;
  base::Time added_at;
  bool static_qr = false;
  std::string app_name;      ///< who asked for the link; may be empty
  std::string callback_url;  ///< where the payer returns to; http or https, or empty

  bool operator==(const KnownQr&) const = default;
};

base::Json to_json(const KnownQr& known);
base::Result<KnownQr> known_qr_from_json(const base::Json& json);

}  // namespace quittance::sandbox
