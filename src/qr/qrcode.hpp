// Drawing QR codes: text to modules, modules to SVG or PNG. Facts: qr.md section 7.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.hpp"

namespace quittance::qr {

/// Version 40 at level L holds no more bytes.
inline constexpr std::size_t kMaxQrTextBytes = 2953;
/// Light modules around the code (ISO/IEC 18004 asks for four).
inline constexpr int kQuietZone = 4;
inline constexpr int kMaxPngScale = 40;

/// How much damage the code survives; a higher level is used when it costs no larger code.
enum class QrLevel { low, medium, quartile, high };

/// A square of modules without its quiet zone.
struct QrMatrix {
  int size = 0;                         ///< modules per side, 21 to 177
  std::vector<std::uint8_t> modules{};  ///< row by row, 1 is dark

  bool dark(int x, int y) const {
    return modules[static_cast<std::size_t>(y) * static_cast<std::size_t>(size) +
                   static_cast<std::size_t>(x)] != 0;
  }
  bool operator==(const QrMatrix&) const = default;
};

/// The smallest code that holds `text`: runs of digits and capitals are packed where that
/// saves bits. invalid_request when the text is empty or too long for `level`.
base::Result<QrMatrix> make_qr(std::string_view text, QrLevel level = QrLevel::medium);

/// An SVG document, one unit per module, one path, quiet zone included.
std::string qr_svg(const QrMatrix& matrix);

/// A 1-bit greyscale PNG of `scale` pixels per module (1 to kMaxPngScale), quiet zone included.
base::Result<std::string> qr_png(const QrMatrix& matrix, int scale);

}  // namespace quittance::qr
