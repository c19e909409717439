// Inside base only: one outgoing call as libcurl sees it.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/http.hpp"

namespace quittance::base {

/// Holds what libcurl reads and fills while the call runs, and reports the outcome exactly once.
class CurlTransfer {
 public:
  using Done = Callback<Result<HttpReply>>::Resume;

  explicit CurlTransfer(HttpCall call);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  /// Why the call cannot be made at all; nullopt when it can.
  std::optional<Error> fault() const;
  void on_done(Done done) { done_ = std::move(done); }
  /// Sets every option of the handle; false when libcurl has no memory.
  bool attach(CURL* handle);
  /// Reports the outcome and logs one debug line.
  void finish(CURL* handle, CURLcode outcome, Log& log);
  void fail_overloaded();
  void fail_closing();

 private:
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  bool add_line(const std::string& line);
  bool build_lines();
  bool set_body(CURL* handle);
  Result<HttpReply> result(CURL* handle, CURLcode outcome);
  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* self);
  static std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* self);

  HttpCall call_;
  std::string host_;
  std::string path_;
  bool usable_url_ = false;
  HttpReply reply_;
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  std::unique_ptr<curl_slist, FreeList> lines_;
  std::array<char, CURL_ERROR_SIZE> explanation_{};
  Done done_;
};

}  // namespace quittance::base
