// Signs the head of the log and keeps what it signed.
#pragma once

#include "audit/checkpoint.hpp"
#include "storage/storage.hpp"

namespace quittance::audit {

class Notary {
 public:
  /// All must outlive it.
  Notary(storage::Store& store, const base::SigningKey& key, std::string origin,
         const base::Clock& clock, base::Log& log)
      : store_(store), key_(key), origin_(std::move(origin)), clock_(clock), log_(log) {}

  /// The newest checkpoint; a new one is signed when the log has grown since.
  base::Task<base::Result<storage::StoredCheckpoint>> checkpoint();
  /// Signs now and every `interval`, for ever.
  base::Task<void> run(base::Duration interval);

  const std::string& origin() const { return origin_; }
  const std::string& public_key() const { return key_.public_key(); }

 private:
  storage::Store& store_;
  const base::SigningKey& key_;
  std::string origin_;
  const base::Clock& clock_;
  base::Log& log_;
};

/// The name of the log of a shop at this address.
std::string origin_of(std::string_view public_url);

}  // namespace quittance::audit
