// Access tokens of the Bakong Open API: JSON Web Tokens of its own shape.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::sandbox {

/// 90 days in seconds: `exp` minus `iat` of every token seen.
inline constexpr std::int64_t kTokenLifetimeS = 7'776'000;
/// No `Authorization` value longer than this is looked at.
inline constexpr std::size_t kTokenLimitBytes = 2'048;

/// HS256 JWT with the claims `{"data":{"id":…},"iat":…,"exp":…}`. `lifetime_s` may be negative.
std::string sign_token(const base::Secret& key, std::string_view id, std::int64_t issued_at_s,
                       std::int64_t lifetime_s);

/// What a token turned out to be.
enum class TokenState { good, expired, refused };
/// Accepts nothing but HS256 under our key.
TokenState read_token(const base::Secret& key, std::string_view token, std::int64_t now_s);

}  // namespace quittance::sandbox
