// Evidence: a verified claim that money moved, either way, and how we learnt of it. Append-only
// (law 7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/money.hpp"

namespace quittance::core {

/// The six ways of learning of money (ARCHITECTURE.md, "The one idea").
enum class EvidenceSource { webhook, poll, sync, recovery, manual, cash };
std::string_view to_text(EvidenceSource source);
std::optional<EvidenceSource> evidence_source_from(std::string_view text);

/// Which way the money went, and who turned it round.
enum class EvidenceKind {
  payment,   ///< money came
  refund,    ///< we gave it back
  reversal,  ///< the provider or the payer's bank took it back
  voided,    ///< a person takes back what a person stated: the money had not come
};
std::string_view to_text(EvidenceKind kind);
std::optional<EvidenceKind> evidence_kind_from(std::string_view text);

/// What a provider confirmed, or a named person stated.
struct Evidence {
  EvidenceKind kind = EvidenceKind::payment;
  EvidenceSource source = EvidenceSource::poll;
  SessionId session_id;      ///< which request it is believed to answer
  std::string provider;      ///< `bakong`; `manual` when a person is the evidence
  std::string provider_ref;  ///< their id of the money; unique per provider
  Money amount;
  std::string receiver;  ///< account that got it; empty: the provider does not say
  std::string payer;
  base::Time paid_at;      ///< by the provider's clock
  base::Time seen_at;      ///< by ours
  std::string actor;       ///< `system`, or the user who states it
  std::string reason;      ///< mandatory for `manual`
  std::string raw;         ///< the provider's own words, for staff and auditors
  std::string approver{};  ///< the second person who confirms a `manual` claim; empty: nobody yet
  std::string against{};   ///< of money that goes back: the provider_ref under which it was counted
};

}  // namespace quittance::core
