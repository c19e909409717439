// Any bytes through the KHQR reader: a code that verifies can be decoded.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "qr/qr.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quittance;
  const std::string text(data, data + size);
  const auto decoded = qr::decode_khqr(text);
  const auto fault = qr::verify_khqr(text, base::Time{});
  if (!fault && !decoded) std::abort();
  if (fault && qr::khqr_error_row(*fault).code != *fault) std::abort();
  return 0;
}
