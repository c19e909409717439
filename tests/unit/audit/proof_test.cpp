// Checkpoints and proofs: what we sign opens, and nothing else does.
#include <gtest/gtest.h>

#include "unit/audit/market.hpp"

namespace quittance::audit {
namespace {

using base::Json;
using testing::Market;
using testing::usd;
using namespace std::chrono_literals;

base::SigningKey key_of(char seed) {
  return base::SigningKey::from_seed(base::Secret(std::string(32, seed))).value();
}

Checkpoint some_checkpoint() {
  return {.origin = "shop.example/log",
          .size = 42,
          .root = base::leaf_digest("root"),
          .signed_at = testing::kStart};
}

TEST(CheckpointNote, S3AuditIsASignedNote) {
  const auto key = key_of('l');
  const std::string note = sign_checkpoint(key, some_checkpoint());
  EXPECT_TRUE(note.starts_with("shop.example/log\n42\n"));
  EXPECT_NE(note.find("\n\n\xE2\x80\x94 shop.example/log "), std::string::npos);
  EXPECT_EQ(open_checkpoint(key.public_key(), note), some_checkpoint());
  EXPECT_FALSE(open_checkpoint(key_of('m').public_key(), note));
}

TEST(CheckpointNote, S3AuditAnyByteThatIsTurnedClosesIt) {
  const auto key = key_of('l');
  const std::string note = sign_checkpoint(key, some_checkpoint());
  for (std::size_t i = 0; i < note.size(); ++i) {
    std::string turned = note;
    turned[i] = static_cast<char>(turned[i] ^ 1);
    EXPECT_FALSE(open_checkpoint(key.public_key(), turned)) << i;
    EXPECT_FALSE(open_checkpoint(key.public_key(), note.substr(0, i))) << i;
  }
  EXPECT_FALSE(open_checkpoint(key.public_key(), note + "x"));
}

TEST(CheckpointNote, S3AuditAWitnessMaySignBesideUs) {
  const auto key = key_of('l');
  std::string note = sign_checkpoint(key, some_checkpoint());
  note += "\xE2\x80\x94 witness.example AAAAAAAA\n";
  EXPECT_TRUE(open_checkpoint(key.public_key(), note));
}

TEST(VerifierKey, S3AuditIsReadStrictly) {
  const auto key = key_of('l');
  const std::string text = verifier_key("shop.example/log", key.public_key());
  EXPECT_EQ(public_key_of(text), key.public_key());
  EXPECT_FALSE(public_key_of(text.substr(1)));
  EXPECT_FALSE(public_key_of(text + "A"));
  EXPECT_FALSE(public_key_of(""));
  EXPECT_FALSE(public_key_of("a+b+c"));
}

TEST(Origin, S3AuditIsTheAddressWithoutScheme) {
  EXPECT_EQ(origin_of("https://shop.example"), "shop.example/log");
  EXPECT_EQ(origin_of("https://shop.example/"), "shop.example/log");
  EXPECT_EQ(origin_of("http://127.0.0.1:8000"), "127.0.0.1:8000/log");
}

struct Proofs : ::testing::Test {
  Market market;
  core::OrderId order = testing::trade(market);

  Json file_of(const storage::AuditEntry& entry) {
    const auto checkpoint = market.checkpoint();
    return market.read<Json>([&](storage::Books& books) -> base::Result<Json> {
      TRY(const Proof proof, prove(books, entry.seq, checkpoint));
      return proof_file(proof, entry, key);
    });
  }
  std::string key = verifier_key("shop.example/log", market.log_key.public_key());
};

TEST_F(Proofs, S3AuditACheckpointIsSignedWhenTheLogHasGrown) {
  const auto first = market.checkpoint();
  market.advance(1h);
  EXPECT_EQ(market.checkpoint().note, first.note);
  market.stock(1);
  const auto second = market.checkpoint();
  EXPECT_EQ(second.size, first.size + 1);
  const auto old_head = open_checkpoint(market.log_key.public_key(), first.note);
  const auto head = open_checkpoint(market.log_key.public_key(), second.note);
  ASSERT_TRUE(old_head && head);
  EXPECT_EQ(head->signed_at, market.clock.now());
  const auto growth = market.read<std::vector<base::Digest>>(
      [&](storage::Books& books) { return prove_growth(books, first.size, second.size); });
  EXPECT_TRUE(
      base::verify_consistency(old_head->size, head->size, old_head->root, head->root, growth));
  EXPECT_FALSE(market.store->read_here<std::vector<base::Digest>>(
      [&](storage::Books& books) { return prove_growth(books, 1, second.size + 1); }));
}

TEST_F(Proofs, S3AuditEveryEntryIsProvenAndItsFileSaysWhatItWas) {
  for (const auto& entry : market.audit(order)) {
    const auto proven = verify_proof(file_of(entry).dump(), key);
    ASSERT_TRUE(proven.has_value()) << proven.error().message;
    EXPECT_EQ(proven->entry.seq, entry.seq);
    EXPECT_EQ(proven->entry.action, entry.action);
    EXPECT_EQ(proven->entry.details, entry.details);
    EXPECT_EQ(proven->checkpoint.origin, "shop.example/log");
  }
}

TEST_F(Proofs, S3AuditAFileThatIsChangedProvesNothing) {
  const auto entry = market.audit(order).back();
  const Json good = file_of(entry);
  const auto refused = [&](std::string_view member, Json value) {
    Json bad = good;
    bad.set(member, std::move(value));
    return !verify_proof(bad.dump(), key).has_value();
  };
  storage::AuditEntry other = entry;
  other.actor = "somebody else";
  EXPECT_TRUE(refused("entry", base::to_base64(storage::audit_bytes(other))));
  other = entry;
  other.seq = 1;
  EXPECT_TRUE(refused("entry", base::to_base64(storage::audit_bytes(other))));
  EXPECT_TRUE(refused("entry", "AA=="));
  EXPECT_TRUE(refused("hashes", Json(Json::Array{})));
  EXPECT_TRUE(refused("hashes", Json()));
  EXPECT_TRUE(refused("checkpoint", "x"));
  EXPECT_FALSE(verify_proof(good.dump(), verifier_key("x", key_of('m').public_key())));
  EXPECT_FALSE(verify_proof("{", key));
  EXPECT_FALSE(verify_proof(std::string(2 * kProofLimit, ' '), key));
  // With its own key it fits together, which is what it then proves.
  EXPECT_TRUE(verify_proof(good.dump(), ""));
}

TEST_F(Proofs, S3AuditACheckpointThatIsOlderThanTheEntryProvesNothing) {
  const auto checkpoint = market.checkpoint();
  market.stock(1);
  const auto proof = market.store->read_here<Proof>(
      [&](storage::Books& books) { return prove(books, checkpoint.size + 1, checkpoint); });
  ASSERT_FALSE(proof.has_value());
  EXPECT_EQ(proof.error().code, base::ErrorCode::not_found);
}

TEST_F(Proofs, S3AuditBytesOfAnEntryAreReadBackAsTheyWere) {
  for (const auto& entry : market.audit(order)) {
    const auto read = storage::read_audit_bytes(storage::audit_bytes(entry));
    ASSERT_TRUE(read);
    EXPECT_EQ(storage::audit_bytes(*read), storage::audit_bytes(entry));
  }
  const std::string bytes = storage::audit_bytes(market.audit(order).front());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    EXPECT_FALSE(storage::read_audit_bytes(bytes.substr(0, i))) << i;
  EXPECT_FALSE(storage::read_audit_bytes(bytes + "x"));
}

}  // namespace
}  // namespace quittance::audit
