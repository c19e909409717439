// Any bytes as a form with brackets: what is read is an object of texts, within its limits.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sandbox/form_fields.hpp"

namespace {

using quittance::base::Json;

void check(const Json& json, std::size_t depth) {
  if (depth > quittance::sandbox::kFieldDepth + 1) std::abort();
  if (json.is_string()) return;
  if (!json.is_object() && !json.is_array()) std::abort();
  for (const auto& [name, member] : json.object())
    check(member, depth + 1);
  for (const Json& member : json.array())
    check(member, depth + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto form = quittance::sandbox::read_form_fields(text);
  if (!form) return 0;
  if (!form->is_object()) std::abort();
  check(*form, 0);
  return 0;
}
