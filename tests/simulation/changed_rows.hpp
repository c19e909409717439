// Which rows were written since somebody last looked: hints for the auditor, so that it need not
// read all books again after every event. A row may be named although its change was rolled back.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace quittance::simulation {

class ChangedRows {
 public:
  void note(std::string_view table, std::int64_t row_id) {
    auto found = rows_.find(table);
    if (found == rows_.end()) found = rows_.emplace(table, std::set<std::int64_t>()).first;
    found->second.insert(row_id);
    any_ = true;
    if (table == "outbox" || table == "deliveries") ++news_notes_;
    if (table == "payment_sessions") ++session_notes_;
  }
  /// Those of a table, which are then forgotten.
  std::set<std::int64_t> take(std::string_view table) {
    const auto found = rows_.find(table);
    return found == rows_.end() ? std::set<std::int64_t>() : std::exchange(found->second, {});
  }
  bool any() const { return any_; }
  /// How often rows of news and of its deliveries were named, ever.
  std::int64_t news_notes() const { return news_notes_; }
  /// The same for sessions.
  std::int64_t session_notes() const { return session_notes_; }
  void forget_all() {
    for (auto& [table, rows] : rows_)
      rows.clear();
    any_ = false;
  }

 private:
  std::map<std::string, std::set<std::int64_t>, std::less<>> rows_;
  bool any_ = false;
  std::int64_t news_notes_ = 0;
  std::int64_t session_notes_ = 0;
};

}  // namespace quittance::simulation
