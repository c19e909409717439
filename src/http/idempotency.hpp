// A POST that comes twice: same key and same body, same answer (docs/api.md).
#pragma once

#include "http/visit.hpp"

namespace quittance::http {

/// A key and what it was used for.
struct IdempotencyClaim {
  std::string scope;  ///< who, and which path
  std::string key;
  std::string request_hash;  ///< SHA-256 of the body
};

/// The claim of a request that carries `Idempotency-Key`; invalid_request for a malformed key.
base::Result<std::optional<IdempotencyClaim>> claim_of(const Visit& visit);

/// The recorded answer; empty when the key is new; idempotency_mismatch for another body.
base::Task<base::Result<std::optional<storage::IdempotencyRecord>>> find_answer(
    Services& services, const IdempotencyClaim& claim);

/// Records an answer; conflict when another request with this key was faster.
base::Result<storage::Rows> record_answer(storage::WritableBooks& books,
                                          const IdempotencyClaim& claim, std::int64_t status,
                                          const std::string& body, base::Time now);

}  // namespace quittance::http
