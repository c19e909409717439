#include "core/attention.hpp"

#include <algorithm>
#include <array>

namespace quittance::core {
namespace {

constexpr std::array kReasons{Attention::underpaid, Attention::excess,   Attention::paid_late,
                              Attention::shortage,  Attention::approval, Attention::mismatch,
                              Attention::reversed};

}  // namespace

AttentionSet AttentionSet::operator|(AttentionSet other) const {
  other.bits_ |= bits_;
  return other;
}

std::vector<Attention> AttentionSet::list() const {
  std::vector<Attention> reasons;
  for (const Attention reason : kReasons) {
    if (has(reason)) reasons.push_back(reason);
  }
  return reasons;
}

std::string AttentionSet::text() const {
  std::string words;
  for (const Attention reason : list()) {
    if (!words.empty()) words += ',';
    words += to_text(reason);
  }
  return words.empty() ? std::string(to_text(Attention::none)) : words;
}

std::optional<AttentionSet> AttentionSet::from_text(std::string_view text) {
  AttentionSet set;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    const auto reason = attention_from(text.substr(start, comma - start));
    if (!reason) return std::nullopt;
    set.raise(AttentionSet(*reason));
    start = comma + 1;
  }
  return set;
}

}  // namespace quittance::core
