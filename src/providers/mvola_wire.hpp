// MVola's JSON, written and read; no network in here. Facts: docs/providers/mvola.md.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "providers/providers.hpp"

namespace quittance::providers {

/// One call's answer in MVola's dialect: 2xx, or a 4xx of the gateway or of the business behind it.
struct MvolaSaid {
  int status = 0;
  base::Json body;
  std::string error;  ///< `900901` or `formatError 4001`; empty when well
  bool well() const { return status >= 200 && status <= 299; }
};
/// Or why there is none.
using MvolaHeard = std::expected<MvolaSaid, Unknown>;
/// For replies with which nothing was wrong below the dialect.
MvolaHeard read_mvola(const base::HttpReply& reply);

/// A member by its name, whatever its capitals: documents and wire differ in them.
const base::Json& member(const base::Json& object, std::string_view name);

/// `0343500004`; with country code or blanks too. Empty for anything else.
std::string mvola_number(std::string_view text);

/// invalid_request, by field, for what MVola cannot push: other than whole ariary within its
/// limits, or a phone that is none of its numbers.
base::Result<void> check_mvola_draft(const SessionDraft& draft);
base::Json mvola_push(const SessionDraft& draft, const MvolaOptions& options, base::Time now);

/// What a push came to.
struct MvolaStatus {
  enum class Word { pending, completed, failed };
  Word word = Word::pending;
  std::string object_reference;  ///< of the transaction; empty until there is one
};
/// nullopt for a word that nobody has told us of.
std::optional<MvolaStatus::Word> read_mvola_word(std::string_view text);
std::optional<MvolaStatus> read_mvola_status(const base::Json& body);
/// The transaction itself, when it is money. `session` bounds the date: theirs is hours off.
std::optional<Paid> read_mvola_details(const base::Json& body, const std::string& reference,
                                       const core::Session& session, base::Time now);

/// Limits of one payment, in ariary.
inline constexpr std::int64_t kMvolaLeast = 100;
inline constexpr std::int64_t kMvolaMost = 5'000'000;

}  // namespace quittance::providers
