// Forms whose field names nest in brackets, as `metadata[order]=42&types[]=card&types[1]=upi`.
#pragma once

#include <string_view>

#include "base/base.hpp"

namespace quittance::sandbox {

/// Limits of a form (law 9).
inline constexpr std::size_t kFieldLimit = 1'000;
inline constexpr std::size_t kFieldDepth = 8;

/// An object of texts, objects and arrays. `[]` appends, a number sets that place of an array and
/// may not leave a gap, anything else is a member; of two equal names the last wins.
/// invalid_request, `param` names the field, for broken brackets or escapes, for a name that is
/// both a text and an object, and beyond the limits.
base::Result<base::Json> read_form_fields(std::string_view text);

}  // namespace quittance::sandbox
