// The fixed words of every stored enum, once. They are in databases out there: the lists may only
// grow (tests/unit/core/words_test.cpp pins them).
#include <array>
#include <utility>

#include "core/core.hpp"

namespace quittance::core {
namespace {

template <class Enum, std::size_t N>
using Words = std::array<std::pair<Enum, std::string_view>, N>;

template <class Enum, std::size_t N>
std::string_view word_of(const Words<Enum, N>& words, Enum value) {
  for (const auto& [known, word] : words) {
    if (known == value) return word;
  }
  return "";
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Words<Enum, N>& words, std::string_view text) {
  for (const auto& [known, word] : words) {
    if (word == text) return known;
  }
  return std::nullopt;
}

constexpr Words<OrderStatus, 4> kOrderStatus{{{OrderStatus::pending, "pending"},
                                              {OrderStatus::completed, "completed"},
                                              {OrderStatus::canceled, "canceled"},
                                              {OrderStatus::refunded, "refunded"}}};
constexpr Words<LatePolicy, 2> kLatePolicy{
    {{LatePolicy::accept, "accept"}, {LatePolicy::staff, "staff"}}};
constexpr Words<EvidenceKind, 4> kEvidenceKind{{{EvidenceKind::payment, "payment"},
                                                {EvidenceKind::refund, "refund"},
                                                {EvidenceKind::reversal, "reversal"},
                                                {EvidenceKind::voided, "void"}}};
constexpr Words<Attention, 8> kAttention{{{Attention::none, "none"},
                                          {Attention::underpaid, "underpaid"},
                                          {Attention::excess, "excess"},
                                          {Attention::paid_late, "paid_late"},
                                          {Attention::shortage, "shortage"},
                                          {Attention::approval, "approval"},
                                          {Attention::mismatch, "mismatch"},
                                          {Attention::reversed, "reversed"}}};
constexpr Words<StockState, 3> kStockState{{{StockState::reserved, "reserved"},
                                            {StockState::released, "released"},
                                            {StockState::committed, "committed"}}};
constexpr Words<SessionStatus, 6> kSessionStatus{{{SessionStatus::open, "open"},
                                                  {SessionStatus::processing, "processing"},
                                                  {SessionStatus::settled, "settled"},
                                                  {SessionStatus::expired, "expired"},
                                                  {SessionStatus::canceled, "canceled"},
                                                  {SessionStatus::failed, "failed"}}};
constexpr Words<VerificationStatus, 3> kVerification{{{VerificationStatus::pending, "pending"},
                                                      {VerificationStatus::verified, "verified"},
                                                      {VerificationStatus::rejected, "rejected"}}};
constexpr Words<EvidenceSource, 6> kSource{{{EvidenceSource::webhook, "webhook"},
                                            {EvidenceSource::poll, "poll"},
                                            {EvidenceSource::sync, "sync"},
                                            {EvidenceSource::recovery, "recovery"},
                                            {EvidenceSource::manual, "manual"},
                                            {EvidenceSource::cash, "cash"}}};
constexpr Words<Outcome, 22> kOutcome{{{Outcome::already_settled, "already_settled"},
                                       {Outcome::evidence_reused, "evidence_reused"},
                                       {Outcome::currency_mismatch, "currency_mismatch"},
                                       {Outcome::receiver_mismatch, "receiver_mismatch"},
                                       {Outcome::older_than_session, "older_than_session"},
                                       {Outcome::no_amount, "no_amount"},
                                       {Outcome::excess, "excess"},
                                       {Outcome::underpaid, "underpaid"},
                                       {Outcome::paid_late_needs_staff, "paid_late_needs_staff"},
                                       {Outcome::overpaid, "overpaid"},
                                       {Outcome::paid_late_accepted, "paid_late_accepted"},
                                       {Outcome::settled, "settled"},
                                       {Outcome::awaiting_approval, "awaiting_approval"},
                                       {Outcome::refunded_before, "refunded_before"},
                                       {Outcome::already_refunded, "already_refunded"},
                                       {Outcome::unknown_original, "unknown_original"},
                                       {Outcome::more_than_held, "more_than_held"},
                                       {Outcome::void_refused, "void_refused"},
                                       {Outcome::voided, "voided"},
                                       {Outcome::excess_returned, "excess_returned"},
                                       {Outcome::refunded_partly, "refunded_partly"},
                                       {Outcome::refunded, "refunded"}}};

}  // namespace

std::string_view to_text(OrderStatus status) { return word_of(kOrderStatus, status); }
std::string_view to_text(LatePolicy policy) { return word_of(kLatePolicy, policy); }
std::string_view to_text(EvidenceKind kind) { return word_of(kEvidenceKind, kind); }
std::string_view to_text(Attention attention) { return word_of(kAttention, attention); }
std::string_view to_text(StockState state) { return word_of(kStockState, state); }
std::string_view to_text(SessionStatus status) { return word_of(kSessionStatus, status); }
std::string_view to_text(VerificationStatus status) { return word_of(kVerification, status); }
std::string_view to_text(EvidenceSource source) { return word_of(kSource, source); }
std::string_view to_text(Outcome outcome) { return word_of(kOutcome, outcome); }

std::optional<OrderStatus> order_status_from(std::string_view text) {
  return value_of(kOrderStatus, text);
}
std::optional<LatePolicy> late_policy_from(std::string_view text) {
  return value_of(kLatePolicy, text);
}
std::optional<EvidenceKind> evidence_kind_from(std::string_view text) {
  return value_of(kEvidenceKind, text);
}
std::optional<Attention> attention_from(std::string_view text) {
  return value_of(kAttention, text);
}
std::optional<StockState> stock_state_from(std::string_view text) {
  return value_of(kStockState, text);
}
std::optional<SessionStatus> session_status_from(std::string_view text) {
  return value_of(kSessionStatus, text);
}
std::optional<VerificationStatus> verification_status_from(std::string_view text) {
  return value_of(kVerification, text);
}
std::optional<EvidenceSource> evidence_source_from(std::string_view text) {
  return value_of(kSource, text);
}
std::optional<Outcome> outcome_from(std::string_view text) { return value_of(kOutcome, text); }

}  // namespace quittance::core
