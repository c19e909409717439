// Any bytes through the reader of foreign codes and the drawing of what it accepts: an answer
// always, with a reason when it is "not valid".
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "qr/qr.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quittance;
  const std::string text(data, data + size);
  const qr::Payload payload = qr::read_payload(text);
  if (!payload.valid && payload.errors.empty()) std::abort();
  if (!base::Json::parse(payload.fields.dump())) std::abort();
  // A recovery code that is read can be written again, and the two agree.
  if (const auto code = qr::parse_recovery_code(text)) {
    const auto again = qr::make_recovery_code(*code, qr::RecoveryStyle::khqr);
    if (!again || qr::parse_recovery_code(*again) != *code) std::abort();
  }
  const auto matrix = payload.valid ? qr::make_qr(payload.text) : qr::make_qr("x");
  if (matrix && qr::qr_svg(*matrix).empty()) std::abort();
  return 0;
}
