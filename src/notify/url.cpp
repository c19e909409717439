#include "notify/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace quittance::notify {
namespace {

constexpr std::size_t kUrlLimit = 2'000;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::optional<std::string> part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return std::nullopt;
  std::string out(text);
  curl_free(text);
  return out;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (!plain || text.size() > kUrlLimit || !url ||
      curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK) {
    return std::nullopt;
  }
  const auto scheme = part(url.get(), CURLUPART_SCHEME);
  const auto host = part(url.get(), CURLUPART_HOST);
  if (!scheme || !host || host->empty()) return std::nullopt;
  return Url{.scheme = *scheme,
             .host = *host,
             .path = part(url.get(), CURLUPART_PATH).value_or("/"),
             .has_login = part(url.get(), CURLUPART_USER).has_value() ||
                          part(url.get(), CURLUPART_PASSWORD).has_value(),
             .has_fragment = part(url.get(), CURLUPART_FRAGMENT).has_value()};
}

}  // namespace quittance::notify
