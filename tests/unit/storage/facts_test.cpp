// Evidence, settlements, passes, approvals, audit and outbox: written once, never twice.
#include <gtest/gtest.h>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using base::ErrorCode;
using testing::kStart;
using testing::OpenBooks;
using testing::usd;
using namespace std::chrono_literals;

class Facts : public ::testing::Test, protected OpenBooks {
 protected:
  core::OrderId order = write<core::OrderId>([](WritableBooks& b) {
    return b.insert_order(
        {.transaction_id = "tx", .total = usd(1'000), .paid = usd(0), .refunded = usd(0)});
  });
  core::SessionId session = write<core::SessionId>([this](WritableBooks& b) {
    return b.insert_session({.session_id = "s",
                             .payment_id = "p",
                             .order_id = order,
                             .provider = "bakong",
                             .environment = "sandbox",
                             .amount = usd(1'000)});
  });
  core::Evidence evidence{.source = core::EvidenceSource::poll,
                          .session_id = session,
                          .provider = "bakong",
                          .provider_ref = "hash-1",
                          .amount = usd(1'000),
                          .receiver = "shop@bank",
                          .payer = "payer@bank",
                          .paid_at = kStart + 1s,
                          .seen_at = kStart + 2s,
                          .actor = "system",
                          .reason = "confirmed",
                          .raw = "{\"hash\":1}"};

  std::optional<core::EvidenceId> add(const core::Evidence& one) {
    return write<std::optional<core::EvidenceId>>(
        [&](WritableBooks& b) -> base::Result<std::optional<core::EvidenceId>> {
          TRY(const auto ids, b.insert_evidence(testing::just<NewEvidence>(
                                  {.evidence = &one, .outcome = core::Outcome::overpaid})));
          return ids.front();
        });
  }
  Settlement settlement(core::EvidenceId id) {
    return {.session_id = session,
            .order_id = order,
            .evidence_id = id,
            .provider = "bakong",
            .provider_ref = "hash-1",
            .outcome = core::Outcome::overpaid,
            .counted = usd(1'000),
            .excess = usd(5),
            .verification_method = "automatic",
            .reason = "confirmed",
            .paid_at = kStart + 1s,
            .settled_at = kStart + 2s};
  }
};

TEST_F(Facts, EvidenceIsKeptOncePerSourceAndReadBackWhole) {
  const auto first = add(evidence);
  ASSERT_TRUE(first);
  EXPECT_FALSE(add(evidence));
  auto webhook = evidence;
  webhook.source = core::EvidenceSource::webhook;
  EXPECT_TRUE(add(webhook));
  auto other = evidence;
  other.provider_ref = "hash-2";
  EXPECT_TRUE(add(other));
  const auto all =
      read<std::vector<SeenEvidence>>([this](Books& b) { return b.evidence_of_order(order); });
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].id, *first);
  EXPECT_EQ(all[0].outcome, core::Outcome::overpaid);
  const core::Evidence& got = all[0].evidence;
  EXPECT_EQ(got.source, evidence.source);
  EXPECT_EQ(got.session_id, session);
  EXPECT_EQ(got.provider, "bakong");
  EXPECT_EQ(got.provider_ref, "hash-1");
  EXPECT_EQ(got.amount, usd(1'000));
  EXPECT_EQ(got.receiver, "shop@bank");
  EXPECT_EQ(got.payer, "payer@bank");
  EXPECT_EQ(got.paid_at, kStart + 1s);
  EXPECT_EQ(got.seen_at, kStart + 2s);
  EXPECT_EQ(got.actor, "system");
  EXPECT_EQ(got.reason, "confirmed");
  EXPECT_EQ(got.raw, "{\"hash\":1}");
  EXPECT_EQ(all[1].evidence.source, core::EvidenceSource::webhook);
}

TEST_F(Facts, Law2_MoneyIsCountedOncePerReference) {
  const auto id = add(evidence).value();
  const auto insert = [&](const Settlement& one) {
    return try_write<Rows>(
        [&](WritableBooks& b) { return b.insert_settlements(testing::just(one)); });
  };
  ASSERT_TRUE(insert(settlement(id)).has_value());
  const auto again = insert(settlement(id));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  auto elsewhere = settlement(id);
  elsewhere.provider = "qpay";
  EXPECT_FALSE(insert(elsewhere).has_value()) << "one piece of evidence, one settlement";
  core::Evidence theirs = evidence;
  theirs.provider = "qpay";
  elsewhere.evidence_id = add(theirs).value();
  EXPECT_TRUE(insert(elsewhere).has_value()) << "references are the provider's own";
  auto without_evidence = settlement(core::EvidenceId(999));
  without_evidence.provider_ref = "hash-9";
  EXPECT_FALSE(insert(without_evidence).has_value());

  const auto found = [&](const char* ref) {
    const auto all = read<std::vector<Settlement>>([=](Books& b) {
      return b.settlements(testing::just<MoneyRef>({.provider = "bakong", .provider_ref = ref}));
    });
    return all.empty() ? std::nullopt : std::optional(all.front());
  };
  ASSERT_TRUE(found("hash-1"));
  EXPECT_FALSE(found("hash-2"));
  const Settlement got = found("hash-1").value();
  EXPECT_EQ(got.session_id, session);
  EXPECT_EQ(got.order_id, order);
  EXPECT_EQ(got.evidence_id, id);
  EXPECT_EQ(got.outcome, core::Outcome::overpaid);
  EXPECT_EQ(got.counted, usd(1'000));
  EXPECT_EQ(got.excess, usd(5));
  EXPECT_EQ(got.verification_method, "automatic");
  EXPECT_EQ(got.reason, "confirmed");
  EXPECT_EQ(got.paid_at, kStart + 1s);
  EXPECT_EQ(got.settled_at, kStart + 2s);
  EXPECT_EQ(read<std::vector<Settlement>>([this](Books& b) {
              return b.settlements_of_order(order);
            }).size(),
            2U);
}

TEST_F(Facts, ASessionThatHoldsEvidenceCannotBeRemoved) {
  ASSERT_TRUE(add(evidence));
  const auto connection = database.open();
  static constexpr Sql kRemove{"DELETE FROM payment_sessions"};
  const auto refused = connection->run(kRemove);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST_F(Facts, C24_OnePassPerKindSubjectAndPeriod) {
  const auto insert = [&](Pass pass) {
    write<Rows>([&](WritableBooks& b) { return b.insert_passes(testing::just(pass)); });
  };
  const Pass pass{.kind = "vehicle_tax",
                  .subject = "1234 TBA",
                  .period = "2026",
                  .token = "token-1",
                  .order_id = order,
                  .valid_from = kStart,
                  .valid_until = kStart + 24h};
  insert(pass);
  Pass again = pass;
  again.token = "token-2";
  again.valid_until = kStart + 1h;
  insert(again);
  Pass next_year = again;
  next_year.period = "2027";
  next_year.active = false;
  insert(next_year);
  const auto by_token = [&](const char* token) {
    return read<std::optional<Pass>>([=](Books& b) { return b.pass_by_token(token); });
  };
  EXPECT_EQ(by_token("token-1")->period, "2026");
  EXPECT_TRUE(by_token("token-1")->active);
  EXPECT_FALSE(by_token("token-2")->active);
  write<Rows>([&](WritableBooks& b) { return b.revoke_passes(testing::just(order)); });
  EXPECT_FALSE(by_token("token-1")->active);
  insert(again);
  EXPECT_TRUE(by_token("token-1")->active) << "paid again, and the same token holds";
  EXPECT_EQ(by_token("token-1")->valid_until, kStart + 24h);
  EXPECT_FALSE(by_token("token-3"));
  EXPECT_EQ(read<std::optional<Pass>>([this](Books& b) { return b.pass_of_order(order); })->token,
            "token-1");
}

TEST_F(Facts, ApprovalsAndAuditAreListedInTheirOrder) {
  const auto id = add(evidence).value();
  for (const char* approver : {"system", "sokha"}) {
    write<Rows>([=, this](WritableBooks& b) {
      return b.insert_approvals(testing::just<Approval>({.order_id = order,
                                                         .approver = approver,
                                                         .decision = "approved",
                                                         .reason = "why",
                                                         .evidence_id = id,
                                                         .created_at = kStart}));
    });
    write<Rows>([=, this](WritableBooks& b) {
      return b.insert_audit({.created_at = kStart,
                             .actor = approver,
                             .action = "did",
                             .subject_type = "order",
                             .subject_id = order.value(),
                             .details = "{}"});
    });
  }
  const auto approvals =
      read<std::vector<Approval>>([this](Books& b) { return b.approvals_of_order(order); });
  ASSERT_EQ(approvals.size(), 2U);
  EXPECT_EQ(approvals[0].approver, "system");
  EXPECT_EQ(approvals[1].approver, "sokha");
  EXPECT_EQ(approvals[0].decision, "approved");
  EXPECT_EQ(approvals[0].reason, "why");
  EXPECT_EQ(approvals[0].evidence_id, id);
  const auto audit = read<std::vector<AuditEntry>>(
      [this](Books& b) { return b.audit_of("order", order.value()); });
  ASSERT_EQ(audit.size(), 2U);
  EXPECT_EQ(audit[0].actor, "system");
  EXPECT_EQ(audit[0].action, "did");
  EXPECT_EQ(audit[0].details, "{}");
  EXPECT_TRUE(read<std::vector<AuditEntry>>([this](Books& b) {
                return b.audit_of("session", order.value());
              }).empty());
}

TEST_F(Facts, C27_N8_TheOutboxTakesEachNewsOnce) {
  const auto insert = [&](const char* key) {
    return write<Rows>([=](WritableBooks& b) {
             return b.insert_outbox(testing::just<OutboxEntry>({.topic = "order.completed",
                                                                .dedupe_key = key,
                                                                .payload = "{}",
                                                                .created_at = kStart}));
           })
        .changed;
  };
  EXPECT_EQ(insert("order.completed:1"), 1);
  EXPECT_EQ(insert("order.completed:1"), 0);
  EXPECT_EQ(insert("order.completed:2"), 1);
  static constexpr Sql kWaiting{"SELECT COUNT(*) AS n FROM outbox WHERE distributed_at IS NULL"};
  EXPECT_EQ(number(kWaiting), 2);
}

TEST_F(Facts, AWordOfANewerProgramIsAnErrorNotAGuess) {
  const auto connection = database.open();
  static constexpr Sql kForeign{"UPDATE orders SET attention = 'bewitched'"};
  ASSERT_TRUE(connection->run(kForeign).has_value());
  const auto read_order =
      store->read_here<std::optional<core::Order>>([this](Books& b) { return b.order(order); });
  ASSERT_FALSE(read_order.has_value());
  EXPECT_EQ(read_order.error().code, ErrorCode::storage_failure);
  EXPECT_EQ(read_order.error().message.find("bewitched"), std::string::npos);
}

}  // namespace
}  // namespace quittance::storage
