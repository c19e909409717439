// Statements about sessions, cleaning up, and the facts that follow from money.
#include <gtest/gtest.h>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using base::Result;
using core::SessionStatus;
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

class Sessions : public ::testing::Test, protected OpenBooks {
 protected:
  core::SessionId add(const core::Session& session) {
    return write<core::SessionId>([&](WritableBooks& b) { return b.insert_session(session); });
  }
  core::OrderId add_order(core::OrderStatus status = core::OrderStatus::pending) {
    const core::Order order{.transaction_id = std::to_string(++orders_),
                            .status = status,
                            .total = usd(1'000),
                            .paid = usd(0),
                            .refunded = usd(0)};
    return write<core::OrderId>([&](WritableBooks& b) { return b.insert_order(order); });
  }
  std::optional<core::Session> find(core::SessionId id) {
    return read<std::optional<core::Session>>([id](Books& b) { return b.session(id); });
  }
  core::Session get(core::SessionId id) { return find(id).value(); }
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

 private:
  int orders_ = 0;
};

using Ids = std::vector<core::SessionId>;

TEST_F(Sessions, AreReadBackAsTheyWereWritten) {
  auto wanted = draft("a");
  wanted.order_id = add_order();
  wanted.hot_until = kStart + 2min;
  wanted.id = add(wanted);
  const auto got = get(wanted.id);
  EXPECT_EQ(got.session_id, wanted.session_id);
  EXPECT_EQ(got.payment_id, wanted.payment_id);
  EXPECT_EQ(got.order_id, wanted.order_id);
  EXPECT_EQ(got.customer_id, std::nullopt);
  EXPECT_EQ(got.provider, "bakong");
  EXPECT_EQ(got.environment, "sandbox");
  EXPECT_EQ(got.receiver, "shop@bank");
  EXPECT_EQ(got.amount, usd(1'000));
  EXPECT_EQ(got.qr_data, "qr-a");
  EXPECT_EQ(got.reference_id, "ref-a");
  EXPECT_EQ(got.status, SessionStatus::open);
  EXPECT_EQ(got.payment_verification_status, core::VerificationStatus::pending);
  EXPECT_EQ(got.created_at, kStart);
  EXPECT_EQ(got.expires_at, kStart + 15min);
  EXPECT_EQ(got.completed_at, std::nullopt);
  EXPECT_EQ(got.next_check_at, kStart + 1min);
  EXPECT_EQ(got.hot_until, kStart + 2min);
  EXPECT_EQ(got.checks + got.unknowns, 0);
  EXPECT_EQ(got.last_answer, "");
  EXPECT_EQ(got.last_checked_at, std::nullopt);
}

TEST_F(Sessions, AreFoundByEveryKey) {
  auto first = draft("a");
  first.order_id = add_order();
  auto second = draft("b");
  second.order_id = first.order_id;
  second.md5_hash = first.md5_hash;
  second.bill_number = first.bill_number;
  second.customer_id = first.customer_id =
      write<core::CustomerId>([](WritableBooks& b) { return b.insert_customer({}, kStart); });
  const Ids newest_first{core::SessionId(2), core::SessionId(1)};
  EXPECT_EQ(add(first), newest_first[1]);
  EXPECT_EQ(add(second), newest_first[0]);
  const auto ids = [&](auto list) {
    Ids found;
    for (const auto& session : read<std::vector<core::Session>>(list))
      found.push_back(session.id);
    return found;
  };
  EXPECT_EQ(ids([](Books& b) { return b.sessions_by_md5("md5-a"); }), newest_first);
  EXPECT_EQ(ids([](Books& b) { return b.sessions_by_bill_number("bill-a"); }), newest_first);
  EXPECT_EQ(ids([&](Books& b) { return b.sessions_of_order(*first.order_id); }), newest_first);
  EXPECT_EQ(ids([&](Books& b) { return b.sessions_of_customer(*first.customer_id, 1); }),
            Ids{newest_first[0]});
  EXPECT_TRUE(ids([](Books& b) { return b.sessions_by_md5("md5-b"); }).empty());
  const auto by_public_id = [&](const char* id) {
    return read<std::optional<core::Session>>([=](Books& b) { return b.session_by_public_id(id); });
  };
  EXPECT_EQ(by_public_id("session-b")->id, newest_first[0]);
  EXPECT_FALSE(by_public_id("session-c"));
}

TEST_F(Sessions, S0_12_S0_13_IdsAreUniqueAndAmountsPositive) {
  add(draft("a"));
  auto same_session = draft("b");
  same_session.session_id = "session-a";
  auto same_payment = draft("c");
  same_payment.payment_id = "payment-a";
  auto nothing = draft("d");
  nothing.amount = usd(0);
  auto elsewhere = draft("e");
  elsewhere.environment = "moon";
  auto orphan = draft("f");
  orphan.order_id = core::OrderId(999);
  for (const auto& wrong : {same_session, same_payment, nothing, elsewhere, orphan}) {
    const auto refused =
        try_write<core::SessionId>([&](WritableBooks& b) { return b.insert_session(wrong); });
    ASSERT_FALSE(refused.has_value()) << wrong.qr_data;
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  }
}

TEST_F(Sessions, TheStatusChangesOnlyFromTheExpectedOne) {
  const auto id = add(draft("a"));
  const auto set = [&](SessionStatus from, SessionStatus to, std::optional<base::Time> at) {
    return write<bool>([=](WritableBooks& b) { return b.set_session_status(id, from, to, at); });
  };
  EXPECT_FALSE(set(SessionStatus::expired, SessionStatus::settled, kStart));
  EXPECT_TRUE(set(SessionStatus::open, SessionStatus::expired, std::nullopt));
  EXPECT_TRUE(get(id).next_check_at) << "expired, and still asked about";
  EXPECT_TRUE(set(SessionStatus::expired, SessionStatus::settled, kStart + 1h));
  EXPECT_EQ(get(id).completed_at, kStart + 1h);
  EXPECT_EQ(get(id).next_check_at, std::nullopt);
  EXPECT_EQ(get(id).payment_verification_status, core::VerificationStatus::verified);
}

TEST_F(Sessions, NotesOfAQuestionAreKeptUnlessItIsSettled) {
  const auto id = add(draft("a"));
  const auto note = [&](const char* answer, base::Time now) {
    return write<Rows>([=](WritableBooks& b) { return b.note_check(id, answer, now, now + 5s); })
        .changed;
  };
  EXPECT_EQ(note("unknown", kStart), 1);
  EXPECT_EQ(note("unknown", kStart + 1s), 1);
  EXPECT_EQ(get(id).unknowns, 2);
  EXPECT_EQ(note("not_yet", kStart + 2s), 1);
  const auto noted = get(id);
  EXPECT_EQ(noted.unknowns, 0);
  EXPECT_EQ(noted.checks, 3);
  EXPECT_EQ(noted.last_answer, "not_yet");
  EXPECT_EQ(noted.last_checked_at, kStart + 2s);
  EXPECT_EQ(noted.next_check_at, kStart + 7s);
  write<bool>([=](WritableBooks& b) {
    return b.set_session_status(id, SessionStatus::open, SessionStatus::settled, kStart);
  });
  EXPECT_EQ(note("not_yet", kStart + 3s), 0);
  EXPECT_EQ(write<Rows>([=](WritableBooks& b) {
              return b.heat_session(id, kStart, kStart + 1min);
            }).changed,
            0);
  EXPECT_EQ(get(id).next_check_at, std::nullopt);
}

TEST_F(Sessions, HeatMakesItDueAtOnceAndNeverLater) {
  const auto id = add(draft("a"));
  const auto heat = [&](base::Time now) {
    write<Rows>([=](WritableBooks& b) { return b.heat_session(id, now, now + 2min); });
  };
  heat(kStart + 5s);
  EXPECT_EQ(get(id).next_check_at, kStart + 5s);
  heat(kStart + 9s);
  EXPECT_EQ(get(id).next_check_at, kStart + 5s);
  EXPECT_EQ(get(id).hot_until, kStart + 9s + 2min);
  // Heat that is over is forgotten with the next answer.
  write<Rows>(
      [=](WritableBooks& b) { return b.note_check(id, "not_yet", kStart + 1h, kStart + 2h); });
  EXPECT_EQ(get(id).hot_until, std::nullopt);
}

TEST_F(Sessions, S0_28_ThePayersEvidenceHasAStatusOfItsOwn) {
  const auto id = add(draft("a"));
  write<Rows>([=](WritableBooks& b) {
    return b.set_verification_status(id, core::VerificationStatus::rejected);
  });
  EXPECT_EQ(get(id).payment_verification_status, core::VerificationStatus::rejected);
}

TEST_F(Sessions, C6_OnlyWhatIsOverAndDeniedExpiresTheRestIsHurried) {
  const auto id = add(draft("denied"));
  const auto too_early = add(draft("asked-before-its-end"));
  const auto unknown = add(draft("unknown"));
  const base::Time now = kStart + 16min;
  const auto note = [&](core::SessionId one, const char* answer, base::Time at) {
    write<Rows>([=](WritableBooks& b) { return b.note_check(one, answer, at, now + 1h); });
  };
  note(id, "not_yet", kStart + 15min);
  note(too_early, "not_yet", kStart + 15min - 1ms);
  note(unknown, "unknown", kStart + 15min);
  const auto expire = [&](base::Time at) {
    return write<std::int64_t>([=](WritableBooks& b) { return b.expire_overdue_sessions(at); });
  };
  EXPECT_EQ(expire(kStart + 15min - 1ms), 0);
  EXPECT_EQ(expire(now), 1);
  EXPECT_EQ(get(id).status, SessionStatus::expired);
  EXPECT_EQ(write<std::int64_t>([=](WritableBooks& b) { return b.hurry_overdue_sessions(now); }),
            2);
  EXPECT_EQ(get(too_early).next_check_at, now);
  EXPECT_EQ(get(unknown).next_check_at, now);
  EXPECT_EQ(get(id).next_check_at, now + 1h);
}

TEST_F(Sessions, S0_61_S0_70_C6_OnlyWhatIsPastRetentionAndHoldsNothingIsRemoved) {
  const base::Time since = kStart + 24h;
  struct Case {
    const char* name;
    SessionStatus status;
    bool old;
    bool asked_about;
    bool evidence;
    std::optional<core::OrderStatus> order;
    bool goes;
  };
  using enum SessionStatus;
  using Order = core::OrderStatus;
  const std::vector<Case> cases{
      {"expired", expired, true, false, false, std::nullopt, true},
      {"canceled", canceled, true, false, false, Order::canceled, true},
      {"failed", failed, true, false, false, Order::completed, true},
      {"young", expired, false, false, false, std::nullopt, false},
      {"open", open, true, false, false, std::nullopt, false},
      {"processing", processing, true, false, false, std::nullopt, false},
      {"settled", settled, true, false, false, std::nullopt, false},
      {"asked about", expired, true, true, false, std::nullopt, false},
      {"holds evidence", expired, true, false, true, std::nullopt, false},
      {"its order waits", expired, true, false, false, Order::pending, false}};
  Ids ids;
  std::int64_t going = 0;
  for (const Case& one : cases) {
    auto session = draft(one.name);
    session.status = one.status;
    session.created_at = one.old ? since - 1ms : since;
    if (!one.asked_about) session.next_check_at.reset();
    if (one.order) session.order_id = add_order(*one.order);
    ids.push_back(add(session));
    if (one.evidence) add_evidence(evidence(ids.back(), "hash-1"));
    going += one.goes ? 1 : 0;
  }
  EXPECT_EQ(write<std::int64_t>([=](WritableBooks& b) { return b.delete_stale_sessions(since); }),
            going);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(find(ids[i]).has_value(), !cases[i].goes) << cases[i].name;
  }
}

}  // namespace
}  // namespace quittance::storage
