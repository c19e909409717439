// API keys: for a merchant's own programs. A key is shown once; only its hash is kept.
#include <algorithm>

#include "http/auth.hpp"
#include "http/handlers.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::WritableBooks;

/// Fits a path, a log line and an audit entry as it is.
bool is_plain_name(const std::string& name) {
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

storage::AuditEntry audit_entry(const Visit& visit, std::string action, const std::string& name,
                                base::Time now) {
  return {.created_at = now,
          .actor = visit.actor.audit_name(),
          .action = std::move(action),
          .subject_type = "system",
          .subject_id = 0,
          .details = Json::object({{"name", name}}).dump()};
}

}  // namespace

Answered create_api_key(Services& services, Visit& visit) {
  CO_TRY(const std::string name, text_member(visit.body, "name", 2, 60));
  if (!is_plain_name(name)) {
    co_return fail(ErrorCode::invalid_request,
                   "Name the key in small letters, digits, `-` and `_`.", "name");
  }
  const std::string key = std::string(kApiKeyPrefix) + services.random.hex(32);
  const base::Time now = services.clock.now();
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [name, now, hash = base::sha256_hex(key),
       entry = audit_entry(visit, "api_key.created", name, now)](WritableBooks& books) {
        auto inserted = books.insert_api_key(name, hash, now);
        if (!inserted) return inserted;
        return books.insert_audit(entry);
      };
  CO_TRY_VOID(co_await services.store.write<storage::Rows>(std::move(work)));
  co_return json_response(Json::object({{"success", true}, {"name", name}, {"api_key", key}}), 201);
}

Answered revoke_api_key(Services& services, Visit& visit) {
  const std::string name = visit.params.find("name")->second;
  const base::Time now = services.clock.now();
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [name, now, entry = audit_entry(visit, "api_key.revoked", name, now)](
          WritableBooks& books) -> Result<storage::Rows> {
    TRY(const bool revoked, books.revoke_api_key(name, now));
    if (!revoked) return fail(ErrorCode::not_found, "There is no such API key.");
    return books.insert_audit(entry);
  };
  CO_TRY_VOID(co_await services.store.write<storage::Rows>(std::move(work)));
  co_return json_response(Json::object({{"success", true}, {"name", name}}));
}

}  // namespace quittance::http
