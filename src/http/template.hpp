// Filling an HTML file: `{{name}}` becomes escaped text, `{{{name}}}` a fragment that we made,
// `<!--if:name-->…<!--end:name-->` stays only if named or, inside of a row, if the row has a text
// of that name; `<!--each:name-->…<!--end:name-->` is repeated per row.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace quittance::http {

using Slots = std::map<std::string, std::string, std::less<>>;

/// What a template is filled with. A slot that is not named becomes empty.
struct Filling {
  Slots slots;
  std::set<std::string, std::less<>> sections;
  std::map<std::string, std::vector<Slots>, std::less<>> rows;
};

/// The filled document. An unclosed section is left out to its end.
std::string fill_template(std::string_view html, const Filling& filling);

}  // namespace quittance::http
