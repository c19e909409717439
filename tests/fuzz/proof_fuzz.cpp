// Any bytes as a proof file, a checkpoint, a key or an entry: what opens is what we wrote.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "audit/audit.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quittance;
  const std::string text(data, data + size);
  const auto key = base::SigningKey::from_seed(base::Secret(std::string(32, 'l')));
  if (!key) std::abort();
  if (const auto checkpoint = audit::open_checkpoint(key->public_key(), text)) {
    // The corpus holds one that is signed; others may sign below it.
    if (!text.starts_with(audit::sign_checkpoint(*key, *checkpoint))) std::abort();
  }
  if (const auto known = audit::public_key_of(text)) {
    if (audit::verifier_key(text.substr(0, text.find('+')), *known) != text) std::abort();
  }
  if (const auto entry = storage::read_audit_bytes(text)) {
    if (storage::audit_bytes(*entry) != text) std::abort();
  }
  const std::string trusted = audit::verifier_key("shop.example/log", key->public_key());
  const auto proven = audit::verify_proof(text, trusted);
  if (proven && proven->checkpoint.size < static_cast<std::uint64_t>(proven->entry.seq)) {
    std::abort();
  }
  if (audit::verify_proof(text, "").has_value() && text.empty()) std::abort();
  return 0;
}
