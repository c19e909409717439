// Texts that every part of the program, and every database, can hold.
#pragma once

#include <string>
#include <string_view>

namespace quittance::base {

/// Whether this is UTF-8 (RFC 3629) without NUL: what both engines keep as it is.
bool is_storable(std::string_view text);

/// `text` with each byte that stands in the way replaced by U+FFFD; for words of others that are
/// kept only to be read by people.
std::string made_storable(std::string_view text);

/// `&`, `<`, `>`, `"` and `'` as entities.
std::string escape_html(std::string_view text);

}  // namespace quittance::base
