#include "base/curl_transfer.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace quittance::base {
namespace {

constexpr Duration kConnectTimeout{5'000};
constexpr std::size_t kHeaderLimit = 64 * 1024;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

/// One part of a URL; empty when it has none.
std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

/// Nothing in it can start another header line.
bool one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// All or nothing: a handle with an option missing (say, verification) must never be used.
template <class Value>
bool set(CURL* handle, CURLoption option, Value value) {
  return curl_easy_setopt(handle, option, value) == CURLE_OK;
}

}  // namespace

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24U) == 127U;
}

CurlTransfer::CurlTransfer(HttpCall call) : call_(std::move(call)) {
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  if (!url || !one_line(call_.url) ||
      curl_url_set(url.get(), CURLUPART_URL, call_.url.c_str(), 0) != CURLUE_OK) {
    return;
  }
  const std::string scheme = url_part(url.get(), CURLUPART_SCHEME);
  host_ = url_part(url.get(), CURLUPART_HOST);
  path_ = url_part(url.get(), CURLUPART_PATH);
  usable_url_ = scheme == "http" || scheme == "https";
}

std::optional<Error> CurlTransfer::fault() const {
  const bool lines_good = std::ranges::all_of(call_.headers.fields(), [](const auto& field) {
    return !field.first.empty() && one_line(field.first) && one_line(field.second);
  });
  if (usable_url_ && lines_good && one_line(call_.method) && !call_.method.empty() &&
      call_.timeout > Duration(0)) {
    return std::nullopt;
  }
  return Error{ErrorCode::provider_unavailable,
               "The provider could not be asked.",
               {},
               "the call has an unusable URL, method, header or time-out"};
}

bool CurlTransfer::add_line(const std::string& line) {
  curl_slist* longer = curl_slist_append(lines_.get(), line.c_str());
  if (longer == nullptr) return false;
  static_cast<void>(lines_.release());
  lines_.reset(longer);
  return true;
}

bool CurlTransfer::build_lines() {
  for (const auto& [name, value] : call_.headers.fields()) {
    // libcurl reads `Name:` as "leave this field out"; an empty value is written with `;`.
    if (!add_line(value.empty() ? name + ";" : name + ": " + value)) return false;
  }
  // Waiting for `100 Continue` costs a round trip that small bodies do not need.
  if (!add_line("Expect:")) return false;
  // libcurl would call every body a form.
  return call_.headers.find("Content-Type") || add_line("Content-Type:");
}

bool CurlTransfer::set_body(CURL* handle) {
  if (call_.method == "HEAD") return set(handle, CURLOPT_NOBODY, 1L);
  const bool bare = call_.body.empty();
  if (bare && call_.method == "GET") return set(handle, CURLOPT_HTTPGET, 1L);
  if (bare && call_.method != "POST" && call_.method != "PUT" && call_.method != "PATCH") {
    return set(handle, CURLOPT_CUSTOMREQUEST, call_.method.c_str());
  }
  return set(handle, CURLOPT_POST, 1L) &&
         set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size())) &&
         set(handle, CURLOPT_POSTFIELDS, call_.body.c_str()) &&
         set(handle, CURLOPT_CUSTOMREQUEST, call_.method.c_str());
}

bool CurlTransfer::attach(CURL* handle) {
  const long timeout = static_cast<long>(call_.timeout.count());
  const long connect = static_cast<long>(std::min(call_.timeout, kConnectTimeout).count());
  return build_lines() && set_body(handle) && set(handle, CURLOPT_URL, call_.url.c_str()) &&
         set(handle, CURLOPT_HTTPHEADER, lines_.get()) &&
         set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)) &&
         set(handle, CURLOPT_USERAGENT, "quittance") &&
         set(handle, CURLOPT_PROTOCOLS_STR, "http,https") &&
         set(handle, CURLOPT_FOLLOWLOCATION, 0L) && set(handle, CURLOPT_SSL_VERIFYPEER, 1L) &&
         set(handle, CURLOPT_SSL_VERIFYHOST, 2L) &&
         set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
         set(handle, CURLOPT_NOSIGNAL, 1L) && set(handle, CURLOPT_TIMEOUT_MS, timeout) &&
         set(handle, CURLOPT_CONNECTTIMEOUT_MS, connect) &&
         // A proxy of the environment is the operator's wish, but not for this same machine.
         (!is_loopback(host_) || set(handle, CURLOPT_PROXY, "")) &&
         set(handle, CURLOPT_ERRORBUFFER, explanation_.data()) &&
         set(handle, CURLOPT_WRITEFUNCTION, &take_body) &&
         set(handle, CURLOPT_WRITEDATA, static_cast<void*>(this)) &&
         set(handle, CURLOPT_HEADERFUNCTION, &take_header) &&
         set(handle, CURLOPT_HEADERDATA, static_cast<void*>(this));
}

std::size_t CurlTransfer::take_body(char* bytes, std::size_t, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.reply_.body.size() + count > transfer.call_.response_limit_bytes) {
    transfer.too_large_ = true;
    return 0;
  }
  transfer.reply_.body.append(bytes, count);
  return count;
}

std::size_t CurlTransfer::take_header(char* bytes, std::size_t, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const std::string_view line(bytes, count);
  transfer.header_bytes_ += count;
  if (transfer.header_bytes_ > kHeaderLimit) {
    transfer.too_large_ = true;
    return 0;
  }
  // An interim reply (1xx) comes first with a head of its own; the last head counts.
  if (line.starts_with("HTTP/")) transfer.reply_.headers = HttpHeaders();
  if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    transfer.reply_.headers.add(std::string(line.substr(0, colon)),
                                std::string(trimmed(line.substr(colon + 1))));
  }
  return count;
}

Result<HttpReply> CurlTransfer::result(CURL* handle, CURLcode outcome) {
  if (outcome == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    reply_.status = static_cast<int>(status);
    return std::move(reply_);
  }
  if (outcome == CURLE_OPERATION_TIMEDOUT) {
    return fail(ErrorCode::timeout, "The provider did not answer in time.");
  }
  const std::string_view explained(explanation_.data());
  return fail(ErrorCode::provider_unavailable, "The provider could not be asked.", {},
              too_large_          ? "the answer is larger than the limit"
              : explained.empty() ? curl_easy_strerror(outcome)
                                  : std::string(explained));
}

void CurlTransfer::finish(CURL* handle, CURLcode outcome, Log& log) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle, CURLINFO_TOTAL_TIME_T, &microseconds);
  Result<HttpReply> reply = result(handle, outcome);
  const int status = reply ? reply->status : 0;
  log.debug("http.call", {{"method", call_.method},
                          {"host", host_},
                          {"path", path_},
                          {"status", status},
                          {"ms", microseconds / 1'000},
                          {"outcome", reply ? std::string("ok") : reply.error().detail}});
  done_(std::move(reply));
}

void CurlTransfer::fail_overloaded() {
  done_(fail(ErrorCode::provider_unavailable, "The provider could not be asked.", {},
             "too many calls are under way"));
}

void CurlTransfer::fail_closing() {
  done_(fail(ErrorCode::provider_unavailable, "The provider could not be asked.", {},
             "the client is closing"));
}

}  // namespace quittance::base
