// Inside base only: small rules of HTTP text shared by server and client.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quittance::base {

/// What a `+` stands for: itself in a path, a space in a form or query.
enum class PlusSign { itself, space };

/// Undoes percent encoding; nullopt when an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text, PlusSign plus);

/// Header names compare without regard to ASCII case (RFC 9110 section 5.1).
bool same_name(std::string_view a, std::string_view b);

}  // namespace quittance::base
