// What is brought to those whom the engine tells, as they themselves witness it: merchants'
// programs and a mail server. Nothing here is read from the engine's books.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/base.hpp"

namespace quittance::simulation {

/// The destination of every mail.
inline constexpr std::string_view kMail = "mail";

/// One message that arrived somewhere, whether it was taken or not.
struct Brought {
  std::string destination;
  std::string id;       ///< as it names itself
  std::string content;  ///< has to be the same whenever the id is
  std::string news;     ///< what it tells, in the clerk's words; empty: nothing that makes sense
  std::int64_t order_id = 0;
  std::string to;          ///< of a mail
  base::Time at;           ///< true time
  base::Time happened_at;  ///< as the message says; a mail does not
  /// It had been taken before, that was acknowledged, and nothing happened since that could have
  /// made the sender forget or doubt it.
  bool for_nothing = false;
};

/// The attempts to bring one message, those that got lost on the way among them.
struct Tried {
  base::Time last_at;      ///< true time
  std::int64_t taken = 0;  ///< how often
  /// When the sender was told so: the number of doubts until then.
  std::optional<std::uint64_t> acknowledged_at;
  bool refused = false;  ///< for good
};

struct Letters {
  std::vector<Brought> brought;
  std::map<std::pair<std::string, std::string>, Tried> tried;  ///< by destination and id
  std::set<std::string> gone;                                  ///< endpoints that said so (410)
  /// Counts what may make a sender forget or doubt: its death, and another time on its clock.
  std::uint64_t doubts = 0;
};

// News in the clerk's words.
inline std::string completed_news(std::int64_t order_id, std::int64_t amount_minor,
                                  const std::string& currency) {
  return "order " + std::to_string(order_id) + " completed: " + std::to_string(amount_minor) + " " +
         currency;
}
inline std::string returned_news(std::int64_t order_id, const std::string& kind,
                                 std::int64_t amount_minor, const std::string& currency,
                                 const std::string& status) {
  return "order " + std::to_string(order_id) + " " + kind + ": " + std::to_string(amount_minor) +
         " " + currency + ", " + status;
}
inline std::string receipt_news(std::int64_t order_id, const std::string& paid) {
  return "receipt of order " + std::to_string(order_id) + ": " + paid;
}

}  // namespace quittance::simulation
