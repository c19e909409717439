// The wishes to have money sent back, as the log tells of them: nothing else remembers them.
#pragma once

#include <string>
#include <vector>

#include "storage/storage.hpp"

namespace quittance::detect {

inline constexpr std::string_view kRefundAsked = "refund.asked";
inline constexpr std::string_view kRefundConfirmed = "refund.confirmed";
inline constexpr std::string_view kRefundAnswered = "refund.answered";

/// One wish, from the entries that name its key.
struct LoggedWish {
  std::string key;  ///< under which the provider is asked
  std::string actor;
  std::string reason;
  std::string request;            ///< of whoever asked first; may be empty
  std::int64_t amount_minor = 0;  ///< in the settlement's currency
  std::int64_t before_minor = 0;  ///< what the books knew to have gone back then
  bool waits = false;             ///< for a second person
  bool answered = false;          ///< the provider took it on, or it was seen to have gone back
  bool refused = false;           ///< nothing was sent
};

/// The wishes about one settlement, oldest first.
std::vector<LoggedWish> wishes_of(const std::vector<storage::AuditEntry>& entries,
                                  core::SettlementId settlement);

}  // namespace quittance::detect
