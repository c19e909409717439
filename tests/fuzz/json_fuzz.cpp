// Any bytes through the JSON reader: what is read can be written, and reads back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/base.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using quittance::base::Json;
  const std::string text(data, data + size);
  const auto value = Json::parse(text);
  if (!value) return 0;
  const auto again = Json::parse(value->dump());
  if (!again || *again != *value) std::abort();
  return 0;
}
