#include "base/http_reply.hpp"

#include <algorithm>
#include <boost/beast/http/status.hpp>

#include "base/http_text.hpp"
#include "base/json.hpp"

namespace quittance::base {
namespace {

namespace http = boost::beast::http;

/// A token of RFC 9110 section 5.6.2, which a field name must be.
bool valid_name(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool owned_by_framing(std::string_view name) {
  // The first letter spares three comparisons for most fields.
  const char first = name.front();
  if (first != 'c' && first != 'C' && first != 't' && first != 'T') return false;
  return same_name(name, "content-length") || same_name(name, "transfer-encoding") ||
         same_name(name, "connection");
}

void append_value(std::string& out, std::string_view value) {
  for (const char c : value)
    out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

}  // namespace

bool bodiless(int status) { return status < 200 || status == 204 || status == 304; }

void append_head(std::string& out, const HttpResponse& response, ReplyShape shape) {
  out += shape.http11 ? "HTTP/1.1 " : "HTTP/1.0 ";
  const auto known = http::int_to_status(static_cast<unsigned>(response.status));
  const auto reason = http::obsolete_reason(known);
  out += std::to_string(response.status);
  out += ' ';
  out.append(reason.data(), reason.size());
  out += "\r\n";
  for (const auto& [name, value] : response.headers.fields()) {
    if (!valid_name(name) || owned_by_framing(name)) continue;
    out += name;
    out += ": ";
    append_value(out, value);
    out += "\r\n";
  }
  if (shape.framing == Framing::length) {
    out += "Content-Length: ";
    out += std::to_string(response.body.size());
    out += "\r\n";
  } else if (shape.framing == Framing::chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  if (!shape.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!shape.http11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

HttpResponse error_reply(int status, ErrorCode code, std::string_view message,
                         const std::string& request_id) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Request-Id", request_id);
  Json error;
  error.set("code", error_row(code).wire);
  error.set("message", message);
  error.set("request_id", request_id);
  Json body;
  body.set("error", std::move(error));
  response.body = body.dump();
  return response;
}

}  // namespace quittance::base
