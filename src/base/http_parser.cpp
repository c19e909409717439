#include "base/http_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "base/http_text.hpp"

namespace quittance::base {
namespace {

namespace http = boost::beast::http;

std::string_view plain(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RequestParser::RequestParser(const HttpServerOptions& options)
    : options_(options), body_limit_(options.body_limit_bytes) {
  eager(false);
  header_limit(static_cast<std::uint32_t>(options.header_limit_bytes));
  // Bodies are bounded by path, in append_body and on_header_impl.
  this->body_limit(boost::none);
}

std::size_t RequestParser::feed(std::string_view bytes) {
  error_code ec;
  const bool in_head = !head_complete_;
  const std::size_t used = put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
  if (in_head) {
    // Beast bounds what is pending, not what it has taken: a head that comes line by line would
    // have no end.
    head_bytes_ += used;
    const std::size_t pending = head_complete_ ? 0 : bytes.size() - used;
    if (head_bytes_ + pending > options_.header_limit_bytes && refusal_ == Refusal::none) {
      refusal_ = Refusal::header_too_large;
    }
  }
  if (ec && ec != http::error::need_more && refusal_ == Refusal::none) {
    refusal_ = ec == http::error::header_limit ? Refusal::header_too_large : Refusal::malformed;
  }
  return used;
}

void RequestParser::refuse(Refusal why, error_code& ec) {
  refusal_ = why;
  ec = http::make_error_code(http::error::bad_value);
}

/// Origin form, or the absolute form that RFC 9112 section 3.2.2 makes every server accept.
bool RequestParser::read_target(std::string_view target) {
  constexpr std::string_view kScheme = "http://";
  if (target.starts_with(kScheme)) {
    target.remove_prefix(kScheme.size());
    target.remove_prefix(std::min(target.find('/'), target.size()));
  }
  if (!target.starts_with('/') || target.find('#') != std::string_view::npos) return false;
  const std::size_t mark = target.find('?');
  auto path = percent_decode(target.substr(0, mark), PlusSign::itself);
  if (!path || path->find('\0') != std::string::npos) return false;
  request_.path = std::move(*path);
  if (mark != std::string_view::npos) request_.query = target.substr(mark + 1);
  return true;
}

void RequestParser::on_request_impl(http::verb, string_view method, string_view target, int version,
                                    error_code& ec) {
  request_.method = plain(method);
  http11_ = version == 11;
  if (!read_target(plain(target))) refuse(Refusal::malformed, ec);
}

void RequestParser::on_field_impl(http::field field, string_view name, string_view value,
                                  error_code& ec) {
  // Trailer fields after a chunked body come here too; they must not pose as header fields.
  if (head_complete_) return;
  if (field == http::field::host) {
    ++hosts_;
  } else if (field == http::field::content_length) {
    ++body_lengths_;
    // One length, in one way: no list, no second field (RFC 9112 section 6.3, smuggling).
    if (value.find(',') != string_view::npos) refuse(Refusal::malformed, ec);
  } else if (field == http::field::transfer_encoding) {
    ++body_lengths_;
    if (!http11_ || !same_name(plain(value), "chunked")) refuse(Refusal::malformed, ec);
  } else if (field == http::field::expect) {
    expects_continue_ = http11_ && same_name(plain(value), "100-continue");
  }
  request_.headers.add(std::string(plain(name)), std::string(plain(value)));
}

void RequestParser::on_header_impl(error_code& ec) {
  head_complete_ = true;
  if (body_lengths_ > 1 || hosts_ > 1 || (http11_ && hosts_ == 0)) {
    refuse(Refusal::malformed, ec);
    return;
  }
  if (const auto own = options_.body_limit_by_path.find(request_.path);
      own != options_.body_limit_by_path.end()) {
    body_limit_ = own->second;
  }
  if (const auto length = content_length()) {
    if (*length > body_limit_) {
      refuse(Refusal::body_too_large, ec);
      return;
    }
  }
}

void RequestParser::append_body(std::string_view piece, error_code& ec) {
  if (request_.body.size() + piece.size() > body_limit_) {
    refuse(Refusal::body_too_large, ec);
    return;
  }
  request_.body += piece;
}

std::size_t RequestParser::on_body_impl(string_view body, error_code& ec) {
  append_body(plain(body), ec);
  return body.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) {
  append_body(plain(body), ec);
  return body.size();
}

}  // namespace quittance::base
