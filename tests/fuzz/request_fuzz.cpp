// Any bytes through the request reader and the form reader: cut anywhere, the answer is the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/base.hpp"
#include "base/http_parser.hpp"

namespace {

using quittance::base::RequestParser;

/// Feeds everything, `step` bytes at a time.
void feed(RequestParser& parser, std::string_view bytes, std::size_t step) {
  std::string waiting;
  while (!bytes.empty() && !parser.complete() &&
         parser.refusal() == quittance::base::Refusal::none) {
    waiting += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
    std::size_t used = 1;
    while (used > 0 && !waiting.empty() && !parser.complete() &&
           parser.refusal() == quittance::base::Refusal::none) {
      used = parser.feed(waiting);
      waiting.erase(0, used);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const quittance::base::HttpServerOptions options;
  RequestParser whole(options);
  feed(whole, text, text.size() + 1);
  RequestParser pieces(options);
  feed(pieces, text, 7);
  if (whole.complete() != pieces.complete()) std::abort();
  if (whole.complete()) {
    const auto a = whole.take();
    const auto b = pieces.take();
    if (a.path != b.path || a.body != b.body || a.path.empty()) std::abort();
  }
  [[maybe_unused]] const auto form = quittance::base::parse_form(text);
  return 0;
}
