// An address that a person set: taken apart, and judged by where it leads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quittance::notify {

/// The parts of an absolute URL that matter here.
struct Url {
  std::string scheme;  ///< lower case
  std::string host;
  std::string path;  ///< begins with `/`
  bool has_login = false;
  bool has_fragment = false;
};

/// nullopt for what is no absolute URL, or holds blanks or control characters.
std::optional<Url> parse_url(std::string_view text);

}  // namespace quittance::notify
