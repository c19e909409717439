// A provider's own picture of a code, as its hosted pages show it.
#pragma once

#include <string_view>

#include "base/base.hpp"

namespace quittance::sandbox {

/// PNG or, when `path` ends in `.svg`, SVG; 404 when the text does not fit a QR.
base::HttpResponse code_picture(std::string_view text, std::string_view path);

}  // namespace quittance::sandbox
