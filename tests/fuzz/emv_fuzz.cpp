// Any bytes through the EMV decoder: what strict reads, lenient reads alike, and what was read
// without empty values is written back to the byte.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "qr/qr.hpp"

namespace {

using namespace quittance::qr;

bool has_empty_value(std::span<const DataObject> objects) {
  for (const DataObject& object : objects) {
    if (object.value.empty() || has_empty_value(object.children)) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto strict = decode_emv(text, EmvMode::strict);
  auto lenient = decode_emv(text, EmvMode::lenient);
  if (strict && (!lenient || *strict != *lenient)) std::abort();
  if (!lenient || has_empty_value(*lenient)) return 0;
  lenient->pop_back();
  const auto again = encode_emv(*lenient);
  // The check sum may have been written in lower case.
  if (again && again->substr(0, again->size() - 4) != text.substr(0, text.size() - 4)) std::abort();
  return 0;
}
