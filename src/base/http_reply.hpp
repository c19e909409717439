// Inside base only: the bytes of a reply's head, and the replies that the server itself gives.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"

namespace quittance::base {

/// How the body after the head is delimited.
enum class Framing { length, chunked, until_close, no_body };

/// What the connection adds to the handler's header fields.
struct ReplyShape {
  Framing framing = Framing::length;
  bool keep_alive = true;
  bool http11 = true;
};

/// Status line and header fields, to the empty line. Fields that the framing owns (Content-Length,
/// Transfer-Encoding, Connection) and fields with an invalid name are left out; line breaks inside
/// a value become spaces, so that no value can start a new field.
void append_head(std::string& out, const HttpResponse& response, ReplyShape shape);

/// True when a reply of this status never has a body (RFC 9110 section 6.4.1).
bool bodiless(int status);

/// An error in the one error shape, for requests that never reach the handler.
HttpResponse error_reply(int status, ErrorCode code, std::string_view message,
                         const std::string& request_id);

}  // namespace quittance::base
