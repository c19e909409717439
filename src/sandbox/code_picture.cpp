#include "sandbox/code_picture.hpp"

#include "qr/qr.hpp"

namespace quittance::sandbox {

base::HttpResponse code_picture(std::string_view text, std::string_view path) {
  constexpr int kScale = 8;
  base::HttpResponse response;
  const bool svg = path.ends_with(".svg");
  const auto code = qr::make_qr(text);
  if (!code) {
    response.status = 404;
    return response;
  }
  response.headers.add("Content-Type", svg ? "image/svg+xml" : "image/png");
  response.body = svg ? qr::qr_svg(*code) : qr::qr_png(*code, kScale).value_or("");
  return response;
}

}  // namespace quittance::sandbox
