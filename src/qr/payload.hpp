// What a scanned or pasted text is: our one reader of foreign codes (C9, S0.47-S0.49).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.hpp"
#include "qr/emv.hpp"
#include "qr/khqr.hpp"
#include "qr/recovery_code.hpp"
#include "qr/scheme.hpp"

namespace quittance::qr {

/// The kinds of text that mean something to us.
enum class PayloadFormat {
  khqr,      ///< a Bakong account in object 29 or 30
  emv,       ///< any other EMV payload, or one that breaks before its account is known
  recovery,  ///< `KHQR:order_id=…`
  order,     ///< `ORDER_…`
  upi,       ///< `upi://pay?…`
  url,       ///< http or https, or our own `/app/qr-verification/?code=…`
  unknown
};

/// Stable wire name.
std::string_view payload_format_name(PayloadFormat format);

/// One thing wrong with a payload.
struct PayloadError {
  std::string code;                     ///< stable snake_case
  std::string message;                  ///< English, says what to do where there is something to do
  std::optional<KhqrErrorCode> khqr{};  ///< when the bank's SDK has a number for it
};

/// A text that was read. Reading never fails: what is wrong stands in `errors`.
struct Payload {
  PayloadFormat format = PayloadFormat::unknown;
  std::string text{};  ///< as given, without surrounding white space; its MD5 is the bank's key
  /// khqr: the SDK's names; emv: nested two-digit ids; recovery and order: order_id,
  /// transaction_id, amount; upi: the parameters; url: url, code. All values are text.
  base::Json fields = base::Json(base::Json::Object{});
  /// Sound, complete, and its check sum is right. For khqr: nothing in the SDK's verify fails
  /// except its time rules (codes 45, 46, 49, 50), because published codes of older SDKs carry
  /// no expiry and an expired code must still lead to its order (law 5). They are in `errors`.
  bool valid = false;
  std::vector<PayloadError> errors{};
  Scheme scheme = Scheme::unknown;         ///< emv only
  std::optional<KhqrData> khqr{};          ///< khqr only, when sound up to the CRC
  std::optional<RecoveryCode> recovery{};  ///< recovery and order, when valid
};

/// Recognises `text`, at most kMaxPayloadBytes. Expiry is judged at the code's own creation
/// time, so the answer depends on nothing but the text. A text that breaks off is never
/// guessed at: it has the error `incomplete` and no fields.
Payload read_payload(std::string_view text);

}  // namespace quittance::qr
