// Inside audit only: amounts of the log in words.
#pragma once

#include <string>

#include "core/core.hpp"

namespace quittance::audit {

/// `12.50 USD`; the bare number where the log holds no amount of a known currency.
inline std::string money_text(std::int64_t minor, const std::string& code) {
  const std::string bare = std::to_string(minor) + " " + code;
  const auto currency = core::Currency::from_code(code);
  if (!currency) return bare;
  const auto money = core::Money::from_minor(minor, *currency);
  return money ? money->text() : bare;
}

}  // namespace quittance::audit
