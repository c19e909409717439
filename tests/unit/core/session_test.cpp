// The transition table of a payment session, pinned cell by cell.
#include <gtest/gtest.h>

#include "core/core.hpp"

namespace quittance::core {
namespace {

constexpr std::array kAll{SessionStatus::open,    SessionStatus::processing, SessionStatus::settled,
                          SessionStatus::expired, SessionStatus::canceled,   SessionStatus::failed};

TEST(SessionTransitions, ArePinned) {
  // Rows: from; columns: to, both in the order of kAll. `x` may, `.` may not.
  constexpr std::array<std::string_view, 6> kTable{
      ".xxxxx",  // open
      "x.xxxx",  // processing
      "......",  // settled
      "xxx.xx",  // expired
      "..x...",  // canceled
      "xxxxx.",  // failed
  };
  for (std::size_t from = 0; from < kAll.size(); ++from) {
    for (std::size_t to = 0; to < kAll.size(); ++to) {
      EXPECT_EQ(may_become(kAll[from], kAll[to]), kTable[from][to] == 'x')
          << to_text(kAll[from]) << " to " << to_text(kAll[to]);
    }
  }
}

TEST(SessionTransitions, Law5_MoneyWinsOverEveryEarlierEnd) {
  for (const SessionStatus from : kAll) {
    EXPECT_EQ(may_become(from, SessionStatus::settled), from != SessionStatus::settled);
    EXPECT_FALSE(may_become(SessionStatus::settled, from));
    EXPECT_FALSE(may_become(from, from));
  }
}

}  // namespace
}  // namespace quittance::core
