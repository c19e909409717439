// Inside base only: JSON string syntax and UTF-8 boundaries, for Json::dump and for the log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quittance::base {

/// Length of the well-formed UTF-8 sequence (RFC 3629) that `rest` starts with; 0 for none.
std::size_t utf8_length(std::string_view rest);

/// At most `limit` bytes from the start of `text`, never cutting a UTF-8 sequence in two.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

/// Appends `text` as a quoted JSON string. Control characters and line separators are escaped;
/// bytes that are not UTF-8 become U+FFFD, so the result is always valid JSON on one line.
void append_json_string(std::string& out, std::string_view text);

}  // namespace quittance::base
