// The bytes of an audit entry that its leaf hash is made of (docs/audit.md).
#pragma once

#include <string>

#include "storage/records.hpp"

namespace quittance::storage {

/// Every field of the entry but the hash, each with its length before it: two entries that differ
/// anywhere have different bytes.
std::string audit_bytes(const AuditEntry& entry);
/// The entry that has these bytes; nullopt when none has.
std::optional<AuditEntry> read_audit_bytes(std::string_view bytes);

}  // namespace quittance::storage
