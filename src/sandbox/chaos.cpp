#include "sandbox/chaos.hpp"

#include <algorithm>
#include <iterator>

namespace quittance::sandbox {
namespace {

using base::Json;

/// Milliseconds of quiet and of trouble, evenly drawn between the two.
constexpr std::int64_t kQuietMs[] = {5'000, 14'000};
constexpr std::int64_t kSpellMs[] = {3'000, 11'000};

/// Evenly drawn from `least` to `most`.
std::int64_t draw(base::Random& random, std::int64_t least, std::int64_t most) {
  return least +
         static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least) + 1));
}

enum class Where { everywhere, bank, rails };

/// One kind of trouble: the knob that is drawn from a range, and another that goes with it.
struct Trouble {
  std::string_view what;
  Where where;
  std::string_view knob;
  std::int64_t least;
  std::int64_t most;
  std::string_view unit;
  std::string_view beside = {};  ///< empty: none
  std::int64_t beside_least = 0;
  std::int64_t beside_most = 0;
};

constexpr Trouble kTroubles[] = {
    {"slow answers", Where::everywhere, "latency_ms", 300, 1'500, "ms", "latency_jitter_ms", 100,
     1'500},
    {"answers are lost", Where::everywhere, "timeout_percent", 40, 100, "%", "timeout_ms", 2'000,
     6'000},
    {"gateway errors", Where::everywhere, "error_rate_percent", 50, 100, "%"},
    {"internal errors", Where::everywhere, "server_error_percent", 40, 100, "%"},
    {"too many requests", Where::everywhere, "too_many_requests_percent", 50, 100, "%",
     "retry_after_s", 1, 4},
    {"403 web pages", Where::everywhere, "forbidden_html_percent", 50, 100, "%"},
    {"garbage", Where::everywhere, "garbage_percent", 50, 100, "%"},
    {"answers cut short", Where::everywhere, "truncated_percent", 50, 100, "%"},
    {"payments show late", Where::bank, "not_found_for_ms", 1'000, 6'000, "ms"},
    {"notices come twice", Where::rails, "notice_twice_percent", 60, 100, "%", "notice_jitter_ms",
     100, 3'000},
    {"notices come late", Where::rails, "notice_delay_ms", 1'000, 8'000, "ms"},
    {"notices overtake each other", Where::rails, "notice_jitter_ms", 3'000, 9'000, "ms"},
    {"notices are lost", Where::rails, "notice_lost_percent", 50, 100, "%"},
    {"forged notices", Where::rails, "notice_forged_percent", 60, 100, "%"},
};

/// Every credential counts as wrong: a switch, not a number.
constexpr std::string_view kExpiredTokens = "expired tokens";

bool happens_at(const Trouble& trouble, std::string_view rail) {
  switch (trouble.where) {
    case Where::everywhere:
      return true;
    case Where::bank:
      return rail == kBankRail;
    case Where::rails:
      return rail != kBankRail;
  }
  return false;
}

/// Fills what goes wrong in a spell.
void draw_trouble(Spell& spell, base::Random& random) {
  std::vector<const Trouble*> possible;
  for (const Trouble& trouble : kTroubles) {
    if (happens_at(trouble, spell.rail)) possible.push_back(&trouble);
  }
  const std::uint64_t drawn = random.below(possible.size() + 1);
  spell.knobs = Json(Json::Object{});
  if (drawn == possible.size()) {
    spell.what = kExpiredTokens;
    spell.knobs.set("unauthorized", true);
    return;
  }
  const Trouble& trouble = *possible[drawn];
  const std::int64_t value = draw(random, trouble.least, trouble.most);
  spell.what = std::string(trouble.what) + " (" + std::to_string(value) + " " +
               std::string(trouble.unit) + ")";
  spell.knobs.set(trouble.knob, value);
  if (!trouble.beside.empty()) {
    spell.knobs.set(trouble.beside, draw(random, trouble.beside_least, trouble.beside_most));
  }
}

std::uint64_t seed_of_rail(std::uint64_t seed, std::string_view rail) {
  constexpr std::size_t kHexOfSeed = 16;
  const std::string hash =
      base::sha256_hex("chaos " + std::to_string(seed) + " " + std::string(rail));
  return std::stoull(hash.substr(0, kHexOfSeed), nullptr, 16);
}

/// `1:07`
std::string minutes_text(base::Duration since) {
  const std::int64_t s = since.count() / 1'000;
  const std::string seconds = std::to_string(s % 60);
  return std::to_string(s / 60) + (seconds.size() < 2 ? ":0" : ":") + seconds;
}

}  // namespace

std::vector<Spell> plan_chaos(std::uint64_t seed, std::span<const std::string> rails) {
  std::vector<Spell> plan;
  for (const std::string& rail : rails) {
    base::SeededRandom random(seed_of_rail(seed, rail));
    base::Duration at{0};
    while (at < kChaosLength) {
      at += base::Duration{draw(random, kQuietMs[0], kQuietMs[1])};
      Spell spell{.rail = rail, .from = at, .until{}, .what{}};
      at += base::Duration{draw(random, kSpellMs[0], kSpellMs[1])};
      spell.until = at;
      draw_trouble(spell, random);
      // One that would reach into the next round is left out: every round begins with quiet.
      if (spell.until <= kChaosLength) plan.push_back(std::move(spell));
    }
  }
  return plan;
}

std::string chaos_text(const std::vector<Spell>& plan) {
  constexpr std::size_t kNameWidth = 10;
  std::string text;
  for (const Spell& spell : plan) {
    std::string line = "  " + spell.rail;
    line.resize(std::max(line.size() + 1, kNameWidth + 2), ' ');
    text += line + minutes_text(spell.from) + "-" + minutes_text(spell.until) + "  " + spell.what +
            "\n";
  }
  return text;
}

const Spell* Chaos::at(std::string_view rail, base::Time now) const {
  const base::Duration since = (now - start_) % kChaosLength;
  const auto spell = std::ranges::find_if(plan_, [&](const Spell& one) {
    return one.rail == rail && one.from <= since && since < one.until;
  });
  return spell == plan_.end() ? nullptr : &*spell;
}

bool Chaos::turns(std::string_view rail, base::Time now) const {
  const auto turned = turned_.find(rail);
  return at(rail, now) != (turned == turned_.end() ? nullptr : turned->second.spell);
}

Json Chaos::turn(std::string_view rail, base::Time now, const Json& knobs) {
  Turned& turned = turned_[std::string(rail)];
  Json changes = turned.before.is_object() ? turned.before : Json(Json::Object{});
  turned.spell = at(rail, now);
  turned.before = Json(Json::Object{});
  if (turned.spell == nullptr) return changes;
  for (const auto& [name, value] : turned.spell->knobs.object()) {
    turned.before.set(name, changes.has(name) ? changes[name] : knobs[name]);
    changes.set(name, value);
  }
  return changes;
}

}  // namespace quittance::sandbox
