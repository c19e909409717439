// The words that stand in databases out there. A line here may be added, never changed or removed.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/core.hpp"

namespace quittance::core {
namespace {

template <class Enum>
using Golden = std::vector<std::pair<Enum, std::string_view>>;

/// Each word is written for its value and read back as it; every other value is none of them, so a
/// value that was added without its line here is found out.
template <class Enum, class Read>
void expect_words(const Golden<Enum>& golden, Read read) {
  for (const auto& [value, word] : golden) {
    EXPECT_EQ(to_text(value), word);
    EXPECT_EQ(read(word), value) << word;
  }
  for (int i = 0; i < 64; ++i) {
    const auto value = static_cast<Enum>(i);
    const bool listed =
        std::ranges::any_of(golden, [value](const auto& entry) { return entry.first == value; });
    EXPECT_EQ(listed, !to_text(value).empty()) << "value " << i << " " << to_text(value);
  }
  for (const std::string_view foreign : {"", "PENDING", "pending ", "paid", "0", "unknown"}) {
    EXPECT_EQ(read(foreign), std::nullopt) << foreign;
  }
}

TEST(Words, OrderStatus) {
  expect_words(Golden<OrderStatus>{{OrderStatus::pending, "pending"},
                                   {OrderStatus::completed, "completed"},
                                   {OrderStatus::canceled, "canceled"},
                                   {OrderStatus::refunded, "refunded"}},
               order_status_from);
}

TEST(Words, Attention) {
  expect_words(Golden<Attention>{{Attention::none, "none"},
                                 {Attention::underpaid, "underpaid"},
                                 {Attention::excess, "excess"},
                                 {Attention::paid_late, "paid_late"},
                                 {Attention::shortage, "shortage"},
                                 {Attention::approval, "approval"},
                                 {Attention::mismatch, "mismatch"},
                                 {Attention::reversed, "reversed"}},
               attention_from);
}

TEST(Words, AttentionSetsAsTheyAreStored) {
  EXPECT_EQ(AttentionSet().text(), "none");
  const AttentionSet set = Attention::mismatch | Attention::underpaid;
  EXPECT_EQ(set.text(), "underpaid,mismatch");
  for (const std::string_view text : {"none", "excess", "underpaid,mismatch", "excess,reversed"}) {
    EXPECT_EQ(AttentionSet::from_text(text).value().text(), text);
  }
  for (const std::string_view text : {"", ",", "excess,", "excess,,paid_late", "unknown"}) {
    EXPECT_FALSE(AttentionSet::from_text(text)) << text;
  }
}

TEST(Words, LatePolicy) {
  expect_words(Golden<LatePolicy>{{LatePolicy::accept, "accept"}, {LatePolicy::staff, "staff"}},
               late_policy_from);
}

TEST(Words, EvidenceKind) {
  expect_words(Golden<EvidenceKind>{{EvidenceKind::payment, "payment"},
                                    {EvidenceKind::refund, "refund"},
                                    {EvidenceKind::reversal, "reversal"},
                                    {EvidenceKind::voided, "void"}},
               evidence_kind_from);
}

TEST(Words, StockState) {
  expect_words(Golden<StockState>{{StockState::reserved, "reserved"},
                                  {StockState::released, "released"},
                                  {StockState::committed, "committed"}},
               stock_state_from);
}

TEST(Words, SessionStatus) {
  expect_words(Golden<SessionStatus>{{SessionStatus::open, "open"},
                                     {SessionStatus::processing, "processing"},
                                     {SessionStatus::settled, "settled"},
                                     {SessionStatus::expired, "expired"},
                                     {SessionStatus::canceled, "canceled"},
                                     {SessionStatus::failed, "failed"}},
               session_status_from);
}

TEST(Words, S0_28_VerificationStatus) {
  expect_words(Golden<VerificationStatus>{{VerificationStatus::pending, "pending"},
                                          {VerificationStatus::verified, "verified"},
                                          {VerificationStatus::rejected, "rejected"}},
               verification_status_from);
}

TEST(Words, EvidenceSource) {
  expect_words(Golden<EvidenceSource>{{EvidenceSource::webhook, "webhook"},
                                      {EvidenceSource::poll, "poll"},
                                      {EvidenceSource::sync, "sync"},
                                      {EvidenceSource::recovery, "recovery"},
                                      {EvidenceSource::manual, "manual"},
                                      {EvidenceSource::cash, "cash"}},
               evidence_source_from);
}

TEST(Words, Outcome) {
  expect_words(Golden<Outcome>{{Outcome::already_settled, "already_settled"},
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
                               {Outcome::refunded, "refunded"}},
               outcome_from);
}

TEST(Words, PassKindAndTheByteInsideAToken) {
  expect_words(Golden<PassKind>{{PassKind::receipt, "receipt"},
                                {PassKind::vehicle_tax, "vehicle_tax"},
                                {PassKind::ticket, "ticket"}},
               pass_kind_from);
  EXPECT_EQ(static_cast<int>(PassKind::receipt), 1);
  EXPECT_EQ(static_cast<int>(PassKind::vehicle_tax), 2);
  EXPECT_EQ(static_cast<int>(PassKind::ticket), 3);
}

TEST(Words, S0_22_C35_SessionStatusInTheSourcesWords) {
  EXPECT_EQ(to_source_text(SessionStatus::open), "pending");
  EXPECT_EQ(to_source_text(SessionStatus::processing), "pending");
  EXPECT_EQ(to_source_text(SessionStatus::settled), "completed");
  EXPECT_EQ(to_source_text(SessionStatus::expired), "expired");
  EXPECT_EQ(to_source_text(SessionStatus::canceled), "expired");
  EXPECT_EQ(to_source_text(SessionStatus::failed), "failed");
}

}  // namespace
}  // namespace quittance::core
