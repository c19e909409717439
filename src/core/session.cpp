#include "core/session.hpp"

#include <array>

namespace quittance::core {

std::string_view to_source_text(SessionStatus status) {
  switch (status) {
    case SessionStatus::open:
    case SessionStatus::processing:
      return "pending";
    case SessionStatus::settled:
      return "completed";
    case SessionStatus::expired:
    case SessionStatus::canceled:
      return "expired";
    case SessionStatus::failed:
      return "failed";
  }
  return "pending";
}

bool may_become(SessionStatus from, SessionStatus to) {
  // Rows: from; columns: open processing settled expired canceled failed.
  static constexpr std::array<std::array<bool, 6>, 6> kTable{{
      /* open       */ {false, true, true, true, true, true},
      /* processing */ {true, false, true, true, true, true},
      /* settled    */ {false, false, false, false, false, false},
      /* expired    */ {true, true, true, false, true, true},
      /* canceled   */ {false, false, true, false, false, false},
      /* failed     */ {true, true, true, true, true, false},
  }};
  return kTable[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
}

}  // namespace quittance::core
