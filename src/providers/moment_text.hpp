// Moments as providers write them: ISO 8601, with a T or a blank, with or without a zone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::providers {

/// `2025-10-09T08:53:20.000Z`, `2025-10-09 08:53:20`, `…+08:00`. Where no zone is written it is
/// `zone` ahead of UTC. Digits after the third decimal are dropped. nullopt for anything else.
std::optional<base::Time> read_moment(std::string_view text, base::Duration zone);

/// `2025-10-09 08:53:20`, in UTC.
std::string plain_moment(base::Time moment);

/// `moment`, or the nearest end of the stretch when it lies outside. For dates of a payment that
/// answers a request of ours: it was made after we asked and before we learnt of it, whatever a
/// provider's clock or time zone says.
base::Time within(base::Time moment, base::Time earliest, base::Time latest);

}  // namespace quittance::providers
