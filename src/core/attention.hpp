// Why a person should look at an order: a set, because one order can be odd in several ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quittance::core {

/// One reason. `none` stands for the empty set and is never inside one.
enum class Attention {
  none,
  underpaid,  ///< money came, but less than is owed
  excess,     ///< more money came than is owed: to be given back
  paid_late,  ///< paid in full, but not completed: a person decides what happens
  shortage,   ///< completed although the books had less stock than was sold
  approval,   ///< a second person must confirm that the money came
  mismatch,   ///< money came that is not what was asked for: other currency, or counted elsewhere
  reversed,   ///< money that was counted was taken back by the provider
};
std::string_view to_text(Attention attention);
std::optional<Attention> attention_from(std::string_view text);

/// Stored as `none` or as words in the order of the enum, parted by commas: `underpaid,mismatch`.
class AttentionSet {
 public:
  AttentionSet() = default;
  AttentionSet(Attention attention) : bits_(bit(attention)) {}
  bool has(Attention attention) const { return (bits_ & bit(attention)) != 0; }
  bool empty() const { return bits_ == 0; }
  void raise(AttentionSet others) { bits_ |= others.bits_; }
  void clear(AttentionSet others) { bits_ &= ~others.bits_; }
  AttentionSet operator|(AttentionSet other) const;
  std::vector<Attention> list() const;
  std::string text() const;
  static std::optional<AttentionSet> from_text(std::string_view text);
  bool operator==(const AttentionSet&) const = default;

 private:
  static std::uint32_t bit(Attention attention) {
    return attention == Attention::none ? 0 : 1U << static_cast<unsigned>(attention);
  }
  std::uint32_t bits_ = 0;
};

inline AttentionSet operator|(Attention a, Attention b) {
  return AttentionSet(a) | AttentionSet(b);
}

}  // namespace quittance::core
