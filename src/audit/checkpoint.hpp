// A signed head of the log: whoever keeps one can hold us to it. The text is a signed note as
// c2sp.org/tlog-checkpoint describes it, so that existing witnesses and monitors can read it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/base.hpp"

namespace quittance::audit {

/// How far the log reached, and its root then.
struct Checkpoint {
  std::string origin;  ///< names the log: the shop's address without scheme, and `/log`
  std::uint64_t size = 0;
  base::Digest root{};
  base::Time signed_at{};

  bool operator==(const Checkpoint&) const = default;
};

/// Longer notes are not ours.
inline constexpr std::size_t kNoteLimit = 4'096;

/// The note: origin, size, root and time, a blank line, and the signature.
std::string sign_checkpoint(const base::SigningKey& key, const Checkpoint& checkpoint);

/// The checkpoint of a note, when it is signed under `public_key`; nullopt for anything else.
std::optional<Checkpoint> open_checkpoint(std::string_view public_key, std::string_view note);

/// `origin+id+key`: the log's key as witnesses write it.
std::string verifier_key(std::string_view origin, std::string_view public_key);
/// The 32 raw bytes of the key in it; nullopt for anything else.
std::optional<std::string> public_key_of(std::string_view verifier_key);

}  // namespace quittance::audit
