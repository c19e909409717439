// One request on its way through the edge: who asks, what for, and the ways to answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http/http.hpp"
#include "http/rate_limit.hpp"
#include "http/stream_limit.hpp"

namespace quittance::http {

/// Who asks. A guest has nothing but the request.
struct Actor {
  /// `program` is a system of the merchant's own, by API key: it asks to be paid and looks at
  /// orders, and nothing else.
  enum class Kind { guest, customer, program, staff, admin };
  Kind kind = Kind::guest;
  std::optional<core::CustomerId> customer_id;
  std::string username;    ///< empty for guests and for customers without a user; a key's name
  std::string csrf_token;  ///< of a cookie login
  std::string login_hash;  ///< of a cookie login
  bool sees_every_order() const { return is_staff() || kind == Kind::program; }
  bool is_staff() const { return kind == Kind::staff || kind == Kind::admin; }
  /// How audit entries name them.
  std::string audit_name() const;
};

struct Visit {
  base::HttpRequest request;
  std::string request_id;
  std::string path;  ///< without a trailing slash, but for `/` itself
  Actor actor;
  std::map<std::string, std::string, std::less<>> params;  ///< from the route's pattern
  std::map<std::string, std::string, std::less<>> query;
  base::Json body;  ///< of a JSON request; null otherwise

  /// A path parameter that is a positive integer; not_found otherwise.
  base::Result<std::int64_t> id_param(std::string_view name) const;
};

/// Shared by all handlers.
struct Services : ApiParts {
  explicit Services(ApiParts parts)
      : ApiParts(std::move(parts)),
        general_limit(requests_per_minute, clock),
        guarded_limit(guarded_requests_per_minute, clock),
        ring_limit(clock),
        nobodys_hash(base::hash_password(base::Secret(random.hex(16)))) {
    checkout.rings = &ring_limit;
  }
  RateLimit general_limit;
  RateLimit guarded_limit;
  checkout::RingLimit ring_limit;  ///< of whatever is asked for through here
  StreamLimit streams;
  const std::string nobodys_hash;  ///< of a password that nobody knows
};

using Answered = base::Task<base::Result<base::HttpResponse>>;
using Handler = Answered (*)(Services&, Visit&);

/// A JSON reply.
base::HttpResponse json_response(const base::Json& body, int status = 200);
/// A reply of any other type.
base::HttpResponse text_response(std::string body, std::string content_type, int status = 200);
/// Says in `Retry-After` when a request that came too soon may be sent again; leaves others alone.
void add_retry_after(base::HttpResponse& response, const base::Error& error);
/// The one error shape; `shop` adds the sources' `success:false` (docs/api.md).
base::HttpResponse error_response(const base::Error& error, const std::string& request_id,
                                  bool shop);

/// Scripts, styles and pictures come from here and nowhere else; nothing may frame our pages.
/// `pictures_from`: one more origin, of a provider's picture of its code; empty: none.
std::string content_security_policy(std::string_view pictures_from);

/// Body members; the errors name the member and say what is expected.
base::Result<std::string> text_member(const base::Json& body, std::string_view name,
                                      std::size_t least, std::size_t most);
/// The same in one line, as the subject of a mail is.
base::Result<std::string> line_member(const base::Json& body, std::string_view name,
                                      std::size_t least, std::size_t most);
base::Result<std::int64_t> id_member(const base::Json& body, std::string_view name);

}  // namespace quittance::http
