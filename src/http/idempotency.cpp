#include "http/idempotency.hpp"

#include <algorithm>

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

constexpr std::size_t kKeyLimit = 255;
/// Guests share one scope: a short key of one could be another's too.
constexpr std::size_t kGuestKeyLeast = 16;

/// Whose answer it is. What a guest was told because of an order's secret is told again only to
/// whoever shows that secret.
std::string scope_of(const Visit& visit) {
  std::string scope = visit.actor.audit_name();
  const auto query = visit.query.find("secret");
  std::string_view secret = visit.request.headers.find("X-Order-Secret").value_or("");
  if (secret.empty() && query != visit.query.end()) secret = query->second;
  if (!secret.empty()) scope += " " + base::sha256_hex(secret);
  return scope + " " + visit.path;
}

}  // namespace

Result<std::optional<IdempotencyClaim>> claim_of(const Visit& visit) {
  const auto key = visit.request.headers.find("Idempotency-Key");
  if (!key) return std::optional<IdempotencyClaim>();
  const bool visible = std::ranges::all_of(*key, [](char c) { return c > 0x20 && c < 0x7F; });
  if (key->empty() || key->size() > kKeyLimit || !visible) {
    return fail(ErrorCode::invalid_request,
                "Idempotency-Key is 1 to 255 visible ASCII characters, such as a UUID.",
                "Idempotency-Key");
  }
  if (visit.actor.kind == Actor::Kind::guest && key->size() < kGuestKeyLeast) {
    return fail(ErrorCode::invalid_request,
                "Without a login, Idempotency-Key is at least 16 characters, such as a UUID.",
                "Idempotency-Key");
  }
  return std::optional(IdempotencyClaim{.scope = scope_of(visit),
                                        .key = std::string(*key),
                                        .request_hash = base::sha256_hex(visit.request.body)});
}

base::Task<Result<std::optional<storage::IdempotencyRecord>>> find_answer(
    Services& services, const IdempotencyClaim& claim) {
  storage::Reading<std::optional<storage::IdempotencyRecord>> find =
      [&claim](storage::Books& books) { return books.idempotency(claim.scope, claim.key); };
  CO_TRY(auto record, co_await services.store.read(std::move(find)));
  if (record && record->request_hash != claim.request_hash) {
    co_return fail(ErrorCode::idempotency_mismatch,
                   "This Idempotency-Key was used for another request; draw a new one.",
                   "Idempotency-Key");
  }
  co_return record;
}

Result<storage::Rows> record_answer(storage::WritableBooks& books, const IdempotencyClaim& claim,
                                    std::int64_t status, const std::string& body, base::Time now) {
  TRY(storage::Rows rows, books.insert_idempotency({.scope = claim.scope,
                                                    .idempotency_key = claim.key,
                                                    .request_hash = claim.request_hash,
                                                    .status = status,
                                                    .body = body,
                                                    .created_at = now}));
  if (rows.changed == 0) {
    return fail(ErrorCode::conflict, "The same request is being answered; repeat it.");
  }
  return rows;
}

}  // namespace quittance::http
