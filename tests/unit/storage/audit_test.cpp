// The audit log: gapless, hashed as docs/audit.md says, part of the command that it tells of.
#include <gtest/gtest.h>

#include <fstream>

#include "support/open_books.hpp"

namespace quittance::storage {
namespace {

using base::Digest;
using base::ErrorCode;
using base::Result;
using testing::kStart;
using testing::OpenBooks;

AuditEntry entry(std::int64_t subject_id, std::string details = "{}") {
  return {.created_at = kStart + std::chrono::milliseconds(subject_id),
          .actor = "system",
          .action = "test.done",
          .subject_type = "order",
          .subject_id = subject_id,
          .details = std::move(details)};
}

class Audit : public ::testing::Test, protected OpenBooks {
 protected:
  /// Writes `count` entries in groups of `group`.
  void append(std::int64_t count, std::int64_t group) {
    while (count > 0) {
      const std::int64_t now = std::min(count, group);
      write<Rows>([now](WritableBooks& b) -> Result<Rows> {
        for (std::int64_t i = 0; i < now; ++i)
          TRY_VOID(b.insert_audit(entry(i)));
        return Rows();
      });
      count -= now;
    }
  }
  std::vector<AuditEntry> all() {
    return read<std::vector<AuditEntry>>([](Books& b) { return b.audit_after(0, 1'000'000); });
  }
  base::Frontier head() {
    return read<base::Frontier>([](Books& b) { return b.audit_frontier(); });
  }
  base::SubtreeDigests digests() {
    return [this](base::Subtree subtree) {
      return store->read_here<Digest>([subtree](Books& b) { return b.audit_digest(subtree); });
    };
  }
  /// The root from the fields alone.
  Digest recomputed(const std::vector<AuditEntry>& entries) {
    base::Frontier frontier;
    for (const AuditEntry& one : entries)
      frontier.add(base::leaf_digest(audit_bytes(one)));
    return frontier.root();
  }
};

TEST_F(Audit, S3AuditEntriesAreNumberedWithoutAGapAndHashed) {
  EXPECT_EQ(head().root(), base::empty_digest());
  append(3, 3);
  append(2, 1);
  const auto entries = all();
  ASSERT_EQ(entries.size(), 5U);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].seq, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(entries[i].leaf_hash, base::to_hex(base::leaf_digest(audit_bytes(entries[i]))));
  }
  EXPECT_EQ(head().size(), 5U);
  EXPECT_EQ(head().root(), recomputed(entries));
}

TEST_F(Audit, S3AuditACommandThatFailsLeavesNoEntry) {
  std::array<std::optional<Result<Rows>>, 9> answers;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    start(store->write<Rows>([i](WritableBooks& b) -> Result<Rows> {
      TRY_VOID(b.insert_audit(entry(static_cast<std::int64_t>(i))));
      if (i % 3 == 1) return base::fail(ErrorCode::conflict, "changed our mind");
      return Rows();
    }),
          answers[i]);
  }
  settle_down();
  const auto entries = all();
  ASSERT_EQ(entries.size(), 6U);
  for (const AuditEntry& one : entries)
    EXPECT_NE(one.subject_id % 3, 1);
  EXPECT_EQ(head().root(), recomputed(entries));
  const auto alone = try_write<Rows>([](WritableBooks& b) -> Result<Rows> {
    TRY_VOID(b.insert_audit(entry(99)));
    return base::fail(ErrorCode::conflict, "changed our mind");
  });
  EXPECT_FALSE(alone.has_value());
  EXPECT_EQ(all().size(), 6U);
}

TEST_F(Audit, S3AuditWorkForManyThatIsDoneAgainOneByOneIsLoggedOnce) {
  const Together<std::int64_t, bool> together{
      [](WritableBooks& b,
         std::span<const std::int64_t* const> items) -> Result<std::vector<Result<bool>>> {
        std::vector<Result<bool>> answers;
        for (const std::int64_t* item : items) {
          TRY_VOID(b.insert_audit(entry(*item)));
          if (*item == 2) return base::fail(ErrorCode::conflict, "one spoils it for all");
          answers.emplace_back(true);
        }
        return answers;
      }};
  std::array<std::optional<Result<bool>>, 4> answers;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    start(store->write_together<std::int64_t, bool>(together, static_cast<std::int64_t>(i)),
          answers[i]);
  }
  settle_down();
  std::vector<std::int64_t> subjects;
  for (const AuditEntry& one : all())
    subjects.push_back(one.subject_id);
  EXPECT_EQ(subjects, (std::vector<std::int64_t>{0, 1, 3}));
}

TEST_F(Audit, S3AuditEveryEntryOfALongLogIsProvenFromStoredHashes) {
  append(700, 97);
  const auto entries = all();
  const Digest root = head().root();
  EXPECT_EQ(root, recomputed(entries));
  EXPECT_EQ(*base::tree_digest(700, digests()), root);
  for (std::uint64_t index = 0; index < 700; index += 13) {
    const auto proof = base::inclusion_proof(index, 700, digests());
    ASSERT_TRUE(proof) << proof.error().detail;
    EXPECT_TRUE(base::verify_inclusion(index, 700, base::leaf_digest(audit_bytes(entries[index])),
                                       *proof, root));
    const auto consistent = base::consistency_proof(index, 700, digests());
    ASSERT_TRUE(consistent);
    EXPECT_TRUE(base::verify_consistency(index, 700, *base::tree_digest(index, digests()), root,
                                         *consistent));
  }
  static constexpr Sql kNodes{"SELECT COUNT(*) AS n FROM audit_nodes"};
  EXPECT_EQ(number(kNodes), 2);
}

TEST_F(Audit, S3AuditSubtreesOf65536EntriesAreStoredToo) {
  append(65'800, 8'000);
  static constexpr Sql kNodes{"SELECT COUNT(*) AS n FROM audit_nodes WHERE level = 16"};
  EXPECT_EQ(number(kNodes), 1);
  EXPECT_EQ(*base::tree_digest(65'800, digests()), head().root());
  const auto proof = base::inclusion_proof(40'000, 65'800, digests());
  ASSERT_TRUE(proof);
  const auto one = read<std::vector<AuditEntry>>([](Books& b) { return b.audit_after(40'000, 1); });
  EXPECT_TRUE(base::verify_inclusion(40'000, 65'800, base::leaf_digest(audit_bytes(one.front())),
                                     *proof, head().root()));
}

TEST_F(Audit, S3AuditAMissingHashIsAnErrorNotAWrongProof) {
  append(20, 20);
  const auto connection = database.open();
  static constexpr Sql kRemove{"DELETE FROM audit WHERE seq = 3"};
  ASSERT_TRUE(connection->run(kRemove).has_value());
  EXPECT_FALSE(base::inclusion_proof(12, 20, digests()).has_value());
  static constexpr Sql kSpoil{"UPDATE audit_head SET peaks = 'x'"};
  ASSERT_TRUE(connection->run(kSpoil).has_value());
  EXPECT_FALSE(store->read_here<base::Frontier>([](Books& b) { return b.audit_frontier(); }));
  // And nothing is written on top of a log that cannot be continued.
  EXPECT_FALSE(try_write<Rows>([](WritableBooks& b) { return b.insert_audit(entry(1)); }));
}

TEST_F(Audit, S3AuditFieldsCannotSlideIntoEachOther) {
  AuditEntry one = entry(1);
  one.actor = "ab";
  one.action = "c";
  AuditEntry other = one;
  other.actor = "a";
  other.action = "bc";
  EXPECT_NE(audit_bytes(one), audit_bytes(other));
  other = one;
  other.details = "{} ";
  EXPECT_NE(audit_bytes(one), audit_bytes(other));
}

TEST(AuditVectors, S3AuditAnIndependentScriptComesToTheSameLeafHashes) {
  std::ifstream file(QUITTANCE_TEST_VECTORS "/merkle/vectors.json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto vectors = base::Json::parse(text);
  ASSERT_TRUE(vectors);
  ASSERT_GE((*vectors)["audit"].array().size(), 3U);
  for (const base::Json& vector : (*vectors)["audit"].array()) {
    const AuditEntry one{.created_at = base::from_ms(*vector["created_at"].integer()),
                         .actor = *vector["actor"].string(),
                         .action = *vector["action"].string(),
                         .subject_type = *vector["subject_type"].string(),
                         .subject_id = *vector["subject_id"].integer(),
                         .details = *vector["details"].string(),
                         .seq = *vector["seq"].integer()};
    EXPECT_EQ(audit_bytes(one), base::from_hex(*vector["bytes"].string()));
    EXPECT_EQ(base::to_hex(base::leaf_digest(audit_bytes(one))), *vector["leaf_hash"].string());
  }
}

TEST(AuditOff, S3TheBenchMayMeasureWithoutIt) {
  testing::VirtualWorld world;
  const testing::TestDatabase database;
  auto store =
      Store::open({.path = database.where(), .audit = false, .inline_executor = &world.executor},
                  world.clock, world.log);
  ASSERT_TRUE(store.has_value());
  ASSERT_TRUE(
      world.run((*store)->write<Rows>([](WritableBooks& b) { return b.insert_audit(entry(1)); })));
  const auto size =
      (*store)->read_here<base::Frontier>([](Books& b) { return b.audit_frontier(); })->size();
  EXPECT_EQ(size, 0U);
}

}  // namespace
}  // namespace quittance::storage
