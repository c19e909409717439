// Inside audit only: the sentences of a history, by key.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::audit {

struct Sentence {
  std::string_view key;
  std::string_view text;  ///< `{name}` stands for a parameter
};

/// All there are; the pages translate each.
std::span<const Sentence> sentences();

/// The sentence with its places filled; a key that there is none for is shown as it is.
std::string say(std::string_view key, const base::Json& params);

}  // namespace quittance::audit
