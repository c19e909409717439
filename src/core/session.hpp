// A payment session: one request to be paid, shown to a payer, asked about at one provider.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/money.hpp"

namespace quittance::core {

/// Where a session stands.
enum class SessionStatus {
  open,        ///< waiting for the payer
  processing,  ///< the provider is working on it
  settled,     ///< its money is counted
  expired,     ///< the interactive window is over; the provider is still asked (law 4)
  canceled,    ///< stopped by us or the merchant, after asking
  failed,      ///< the provider refused for good
};

std::string_view to_text(SessionStatus status);
std::optional<SessionStatus> session_status_from(std::string_view text);

/// The word that S0.22 knows for it.
std::string_view to_source_text(SessionStatus status);

/// The transition table. Money that really came wins over every earlier end: whatever a session was
/// called, it may become settled. Nothing leaves settled but a refund, which is a row of its own.
bool may_become(SessionStatus from, SessionStatus to);

/// S0.28: what came of the evidence that a payer handed in.
enum class VerificationStatus { pending, verified, rejected };
std::string_view to_text(VerificationStatus status);
std::optional<VerificationStatus> verification_status_from(std::string_view text);

/// The S0 columns and what the detector needs.
struct Session {
  SessionId id;
  std::string session_id;  ///< UUID, shown outside
  std::string payment_id;  ///< UUID, shown outside
  std::optional<OrderId> order_id;
  std::optional<CustomerId> customer_id;
  std::string provider;
  std::string environment;     ///< `sandbox` or `live`
  std::string receiver;        ///< account the money must reach
  std::string provider_ref{};  ///< their id of the invoice, intent or QR; empty: none, or not yet
  std::string object_type{};   ///< what is paid for, when it is no order: `invoice`, `vehicle` …
  std::string object_id{};
  Money amount;
  std::string qr_data;
  std::string md5_hash;  ///< MD5 of the exact qr_data: the key at Bakong (C7)
  std::string bill_number;
  std::string reference_id;
  SessionStatus status = SessionStatus::open;
  VerificationStatus payment_verification_status = VerificationStatus::pending;
  base::Time created_at;
  base::Time expires_at;
  std::optional<base::Time> completed_at;
  std::optional<base::Time> next_check_at;  ///< empty: not asked about any more
  std::optional<base::Time> hot_until;
  std::int64_t checks = 0;
  std::int64_t unknowns = 0;  ///< unknown answers in a row
  std::string last_answer;
  std::optional<base::Time> last_checked_at;

  /// Whether a payer can have been shown it, or asked by a push.
  bool presented() const { return !qr_data.empty() || !provider_ref.empty(); }
};

}  // namespace quittance::core
