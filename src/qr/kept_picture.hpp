// The picture that a customer keeps: the QR, and under it in letters what it is for (S0.5, C8).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/base.hpp"
#include "qr/qrcode.hpp"

namespace quittance::qr {

/// The picture is as many pixels wide as whole pixels per module allow below this; never under
/// kMinKeptWidth.
inline constexpr int kMaxKeptWidth = 640;
inline constexpr int kMinKeptWidth = 480;
/// Lines of text under one code.
inline constexpr std::size_t kMaxKeptLines = 8;

/// A 1-bit PNG with the code on top and `lines` (UTF-8) centred under it, quiet zones kept. A
/// line is written as large as one row allows and else small, on several rows; lines without a
/// letter are left out, and those over kMaxLineLetters are cut (lettering.hpp). `description`
/// travels along as the text chunk `Description`; none when it is empty.
/// invalid_request for more than kMaxKeptLines lines, or a description over 1024 bytes or with
/// control characters.
base::Result<std::string> kept_png(const QrMatrix& matrix, const std::vector<std::string>& lines,
                                   std::string_view description);

}  // namespace quittance::qr
