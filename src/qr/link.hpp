// Links as they stand in QR codes: UPI payment links and our own pages.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quittance::qr {

inline constexpr std::size_t kMaxLinkParameters = 64;

/// Why the parameters of a link cannot be read.
enum class LinkFault {
  bad_escape,           ///< `%` without two hexadecimal digits
  invalid_utf8,         ///< the decoded text is not UTF-8
  duplicate_parameter,  ///< a name twice
  too_many_parameters   ///< over kMaxLinkParameters
};
/// Stable snake_case name.
std::string_view link_fault_name(LinkFault fault);

/// Decoded names and values, in their order.
using LinkParameters = std::vector<std::pair<std::string, std::string>>;

/// Reads `a=b&c=d`. A `+` stays a plus: UPI writes a space as %20, and time zones with `+`.
std::expected<LinkParameters, LinkFault> read_parameters(std::string_view query);

/// True when `text` begins with `prefix`, letters compared without case (schemes and hosts).
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

}  // namespace quittance::qr
