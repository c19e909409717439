// What a second reader of the log found that does not fit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace quittance::audit {

struct Finding {
  std::int64_t seq = 0;  ///< the entry that it is about; 0: none
  std::string text;      ///< names the row, and what it should be
};

/// Keeps the first thousand and counts all.
class Findings {
 public:
  void add(std::int64_t seq, std::string text) {
    ++count_;
    if (list_.size() < kKept) list_.push_back({.seq = seq, .text = std::move(text)});
  }
  bool empty() const { return count_ == 0; }
  std::int64_t count() const { return count_; }
  /// The earliest entry first.
  std::vector<Finding> sorted() const {
    auto list = list_;
    std::ranges::stable_sort(list, {}, &Finding::seq);
    return list;
  }

 private:
  static constexpr std::size_t kKept = 1'000;
  std::vector<Finding> list_;
  std::int64_t count_ = 0;
};

}  // namespace quittance::audit
