// Chaos by seed: which rail has which trouble when. From the seed follows a plan, spells of trouble
// with quiet between them, and the same seed makes the same plan on every machine.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.hpp"

namespace quittance::sandbox {

/// A plan is this long; then it begins again.
inline constexpr base::Duration kChaosLength = std::chrono::minutes(10);
/// The plan's name for the bank itself; the rails go by their own names.
inline constexpr std::string_view kBankRail = "bakong";

/// Trouble on one rail for a while.
struct Spell {
  std::string rail;
  base::Duration from{0};  ///< since the plan began
  base::Duration until{0};
  std::string what;    ///< for people
  base::Json knobs{};  ///< as /control/faults and /control/rails/…/faults take them
};

/// By rail as given, then by time. A rail's own spells depend on the seed and its name alone.
std::vector<Spell> plan_chaos(std::uint64_t seed, std::span<const std::string> rails);
/// One line for each spell: `  qpay      1:07-1:15  no answers (60 %)`.
std::string chaos_text(const std::vector<Spell>& plan);

/// A plan under way.
class Chaos {
 public:
  Chaos(std::vector<Spell> plan, base::Time start) : plan_(std::move(plan)), start_(start) {}

  const std::vector<Spell>& plan() const { return plan_; }
  /// The spell that a rail is in; null: it is quiet.
  const Spell* at(std::string_view rail, base::Time now) const;
  /// Whether the rail's knobs have to be turned, because a spell began or ended.
  bool turns(std::string_view rail, base::Time now) const;
  /// How they have to be turned: what the last spell had turned goes back to what it was, and what
  /// the present one needs is set. `knobs` are all of the rail's at this moment.
  base::Json turn(std::string_view rail, base::Time now, const base::Json& knobs);

 private:
  struct Turned {
    const Spell* spell = nullptr;
    base::Json before{};  ///< of the knobs that the spell turned
  };
  std::vector<Spell> plan_;
  base::Time start_;
  std::map<std::string, Turned, std::less<>> turned_;
};

}  // namespace quittance::sandbox
