// How long payments went unseen, as those who run the place read it: settlements in the books, the
// percentiles in the reply.
#include "unit/http/clinic.hpp"

namespace quittance::http {
namespace {

using namespace std::chrono_literals;

/// `detection_ms` of the bank in the reply of `GET /api/admin/providers`.
Json detection(Clinic& clinic) {
  const Json told = clinic.get("/api/admin/providers");
  EXPECT_EQ(clinic.status, 200) << told.dump();
  for (const Json& one : told["providers"].array()) {
    if (one["provider"].text_or_empty() == "bakong") return one["detection_ms"];
  }
  return {};
}

/// A payment that was made `unseen` before it is settled.
void settle_late(Clinic& clinic, core::ProductId product, base::Duration unseen,
                 core::EvidenceSource source = core::EvidenceSource::poll) {
  const auto placed = clinic.place(product);
  core::Evidence evidence =
      clinic.money(placed.session, "pay-" + std::to_string(placed.order.value()), source);
  clinic.advance(unseen);
  evidence.seen_at = clinic.clock.now();
  EXPECT_EQ(clinic.settle(std::move(evidence)).outcome, core::Outcome::settled);
}

TEST(DetectionFigures, PercentilesOfWhatWasFoundAutomatically) {
  Clinic clinic;
  EXPECT_EQ(detection(clinic).dump(), R"({"p50":null,"p95":null,"p99":null,"count":0})");
  const auto product = clinic.add_product(1'000, tugrik(2'500));
  for (const int seconds : {3, 1, 2})
    settle_late(clinic, product, std::chrono::seconds(seconds));
  EXPECT_EQ(detection(clinic).dump(), R"({"p50":2000,"p95":3000,"p99":3000,"count":3})")
      << "of few, the worst is not hidden";
}

TEST(DetectionFigures, PercentilesOfAHundred) {
  Clinic clinic;
  const auto product = clinic.add_product(1'000, tugrik(2'500));
  // 37 has no divisor with 100: every delay of 1 to 100 s once, in no order.
  for (int i = 1; i <= 100; ++i)
    settle_late(clinic, product, std::chrono::seconds(i * 37 % 100 + 1));
  const std::string found = R"({"p50":50000,"p95":95000,"p99":99000,"count":100})";
  EXPECT_EQ(detection(clinic).dump(), found);
  for (int i = 0; i < 50; ++i)
    settle_late(clinic, product, 10min, core::EvidenceSource::manual);
  EXPECT_EQ(detection(clinic).dump(), found) << "what people said is no detection";
}

}  // namespace
}  // namespace quittance::http
