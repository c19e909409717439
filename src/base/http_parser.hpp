// Inside base only: turns bytes from a client into an HttpRequest. Beast does the syntax; the
// rules that keep a request from being read in two ways stand here.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <string_view>

#include "base/http.hpp"

namespace quittance::base {

/// Why a request is turned away before the handler sees it.
enum class Refusal { none, malformed, header_too_large, body_too_large };

/// Reads one request. Feed it bytes until `complete()` or `refusal()`.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(const HttpServerOptions& options);
  /// Takes what it can from `bytes`; the number of bytes used. Stops at the end of the head and
  /// at the end of the request, so call it again while it uses something.
  std::size_t feed(std::string_view bytes);

  bool head_complete() const { return head_complete_; }
  bool complete() const { return complete_; }
  Refusal refusal() const { return refusal_; }
  /// After the head: the client waits for `100 Continue` before it sends the body.
  bool expects_continue() const { return expects_continue_; }
  bool http11() const { return http11_; }
  HttpRequest take() { return std::move(request_); }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void refuse(Refusal why, error_code& ec);
  bool read_target(std::string_view target);
  void append_body(std::string_view piece, error_code& ec);

  void on_request_impl(boost::beast::http::verb verb, string_view method, string_view target,
                       int version, error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value,
                     error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code& ec) override;
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override;
  void on_finish_impl(error_code&) override { complete_ = true; }

  const HttpServerOptions& options_;
  HttpRequest request_;
  std::size_t body_limit_;
  std::size_t head_bytes_ = 0;
  int hosts_ = 0;
  int body_lengths_ = 0;
  bool head_complete_ = false;
  bool complete_ = false;
  bool expects_continue_ = false;
  bool http11_ = false;
  Refusal refusal_ = Refusal::none;
};

}  // namespace quittance::base
