// What providers are answered at the edge when they send their notices.
#include <gtest/gtest.h>

#include "support/edge.hpp"

namespace quittance::http {
namespace {

/// The edge of a shop with scripted rails.
struct Gate : testing::Edge {
  Gate() {
    for (const char* name : {"stripe", "qpay", "mvola"})
      registry.add(std::make_unique<testing::ScriptedProvider>(name));
    ApiParts few = parts();
    few.requests_per_minute = 5;
    few.guarded_requests_per_minute = 5;
    open(std::move(few));
  }
  base::HttpResponse send(std::string method, std::string path, std::string body = {}) {
    base::HttpRequest request{.method = std::move(method),
                              .path = std::move(path),
                              .body = std::move(body),
                              .remote_address = "10.0.0.1"};
    return answer(std::move(request));
  }
  std::int64_t kept() {
    static constexpr storage::Sql kSql{"SELECT COUNT(*) AS n FROM notices"};
    return number(kSql);
  }
};

TEST(NoticeEdge, S3_30_ASignedOneIsReceivedAndAWrongSignatureIsABadRequest) {
  Gate gate;
  const std::string body = "signed evt_1 paid - - nobody";
  EXPECT_EQ(gate.send("POST", "/payments/stripe/webhook/", body).status, 200);
  EXPECT_EQ(gate.send("POST", "/payments/stripe/webhook", body).status, 200) << "a repeat";
  EXPECT_EQ(gate.send("POST", "/payments/stripe/webhook/", "forged evt_2 paid").status, 400);
  EXPECT_EQ(gate.send("POST", "/payments/stripe/webhook/", "").status, 400);
  EXPECT_EQ(gate.kept(), 1);
}

TEST(NoticeEdge, ManyFromOneAddressAreNoFlood) {
  Gate gate;
  for (int i = 0; i < 50; ++i) {
    const std::string body = "signed evt_" + std::to_string(i) + " paid - - nobody";
    ASSERT_EQ(gate.send("POST", "/payments/stripe/webhook/", body).status, 200);
  }
  EXPECT_EQ(gate.kept(), 50);
}

TEST(NoticeEdge, S2_QpayHearsTheExactWordWhateverItSent) {
  Gate gate;
  for (const char* body : {"signed 1 paid - - nobody", "forged", ""}) {
    const auto got = gate.send("GET", "/api/qpay/callback", body);
    EXPECT_EQ(got.status, 200) << body;
    EXPECT_EQ(got.body, "SUCCESS") << body;
    const auto posted = gate.send("POST", "/api/qpay/callback", body);
    EXPECT_EQ(posted.status, 200) << body;
    EXPECT_EQ(posted.body, R"({"success":true})") << body;
  }
  EXPECT_EQ(gate.kept(), 1) << "only the one that it could verify";
}

TEST(NoticeEdge, C23_MvolaHearsThatItWasReceived) {
  Gate gate;
  for (const char* body : {"signed 1 paid - - nobody", "forged"}) {
    const auto put = gate.send("PUT", "/payments/mvola/callback/", body);
    EXPECT_EQ(put.status, 200);
    EXPECT_EQ(put.body, R"({"status":"received"})");
  }
  EXPECT_EQ(gate.kept(), 1);
}

TEST(NoticeEdge, ARailThatIsNotSetUpHasNoAddress) {
  Gate gate;
  EXPECT_EQ(gate.send("POST", "/payments/razorpay/webhook/", "signed 1 paid").status, 404);
}

TEST(NoticeEdge, ABranchsInvoiceIsAskedAboutByTheBranch) {
  Gate gate;
  gate.registry.add(std::make_unique<testing::ScriptedProvider>("qpay-north"));
  core::Session session = gate.draft(std::nullopt, testing::usd(500), "BILL_N");
  session.provider = "qpay-north";
  gate.write<core::SessionId>(
      [&session](storage::WritableBooks& books) { return books.insert_session(session); });
  base::HttpRequest request{.method = "GET",
                            .path = "/api/qpay/callback",
                            .query = "session=" + session.session_id,
                            .body = "signed 1 paid - - " + session.session_id,
                            .remote_address = "10.0.0.1"};
  gate.answer(std::move(request));
  EXPECT_TRUE(gate.read<std::optional<storage::StoredNotice>>(
      [](storage::Books& books) { return books.notice("qpay-north", "1"); }));
}

}  // namespace
}  // namespace quittance::http
