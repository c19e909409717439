#include "detect/refund_log.hpp"

#include <algorithm>

namespace quittance::detect {

std::vector<LoggedWish> wishes_of(const std::vector<storage::AuditEntry>& entries,
                                  core::SettlementId settlement) {
  std::vector<LoggedWish> wishes;
  for (const storage::AuditEntry& entry : entries) {
    const bool asked = entry.action == kRefundAsked;
    if (!asked && entry.action != kRefundConfirmed && entry.action != kRefundAnswered) continue;
    const auto details = base::Json::parse(entry.details);
    if (!details || (*details)["settlement"].integer() != settlement.value()) continue;
    const std::string key = (*details)["key"].text_or_empty();
    auto wish = std::ranges::find(wishes, key, &LoggedWish::key);
    if (asked && wish == wishes.end()) {
      wishes.push_back({.key = key,
                        .actor = entry.actor,
                        .reason = (*details)["reason"].text_or_empty(),
                        .request = (*details)["request"].text_or_empty(),
                        .amount_minor = (*details)["amount_minor"].integer().value_or(0),
                        .before_minor = (*details)["before_minor"].integer().value_or(0),
                        .waits = (*details)["waits"].boolean().value_or(false)});
    }
    if (asked || wish == wishes.end()) continue;
    if (entry.action == kRefundConfirmed) wish->waits = false;
    if (entry.action != kRefundAnswered) continue;
    const bool refused = (*details)["answer"].string() == "refused";
    wish->refused = refused;
    wish->answered = !refused;
  }
  return wishes;
}

}  // namespace quittance::detect
