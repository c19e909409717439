// Statements about the due queue: who is claimed, in which order, and what staff are told of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using testing::kStart;
using testing::OpenBooks;
using testing::usd;
using namespace std::chrono_literals;

core::Session draft(std::string name) {
  return {.session_id = "session-" + name,
          .payment_id = "payment-" + name,
          .provider = "bakong",
          .environment = "sandbox",
          .receiver = "shop@bank",
          .amount = usd(1'000),
          .qr_data = "qr-" + name,
          .md5_hash = "md5-" + name,
          .bill_number = "bill-" + name,
          .reference_id = "ref-" + name,
          .created_at = kStart,
          .expires_at = kStart + 15min,
          .next_check_at = kStart + 1min};
}

class DueQueue : public ::testing::Test, protected OpenBooks {
 protected:
  core::SessionId add(const core::Session& session) {
    return write<core::SessionId>([&](WritableBooks& b) { return b.insert_session(session); });
  }
  core::Session get(core::SessionId id) {
    return read<std::optional<core::Session>>([id](Books& b) { return b.session(id); }).value();
  }
  core::Evidence evidence(core::SessionId id, std::string ref) {
    return {.source = core::EvidenceSource::poll,
            .session_id = id,
            .provider = "bakong",
            .provider_ref = std::move(ref),
            .amount = usd(1'000),
            .receiver = "shop@bank",
            .payer = "payer@bank",
            .paid_at = kStart + 1s,
            .seen_at = kStart + 2s,
            .actor = "system",
            .reason = "confirmed",
            .raw = "{\"hash\":1}"};
  }
  std::optional<core::EvidenceId> add_evidence(const core::Evidence& one) {
    return write<std::optional<core::EvidenceId>>(
        [&](WritableBooks& b) -> base::Result<std::optional<core::EvidenceId>> {
          TRY(const auto ids, b.insert_evidence(testing::just<NewEvidence>({.evidence = &one})));
          return ids.front();
        });
  }
  std::vector<core::SessionId> claim(base::Time now, std::int64_t limit) {
    std::vector<core::SessionId> ids;
    for (const auto& session : write<std::vector<core::Session>>([=](WritableBooks& b) {
           return b.claim_due_sessions("bakong", {.now = now, .lease_until = now + 30s}, limit);
         })) {
      ids.push_back(session.id);
    }
    return ids;
  }
};

using Ids = std::vector<core::SessionId>;

TEST_F(DueQueue, DueOnesAreClaimedHotFirstThenLongestDueAndLeased) {
  const auto due_at = [&](std::string name, base::Time due, std::optional<base::Time> hot) {
    auto session = draft(std::move(name));
    session.next_check_at = due;
    session.hot_until = hot;
    return add(session);
  };
  const base::Time now = kStart + 1h;
  const auto recent = due_at("recent", now, std::nullopt);
  const auto longest = due_at("longest", now - 50min, std::nullopt);
  const auto hot = due_at("hot", now, now + 1ms);
  const auto cooled = due_at("cooled", now - 1s, now);
  const auto later = due_at("later", now + 1ms, std::nullopt);
  auto foreign = draft("foreign");
  foreign.provider = "other";
  foreign.next_check_at = kStart;
  const auto elsewhere = add(foreign);
  EXPECT_EQ(read<std::optional<base::Time>>([](Books& b) { return b.next_due("bakong"); }),
            now - 50min);

  const auto two = claim(now, 2);
  EXPECT_EQ(two.at(0), hot);
  EXPECT_EQ(Ids(two.begin() + 1, two.end()), Ids{longest});
  EXPECT_EQ(get(hot).next_check_at, now + 30s);
  auto rest = claim(now, 50);
  std::ranges::sort(rest);
  EXPECT_EQ(rest, (Ids{recent, cooled}));
  EXPECT_TRUE(claim(now, 50).empty());
  EXPECT_TRUE(claim(now, 0).empty());
  EXPECT_EQ(claim(now + 30s, 50).size(), 5U) << "the lease is over, and the later one is due";
  EXPECT_EQ(get(later).next_check_at, now + 60s);
  EXPECT_EQ(get(elsewhere).next_check_at, kStart);
}

TEST_F(DueQueue, Law4_OneSecondInFourBelongsToWhoeverWaitsLongest) {
  auto patient = draft("patient");
  patient.next_check_at = kStart;
  auto hot = draft("hot");
  hot.next_check_at = kStart + 1s;
  hot.hot_until = kStart + 1h;
  const auto patient_id = add(patient);
  const auto hot_id = add(hot);
  int hot_first = 0;
  for (int second = 60; second < 64; ++second) {
    const auto now = kStart + std::chrono::seconds(second);
    const auto claimed = claim(now, 1);
    ASSERT_EQ(claimed.size(), 1U);
    hot_first += claimed[0] == hot_id ? 1 : 0;
    write<Rows>([=](WritableBooks& b) { return b.note_check(hot_id, "not_yet", now, now); });
    write<Rows>(
        [=](WritableBooks& b) { return b.note_check(patient_id, "not_yet", now, kStart + 30s); });
  }
  EXPECT_EQ(hot_first, 3);
}

TEST_F(DueQueue, N14_WhatAClockThatWasSetBackPlannedIsClaimedAfterWhatIsDue) {
  const base::Time now = kStart - 2h;
  const auto far = add(draft("far"));
  auto within = draft("within");
  within.next_check_at = now + 1h;
  add(within);
  auto due = draft("due");
  due.next_check_at = now;
  const auto due_id = add(due);
  EXPECT_EQ(claim(now, 1), Ids{due_id});
  EXPECT_EQ(claim(now, 50), Ids{far});
  EXPECT_EQ(get(far).next_check_at, now + 30s);
  EXPECT_TRUE(claim(now, 50).empty()) << "an hour ahead may be what a bank asked for";
}

TEST_F(DueQueue, FiguresCountWhatIsDueAndOpenAndHowFastMoneyWasSeen) {
  const auto id = add(draft("a"));
  add(draft("b"));
  const auto one = evidence(id, "hash-1");
  const auto evidence_id = add_evidence(one).value();
  write<Rows>([&](WritableBooks& b) {
    return b.insert_settlements(testing::just<Settlement>({.session_id = id,
                                                           .evidence_id = evidence_id,
                                                           .provider = "bakong",
                                                           .provider_ref = "hash-1",
                                                           .counted = usd(1'000),
                                                           .excess = usd(0),
                                                           .verification_method = "automatic",
                                                           .reason = "",
                                                           .paid_at = kStart,
                                                           .settled_at = kStart + 2'345ms}));
  });
  const auto figures = [&](base::Time now) {
    return read<DetectionFigures>([=](Books& b) { return b.detection_figures("bakong", now); });
  };
  const auto by_hand = add_evidence(evidence(id, "by-hand")).value();
  write<Rows>([&](WritableBooks& b) {
    return b.insert_settlements(testing::just<Settlement>({.session_id = id,
                                                           .evidence_id = by_hand,
                                                           .provider = "bakong",
                                                           .provider_ref = "by-hand",
                                                           .counted = usd(1),
                                                           .excess = usd(0),
                                                           .verification_method = "manual",
                                                           .reason = "",
                                                           .paid_at = kStart,
                                                           .settled_at = kStart + 9s}));
  });
  EXPECT_EQ(figures(kStart).due_sessions, 0);
  EXPECT_EQ(figures(kStart + 1min).due_sessions, 2);
  EXPECT_EQ(figures(kStart).open_sessions, 2);
  EXPECT_EQ(figures(kStart).delays_ms, std::vector<std::int64_t>{2'345});
  EXPECT_TRUE(figures(kStart + kDelaysOver + 3s).delays_ms.empty()) << "long ago";
  EXPECT_EQ(figures(kStart).oldest_due_at, std::nullopt);
  EXPECT_EQ(figures(kStart + 2min).oldest_due_at, kStart + 1min);
  EXPECT_EQ(figures(kStart).oldest_unknown_at, std::nullopt);
  write<Rows>(
      [=](WritableBooks& b) { return b.note_check(id, "unknown", kStart + 5s, kStart + 1min); });
  EXPECT_EQ(figures(kStart).oldest_unknown_at, kStart);
}

TEST_F(DueQueue, WhatFitsNoSessionIsCountedOnceThoughListAndNoticeTellOfIt) {
  const auto never_matched = [&] {
    return read<DetectionFigures>([](Books& b) { return b.detection_figures("bakong", kStart); })
        .never_matched;
  };
  EXPECT_EQ(never_matched(), 0);
  write<bool>([](WritableBooks& b) {
    return b.insert_notice(
        {.provider = "bakong", .notice_id = "n-1", .kind = "paid", .received_at = kStart});
  });
  EXPECT_EQ(never_matched(), 0) << "nobody has looked yet";
  write<Rows>([](WritableBooks& b) { return b.finish_notice(1, "no_session", kStart); });
  EXPECT_EQ(never_matched(), 1);
  ProviderPayment listed{.provider = "bakong",
                         .payment_ref = "p-1",
                         .state = "paid",
                         .amount = usd(100),
                         .refunded = usd(0),
                         .created_at = kStart,
                         .first_seen_at = kStart,
                         .changed_at = kStart};
  write<std::int64_t>([&](WritableBooks& b) { return b.insert_provider_payment(listed); });
  EXPECT_EQ(never_matched(), 2);
  write<bool>([](WritableBooks& b) {
    return b.insert_notice({.provider = "bakong",
                            .notice_id = "n-2",
                            .kind = "paid",
                            .payment_ref = "p-1",
                            .received_at = kStart});
  });
  write<Rows>([](WritableBooks& b) { return b.finish_notice(2, "no_session", kStart); });
  EXPECT_EQ(never_matched(), 2) << "the same payment, told twice";
}

TEST_F(DueQueue, WhenCallsAreFewTheYoungComeSoonerAndNobodyWaitsForADayInVain) {
  const auto due_since = [&](std::string name, base::Duration age, base::Time asked_at,
                             base::Time due) {
    auto session = draft(std::move(name));
    session.created_at = asked_at - age;
    const auto id = add(session);
    write<Rows>([=](WritableBooks& b) { return b.note_check(id, "not_yet", asked_at, due); });
    return id;
  };
  const base::Time now = kStart + 3h;
  const auto young = due_since("young", 10min, now - 1min, now - 11s);
  due_since("grown", 24h, now - 1min, now - 30s);
  const auto old = due_since("old", 24h * 31, now - 1min, now - 50s);
  const auto claim_one = [&](core::Ranking ranking, base::Time at) {
    const auto got = write<std::vector<core::Session>>([=](WritableBooks& b) {
      return b.claim_due_sessions("bakong",
                                  {.now = at, .lease_until = at + 1min, .ranking = ranking}, 1);
    });
    return got.at(0).id;
  };
  EXPECT_EQ(claim_one(core::Ranking::fifo, now), old);
  // Back in the queue, as it was.
  write<Rows>([=](WritableBooks& b) { return b.note_check(old, "not_yet", now, now - 50s); });
  EXPECT_EQ(claim_one(core::Ranking::expected_delay, now), young) << "33 s weigh more than 30, 25";
}

}  // namespace
}  // namespace quittance::storage
