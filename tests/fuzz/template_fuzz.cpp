// Any bytes as a template and as what fills it: no value ever becomes markup.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "http/template.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quittance::http;
  const std::string text(data, data + size);
  Filling filling;
  filling.sections.emplace("on");
  filling.slots["a"] = text;
  filling.rows["rows"] = {Slots{{"b", text}}, Slots{}};
  [[maybe_unused]] const std::string filled = fill_template(text, filling);
  const std::string safe = fill_template("<p title=\"{{a}}\">{{a}}</p>", filling);
  if (safe.find('<', 1) != safe.rfind("</p>")) std::abort();
  return 0;
}
